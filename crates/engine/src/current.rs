//! Which observations are still current at the moment of the verdict, when the policy sets an age.

use model::Timestamp;

use crate::looked::{newest, told};
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

/// A measurement that is too old.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stale {
    /// Since when.
    pub(crate) since: Timestamp,
    /// ` from wan in factory-default`: from where, and in which state of the product, where that is not the usual one.
    pub(crate) told: String,
}

/// The measurement that feeds a rule and has been too old for longest; nothing when all are current or none exists. Of
/// one probe the newest counts, of each target, from each place and in each state of the product by itself: what was
/// measured from one place is no newer for what was measured from another.
pub(crate) fn stale_for(view: &View<'_>, rule: &UnitRule) -> Option<Stale> {
    let days = observation_days(view)?;
    let fed = newest(view).map(|o| &o.body).filter(|o| rule.probes.contains(&o.run.probe.as_str()));
    let stale = fed.filter_map(|o| {
        let since = stale_since(o.ended, Some(days), view.at)?;
        Some(Stale { since, told: told(&o.run.place, o.run.in_state()) })
    });
    stale.min()
}

pub(crate) fn observation_days(view: &View<'_>) -> Option<u32> {
    view.dossier.policy.as_ref().and_then(|p| p.observation_days.as_ref()).map(|d| d.value)
}
