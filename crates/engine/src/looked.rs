//! What the recorded measurements of this release looked at, and what they should have looked at and did not.
//!
//! A statement about the evidence, not about the product.

use std::collections::BTreeMap;

use model::{Observation, Place, ProductState, ShortfallKind, Timestamp};
use serde::Serialize;

use crate::current::observation_days;
use crate::stated::stale_since;
use crate::view::{Recorded, View};

/// What one probe's newest observation of one target covers, from one place and in one state of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// `dut` or a service's id.
    pub target: String,
    /// The probe.
    pub probe: String,
    /// The other tool whose output was read, with its version; none where this program measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// From where it measured.
    pub place: Place,
    /// In which state the product was.
    #[serde(skip_serializing_if = "is_in_use")]
    pub state: ProductState,
    /// Position of the observation in the ledger.
    pub seq: u64,
    /// When the measurement ended.
    pub ended: Timestamp,
    /// Since when it is too old, if it is.
    pub stale_since: Option<Timestamp>,
    /// What was looked at, one line each.
    pub at: Vec<String>,
    /// What should have been looked at and was not, and why.
    pub not: Vec<(ShortfallKind, String)>,
}

/// The newest observation of each probe on each target from each place and in each state.
pub fn looked(view: &View<'_>) -> Vec<Looked> {
    let days = observation_days(view);
    let one = |o: &Recorded<Observation>| Looked {
        target: o.body.run.target.clone(),
        probe: o.body.run.probe.clone(),
        tool: o.body.source.as_ref().map(ToString::to_string),
        place: o.body.run.place.clone(),
        state: o.body.run.in_state(),
        seq: o.seq,
        ended: o.body.ended,
        stale_since: stale_since(o.body.ended, days, view.at),
        at: o.body.reading.coverage.iter().map(|c| c.text.clone()).collect(),
        not: o.body.reading.shortfalls.iter().map(|s| (s.kind, s.text.clone())).collect(),
    };
    newest(view).map(one).collect()
}

/// As [`looked`], the records themselves.
pub(crate) fn newest<'a>(view: &View<'a>) -> impl Iterator<Item = &'a Recorded<Observation>> + use<'a> {
    let release = view.dossier.release_version();
    let mut newest = BTreeMap::new();
    for observation in view.evidence.observations.iter().filter(|o| o.body.dut.release == release) {
        let run = &observation.body.run;
        newest.insert((&run.target, &run.probe, &run.place, run.in_state()), observation);
    }
    newest.into_values()
}

/// ` from wan in factory-default`: a place and a state, where they are not the usual ones.
pub(crate) fn told(place: &Place, state: ProductState) -> String {
    let place = if *place == Place::lan() { String::new() } else { format!(" from {place}") };
    match state {
        ProductState::Initialized => place,
        other => format!("{place} in {other}"),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_in_use(state: &ProductState) -> bool {
    *state == ProductState::Initialized
}

impl Looked {
    /// The place, with the state of the product where it was not set up and in use.
    pub fn standpoint(&self) -> String {
        match self.state {
            ProductState::Initialized => self.place.to_string(),
            other => format!("{}, {other}", self.place),
        }
    }
}
