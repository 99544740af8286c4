//! The condition on time: justifications to be looked at again, consent to measure, keys that were ended for a reason.

use std::collections::BTreeMap;

use ledger::{Ended, KeyId};
use report::gate::{Against, Condition};

use super::{Scene, count, unless};
use crate::review::cited;

pub(super) fn unexpired(scene: &Scene<'_>) -> Condition {
    let mut against: Vec<Against> = justifications(scene).collect();
    against.extend(consent(scene));
    against.extend(keys(scene));
    unless("unexpired", against, "none has", |n| count(n, "thing has expired").replace("expireds", "expired"))
}

fn justifications(scene: &Scene<'_>) -> impl Iterator<Item = Against> {
    scene.dossier.ics.rows.iter().filter_map(|row| {
        let (id, review) = (row.id.as_ref()?, row.review.as_ref()?);
        scene.at.is_after_day(&review.value).then(|| Against {
            about: format!("{} in ics.toml", id.value),
            provision: Some(id.value.clone()),
            because: format!("the answer was to be looked at again by {}", review.value),
            next: None,
        })
    })
}

fn consent(scene: &Scene<'_>) -> Option<Against> {
    let until = scene.dossier.bench.as_ref()?.consent.as_ref()?.until.as_ref()?;
    scene.at.is_after_day(&until.value).then(|| Against {
        about: "consent in bench.toml".to_owned(),
        provision: None,
        because: format!("nobody agrees to measurements after {}", until.value),
        next: None,
    })
}

/// Keys that were revoked, not replaced, and that signed evidence on this release, or evidence that is carried to it. What they signed still verifies;
/// whether it may still be relied on, a person has to say by stating it again.
fn keys(scene: &Scene<'_>) -> Vec<Against> {
    let Some(ring) = scene.ring else { return Vec::new() };
    let mut signed: BTreeMap<KeyId, Vec<u64>> = BTreeMap::new();
    let mut evidence = cited(scene.assessment);
    evidence.extend(scene.history.evidence_on(&scene.assessment.release));
    for seq in evidence {
        for id in scene.history.signers_of(seq).iter().filter_map(|id| id.parse().ok()) {
            signed.entry(id).or_default().push(seq);
        }
    }
    let revoked = signed.into_iter().filter_map(|(id, records)| {
        let known = ring.get(id)?;
        let Some(Ended::Revoked(why)) = &known.ended else { return None };
        let records: Vec<String> = records.iter().map(ToString::to_string).collect();
        Some(Against {
            about: format!("key {id}"),
            provision: None,
            because: format!("of {}, revoked ({why}), signed record {}", known.holder, records.join(", ")),
            next: None,
        })
    });
    revoked.collect()
}
