//! What recorded reviews come to for one assessment: which count, which do not and why, and what is missing.

use std::collections::BTreeMap;

use dossier::Policy;
use engine::Recorded;
use ledger::{Ended, Keyring, Role};
use model::{Decision, Review};
use workflow::people::folded;

use super::{Authors, wants_reviewer_key};
use crate::history::{History, Judged};

/// One review that the policy asks for, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub checkpoint: String,
    /// Whether it is approved, by somebody who may, and sent back by nobody.
    pub approved: bool,
    /// One sentence that says why.
    pub because: String,
}

/// Where each review of the policy's stands for an assessment.
pub fn standing(
    history: &History,
    ring: &Keyring,
    judged: &Judged,
    authors: &Authors<'_>,
    policy: Option<&Policy>,
) -> Vec<Standing> {
    let one = |checkpoint: &str| {
        let (approved, because) = weigh(history, ring, judged, authors, policy, checkpoint);
        Standing { checkpoint: checkpoint.to_owned(), approved, because }
    };
    Policy::reviews(policy).into_iter().map(one).collect()
}

fn weigh(
    history: &History,
    ring: &Keyring,
    judged: &Judged,
    authors: &Authors<'_>,
    policy: Option<&Policy>,
    checkpoint: &str,
) -> (bool, String) {
    let mut newest: BTreeMap<String, &Recorded<Review>> = BTreeMap::new();
    for review in history.reviews() {
        let body = &review.body;
        if body.assessment == judged.seq && body.checkpoint == checkpoint {
            newest.insert(folded(&body.person), review);
        }
    }
    let said = |review: &Recorded<Review>, what: &str| {
        format!("{} {what} record {} by record {}", review.body.person, judged.seq, review.seq)
    };
    // Whoever sent it back has to approve it themselves; nobody else lifts that.
    if let Some(review) = newest.values().find(|r| r.body.decision == Decision::Return) {
        return (false, format!("{}: {}", said(review, "sent back"), review.body.reasons));
    }
    let mut refused = None;
    for review in newest.values() {
        match objection(history, ring, judged, authors, policy, review) {
            None => return (true, said(review, "approved")),
            Some(why) => refused = Some(format!("{} does not count: {why}", said(review, "approving"))),
        }
    }
    (false, refused.unwrap_or_else(|| format!("nobody has reviewed record {}", judged.seq)))
}

/// Why a recorded approval does not count, if so: a ledger can hold one that another program let through.
fn objection(
    history: &History,
    ring: &Keyring,
    judged: &Judged,
    authors: &Authors<'_>,
    policy: Option<&Policy>,
    review: &Recorded<Review>,
) -> Option<String> {
    if review.body.verdicts != judged.record.verdicts || review.body.release != judged.record.release {
        return Some("it is over other verdicts".to_owned());
    }
    let keys: Vec<_> = history.signers_of(review.seq).iter().filter_map(|id| id.parse().ok()).collect();
    if keys.is_empty() {
        return Some("no key signed it".to_owned());
    }
    for id in keys {
        if let Some(why) = authors.objection(&review.body.person, id) {
            return Some(why);
        }
        let Some(known) = ring.get(id) else { return Some(format!("key {id} is not in the ledger")) };
        if let Some(Ended::Revoked(why)) = &known.ended {
            return Some(format!("its key {id} was revoked: {why}"));
        }
        if wants_reviewer_key(policy) && known.role != Role::Reviewer {
            return Some(format!(
                "the policy asks for a key of the role `reviewer`, and {id} is one of `{}`",
                known.role
            ));
        }
    }
    None
}
