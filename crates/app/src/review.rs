//! Reviewing: a named person, who had no part in it, approves a recorded assessment or sends it back.
//!
//! A review changes no verdict. Whether one still counts later is decided by the gate, on the ledger as it is then.

mod authors;
mod standing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dossier::{Dossier, Policy};
use engine::{Assessment, RULESET, Recorded};
use ledger::{KeyId, Role};
use model::{CanonicalError, Decision, Digest, Review, Timestamp};

use crate::folder::{self, FolderError};
use crate::history::{History, Judged};
use crate::records::{Records, RecordsError};
use crate::replay::{ReplayError, replay};
use crate::verdicts;
pub use authors::{Authors, Rests, cited};
pub use standing::{Standing, standing};

/// Why nothing was reviewed.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// What the assessment was derived from cannot be had.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The person or the reasons are missing, or the policy knows no such review.
    #[error("review: {0}")]
    Incomplete(String),
    /// There is no assessment to review.
    #[error("review: {0}\n\nhint: `assay judge --record` records an assessment")]
    Nothing(String),
    /// The assessment is not one to be reviewed any more.
    #[error("review record {record}: {why}")]
    Outdated {
        /// Position of the assessment.
        record: u64,
        /// Why.
        why: String,
    },
    /// The reviewer had a part in it.
    #[error(
        "review record {record}: {why}\n\nhint: somebody reviews who had no part in it, with a key of their own"
    )]
    Partial {
        /// Position of the assessment.
        record: u64,
        /// Which part.
        why: String,
    },
    /// The key may not sign a review here.
    #[error(
        "review record {record}: the policy asks for a key of the role `reviewer`, and key {key} is one of `{role}`\n\n\
         hint: `assay key add FILE --role reviewer` enters one, `--key FILE` signs with it"
    )]
    Key {
        /// Position of the assessment.
        record: u64,
        /// The key.
        key: KeyId,
        /// Its role.
        role: Role,
    },
}

/// What a reviewer decides.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Position of the assessment; the newest of the dossier's release when left out.
    pub record: Option<u64>,
    /// Which review of the policy's; the first when left out.
    pub checkpoint: Option<String>,
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reasons: String,
    /// Name of the reviewer.
    pub person: String,
    /// Their role.
    pub role: String,
    /// The private key to sign with instead of the workspace's; the ledger has to have entered it.
    pub key: Option<PathBuf>,
}

/// A review that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    /// Its position in the ledger.
    pub seq: u64,
    /// The review.
    pub review: Review,
    /// Milliseconds by which the clock was behind the record before it, if it was.
    pub clock_behind: Option<i64>,
}

/// Records the review.
///
/// # Errors
/// [`ReviewError`]; then nothing was recorded.
pub fn review(folder: &Path, draft: &Draft, at: Timestamp) -> Result<Reviewed, ReviewError> {
    let (dossier, _) = folder::load(folder)?;
    let policy = dossier.policy.as_ref().map(|p| &p.value);
    let checkpoint = checkpoint(policy, draft.checkpoint.as_deref())?;
    for (text, what) in [(&draft.person, "name the reviewer"), (&draft.reasons, "give the reasons")] {
        if text.trim().is_empty() {
            return Err(ReviewError::Incomplete(what.to_owned()));
        }
    }
    if !Records::exist(folder) {
        return Err(ReviewError::Nothing("nothing is recorded yet".to_owned()));
    }
    let mut records = Records::open_sound(folder)?;
    let author = draft.key.as_deref().map(|file| records.author(file)).transpose()?;
    loop {
        let history = records.history()?;
        let judged = find(&history, &dossier, draft.record)?;
        up_to_date(&history, judged, &dossier)?;
        let again = replay(&history, judged.seq, &mut |digest| Ok(records.blob(digest)?))?;
        let outdated = |why: &str| ReviewError::Outdated { record: judged.seq, why: why.to_owned() };
        if judged.record.ruleset != RULESET {
            return Err(outdated("another rule set judged it\n\nhint: `assay judge --record` judges by this one"));
        }
        if Digest::of(&again.bytes) != judged.record.verdicts {
            return Err(outdated(
                "it does not come out again as it was recorded\n\nhint: `assay rejudge` shows how",
            ));
        }
        let ring = records.ring(history.size())?;
        let key = match &author {
            Some(author) => author.id(),
            None => records.log_key()?.id(),
        };
        let authors = Authors::of(&history, &ring, judged, &cited(&again.assessment));
        if let Some(why) = authors.objection(&draft.person, key) {
            return Err(ReviewError::Partial { record: judged.seq, why });
        }
        let role = ring.get(key).map_or(Role::Log, |known| known.role);
        if wants_reviewer_key(policy) && role != Role::Reviewer {
            return Err(ReviewError::Key { record: judged.seq, key, role });
        }
        let review = Review {
            assessment: judged.seq,
            verdicts: judged.record.verdicts,
            release: judged.record.release.clone(),
            checkpoint: checkpoint.clone(),
            decision: draft.decision,
            reasons: draft.reasons.trim().to_owned(),
            person: draft.person.trim().to_owned(),
            role: draft.role.trim().to_owned(),
            reviewed: history.last_recorded().map_or(at, |last| last.max(at)),
        };
        if let Some(author) = author.clone() {
            records.sign_as(author);
        }
        // Another process may have recorded something meanwhile; then it is looked at again, with that.
        if let Some(seq) = records.review(&history, &review)? {
            return Ok(Reviewed { seq, review, clock_behind: records.clock_behind() });
        }
    }
}

