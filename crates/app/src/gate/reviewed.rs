//! The condition on reviews: each that the policy asks for, over the very verdicts that judging gives now.

use dossier::Policy;
use engine::RULESET;
use model::CanonicalError;
use report::gate::{Against, Condition, Met};

use super::{Scene, condition, count, unless};
use crate::history::Judged;
use crate::review::{Authors, cited, standing};
use crate::verdicts::{changes, same_as};

const ID: &str = "reviewed";

pub(super) fn reviewed(scene: &Scene<'_>) -> Result<Condition, CanonicalError> {
    let policy = scene.dossier.policy.as_ref().map(|p| &p.value);
    let wanted = Policy::reviews(policy);
    if wanted.is_empty() {
        return Ok(condition(ID, Met::Yes, "the policy asks for no review".to_owned(), Vec::new()));
    }
    let judged = match recorded(scene, ID, "record and review it again")? {
        Ok(judged) => judged,
        Err(condition) => return Ok(condition),
    };
    let Some(ring) = scene.ring else {
        return Ok(condition(ID, Met::No, "nothing is recorded".to_owned(), Vec::new()));
    };
    let authors = Authors::of(scene.history, ring, judged, &cited(scene.assessment));
    let standing = standing(scene.history, ring, judged, &authors, policy);
    let approved: Vec<String> =
        standing.iter().filter(|s| s.approved).map(|s| format!("{}: {}", s.checkpoint, s.because)).collect();
    let against = standing.into_iter().filter(|s| !s.approved).map(|s| Against {
        about: s.checkpoint,
        provision: None,
        because: s.because,
        next: None,
    });
    Ok(unless(ID, against.collect(), approved.join("; "), |n| {
        format!("{} is missing", count(n, "review")).replace("reviews is", "reviews are")
    }))
}

/// The newest recorded assessment of the release, where judging gives the same now; else the condition of this name, not
/// met, with what differs and what to do.
pub(crate) fn recorded<'a>(
    scene: &Scene<'a>,
    id: &str,
    again: &str,
) -> Result<Result<&'a Judged, Condition>, CanonicalError> {
    let release = &scene.assessment.release;
    let Some(judged) = scene.history.newest_of(release) else {
        let because =
            format!("no assessment of release `{release}` is recorded; `assay judge --record` does that");
        return Ok(Err(condition(id, Met::No, because, Vec::new())));
    };
    let record = judged.seq;
    if same_as(&judged.record, scene.assessment)? {
        return Ok(Ok(judged));
    }
    let changed = changes(&judged.record.outcomes, scene.assessment);
    let word = |outcome: Option<model::Outcome>| outcome.map_or("none", |o| o.as_str());
    let because = match changed.len() {
        _ if judged.record.ruleset != RULESET => {
            format!("record {record} was judged by rule set {}, not by {RULESET}", judged.record.ruleset)
        }
        0 => format!("the verdicts of record {record} come out the same now, but not what they rest on"),
        n => format!("{} came out otherwise in record {record} than now", count(n, "verdict")),
    };
    let against = changed.into_iter().map(|change| Against {
        about: change.instance,
        provision: None,
        because: format!("{} → {}: {}", word(change.old), word(change.new), change.because),
        next: None,
    });
    Ok(Err(condition(id, Met::No, format!("{because}; {again}"), against.collect())))
}
