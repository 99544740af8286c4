//! Which observations are still current at the moment of the verdict, when the policy sets an age.

use model::Timestamp;

use crate::rule::UnitRule;
use crate::stated::stale_since;
use crate::view::{Evidence, View};

/// The evidence without observations that are too old; nothing when all are current.
pub(crate) fn current(view: &View<'_>) -> Option<Evidence> {
    let days = observation_days(view);
    let stale = |at: Timestamp| stale_since(at, days, view.at).is_some();
    if !view.evidence.observations.iter().any(|o| stale(o.body.ended)) {
        return None;
    }
    let mut evidence = view.evidence.clone();
    evidence.observations.retain(|o| !stale(o.body.ended));
    Some(evidence)
}

/// Since when the newest observation that feeds a rule is too old; nothing when one is current or none exists.
pub(crate) fn stale_for(view: &View<'_>, rule: &UnitRule) -> Option<Timestamp> {
    let days = observation_days(view);
    let release = view.dossier.release_version();
    let fed = view.evidence.observations.iter().map(|o| &o.body);
    let fed = fed.filter(|o| o.dut.release == release && rule.probes.contains(&o.run.probe.as_str()));
    stale_since(fed.map(|o| o.ended).max()?, days, view.at)
}

pub(crate) fn observation_days(view: &View<'_>) -> Option<u32> {
    view.dossier.policy.as_ref().and_then(|p| p.observation_days.as_ref()).map(|d| d.value)
}