/// A recorded review, and whether it is over the verdicts that a report tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The review.
    pub review: Recorded<Review>,
    /// Whether the reviewed verdicts are those told, to the last byte but the moment.
    pub current: bool,
}

/// The reviews of recorded assessments of the release that an assessment is of, in ledger order.
///
/// # Errors
/// [`CanonicalError`] when the assessment has no canonical form.
pub fn told(history: &History, assessment: &Assessment) -> Result<Vec<Told>, CanonicalError> {
    let of_release = history.reviews().iter().filter(|r| r.body.release == assessment.release);
    of_release
        .map(|review| {
            let judged = history.judged_at(review.body.assessment);
            let judged = judged.filter(|j| j.record.verdicts == review.body.verdicts);
            let same = judged.map(|j| verdicts::same_as(&j.record, assessment)).transpose()?;
            Ok(Told { review: review.clone(), current: same == Some(true) })
        })
        .collect()
}

/// Whether the policy lets only reviewers' keys sign reviews.
fn wants_reviewer_key(policy: Option<&Policy>) -> bool {
    policy.and_then(|p| p.reviewer_keys.as_ref()).is_some_and(|wanted| wanted.value)
}

fn checkpoint(policy: Option<&Policy>, asked: Option<&str>) -> Result<String, ReviewError> {
    let names = Policy::reviews(policy);
    match asked.map(str::trim) {
        None => names
            .first()
            .map(|name| (*name).to_owned())
            .ok_or_else(|| ReviewError::Incomplete("the policy asks for no review".to_owned())),
        Some(name) if names.contains(&name) => Ok(name.to_owned()),
        Some(name) => Err(ReviewError::Incomplete(format!(
            "the policy asks for no `{name}`\n\nhint: reviews are {}",
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        ))),
    }
}

fn find<'a>(history: &'a History, dossier: &Dossier, record: Option<u64>) -> Result<&'a Judged, ReviewError> {
    match record {
        Some(seq) => {
            history.judged_at(seq).ok_or_else(|| ReviewError::Nothing(format!("record {seq} is no assessment")))
        }
        None => {
            let release = dossier.release_version();
            let newest = history.newest_of(release);
            newest.ok_or_else(|| ReviewError::Nothing(format!("no assessment of release `{release}` is recorded")))
        }
    }
}

/// Whether nothing has come since that the assessment does not know.
fn up_to_date(history: &History, judged: &Judged, dossier: &Dossier) -> Result<(), ReviewError> {
    let outdated = |why: String| {
        let why = format!("{why}\n\nhint: `assay judge --record` records one that can be reviewed");
        Err(ReviewError::Outdated { record: judged.seq, why })
    };
    let release = &judged.record.release;
    if let Some(newest) = history.newest_of(release).filter(|newest| newest.seq != judged.seq) {
        return Err(ReviewError::Outdated {
            record: judged.seq,
            why: format!("record {} is the newer assessment of release {release}", newest.seq),
        });
    }
    if let Some(seq) = history.evidence_on(release).find(|seq| *seq > judged.seq) {
        return outdated(format!("its evidence has grown since, by record {seq}"));
    }
    if dossier.release_version() == release {
        let texts: BTreeMap<String, Digest> =
            dossier.sources.iter().map(|s| (s.path.clone(), Digest::of(s.text.as_bytes()))).collect();
        if history.revision_before(judged.seq).is_none_or(|revision| revision.files != texts) {
            return outdated("the dossier has changed since".to_owned());
        }
    }
    Ok(())
}
