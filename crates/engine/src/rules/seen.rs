//! What was measured of one target: facts that no later measurement replaced, what was looked at, what was missed.
//!
//! A later run of the same probe, from the same place and in the same state of the product, replaces an earlier one
//! only where it looked: a narrower run hides nothing, nor does one over the other version of the Internet Protocol.

use std::collections::BTreeSet;
use std::net::IpAddr;

use model::{Coverage, Endpoint, Fact, Observation, Place, ProductState, Shortfall, Transport};

use crate::judgement::Ground;
use crate::looked::told;
use crate::view::{Recorded, View};

pub(super) use super::endpoints::{Family, PortKey, key, port_text};
use super::probe_names::TRAFFIC;
use super::traffic::is_traffic;

/// The record of a measurement.
pub(super) type Record<'a> = &'a Recorded<Observation>;

/// A fact and the record it stands in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) record: Record<'a>,
    pub(super) fact: &'a Fact,
}

impl Sight<'_> {
    /// The fact as a ground, told in one line.
    pub(super) fn ground(&self, text: impl Into<String>) -> Ground {
        ground(self.record, text)
    }
}

/// A record as a ground.
pub(super) fn ground(record: Record<'_>, text: impl Into<String>) -> Ground {
    Ground::Observed { seq: record.seq, probe: record.body.run.probe.clone(), text: text.into() }
}

/// How well one endpoint was looked at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Look<'a> {
    /// No record speaks of it.
    Never,
    /// The newest record that speaks of it says that something was missed.
    Short(Record<'a>, &'a Shortfall),
    /// It was looked at.
    Covered(Record<'a>, &'a Coverage),
}

/// From which place, and in which state of the product, something was measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standpoint {
    pub(super) state: ProductState,
    pub(super) place: Place,
}

impl Standpoint {
    fn of(observation: &Observation) -> Self {
        Self { state: observation.run.in_state(), place: observation.run.place.clone() }
    }

    /// Whether the product was set up and in use, and was looked at from beside it.
    pub(super) fn is_in_use(&self) -> bool {
        self.state == ProductState::Initialized && !self.place.is_outside()
    }

    /// ` in factory-default`, ` from wan`: what tells it from the usual one.
    pub(super) fn told(&self) -> String {
        told(&self.place, self.state)
    }
}

/// The records of one target, oldest first.
pub(super) struct Seen<'a> {
    records: Vec<Record<'a>>,
}

impl<'a> Seen<'a> {
    /// Everything measured of a target in the release under assessment. Captures are left out: what they tell of an
    /// endpoint may be about somebody else's.
    pub(super) fn of(view: &View<'a>, target: &str) -> Self {
        Self { records: view.observations(target).filter(|o| o.body.run.probe != TRAFFIC).collect() }
    }

    /// Every record, oldest first.
    pub(super) fn records(&self) -> &[Record<'a>] {
        &self.records
    }

    /// What was measured of the product in use, from beside it: what else was measured tells nothing of how it is then.
    pub(super) fn in_use(&self) -> Self {
        self.only(|at| at.is_in_use())
    }

    /// What was measured from some places and in some states.
    pub(super) fn only(&self, wanted: impl Fn(&Standpoint) -> bool) -> Self {
        Self { records: self.records.iter().copied().filter(|r| wanted(&Standpoint::of(&r.body))).collect() }
    }

    /// From where, and in which states of the product, it was measured.
    pub(super) fn standpoints(&self) -> BTreeSet<Standpoint> {
        self.records.iter().map(|r| Standpoint::of(&r.body)).collect()
    }

    /// Records of one probe, oldest first.
    pub(super) fn by(&self, probe: &'a str) -> impl DoubleEndedIterator<Item = Record<'a>> + '_ {
        self.records.iter().copied().filter(move |r| r.body.run.probe == probe)
    }

    /// The newest record of a probe.
    pub(super) fn newest(&self, probe: &'a str) -> Option<Record<'a>> {
        self.by(probe).next_back()
    }

    /// Every fact of the target itself that no later run of the same probe looked at again; what captures show of its
    /// traffic is [`super::traffic`]'s.
    pub(super) fn facts(&self) -> Vec<Sight<'a>> {
        let mut found = Vec::new();
        for (index, record) in self.records.iter().enumerate() {
            let later: Vec<_> =
                self.records[index + 1..].iter().filter(|l| same_question(&l.body, &record.body)).collect();
            for fact in record.body.reading.facts.iter().filter(|f| !is_traffic(f)) {
                let replaced = later.iter().any(|l| match fact.endpoint() {
                    Some(at) => looked_at(&l.body, at),
                    None => true,
                });
                if !replaced {
                    found.push(Sight { record, fact });
                }
            }
        }
        found
    }

    /// How well a probe looked at a port, with the product in use: over every version of the Internet Protocol that it
    /// looked over.
    pub(super) fn look(&self, probe: &'a str, of: &str, at: PortKey) -> Look<'a> {
        self.in_use().look_here(probe, of, at)
    }

    /// As [`Seen::look`], at what these records are of.
    pub(super) fn look_here(&self, probe: &'a str, of: &str, at: PortKey) -> Look<'a> {
        let looks = Family::BOTH.map(|family| self.look_over(probe, of, at, family));
        // A search of ranges that left the port out over one version has not looked at it.
        let searches = matches!(of, "tcp-ports" | "udp-services");
        let rank = |family: Family, look: &Look<'_>| match look {
            Look::Short(..) => 3,
            Look::Never if searches && self.by(probe).any(|r| asked_over(&r.body) == Some(family)) => 2,
            Look::Covered(..) => 1,
            Look::Never => 0,
        };
        let [v4, v6] = looks;
        if rank(Family::V6, &v6) > rank(Family::V4, &v4) { v6 } else { v4 }
    }

    /// How well a probe looked at a port over one version of the Internet Protocol.
    pub(super) fn look_over(&self, probe: &'a str, of: &str, at: PortKey, family: Family) -> Look<'a> {
        for record in self.by(probe).rev() {
            let reading = &record.body.reading;
            let over = asked_over(&record.body).unwrap_or(Family::V4) == family;
            let of_this =
                |e: &Option<Endpoint>| e.as_ref().is_some_and(|e| key(e) == at && Family::of(e.address) == family);
            if let Some(short) = reading.shortfalls.iter().find(|s| s.of == of && of_this(&s.endpoint)) {
                return Look::Short(record, short);
            }
            let covers = |c: &&Coverage| c.of == of && (of_this(&c.endpoint) || (over && lies_in(c, at)));
            if let Some(coverage) = reading.coverage.iter().find(covers) {
                return Look::Covered(record, coverage);
            }
            if let Some(short) = reading.shortfalls.iter().find(|s| over && s.of == of && s.endpoint.is_none()) {
                return Look::Short(record, short);
            }
        }
        Look::Never
    }
}

/// Whether a later run of the same probe looked at an endpoint again.
pub(super) fn is_replaced_at(records: &[Record<'_>], record: Record<'_>, at: &Endpoint) -> bool {
    let later = records.iter().filter(|later| later.seq > record.seq);
    later.into_iter().any(|later| same_question(&later.body, &record.body) && looked_at(&later.body, at))
}

/// Whether two measurements asked the same: by one probe, from one place, with the product in one state.
fn same_question(one: &Observation, other: &Observation) -> bool {
    one.run.probe == other.run.probe && Standpoint::of(one) == Standpoint::of(other)
}

/// Over which version of the Internet Protocol a measurement looked: by the address it was given, or by what it tells.
pub(super) fn asked_over(observation: &Observation) -> Option<Family> {
    let address = observation.run.parameters.get("address");
    if let Some(address) = address.and_then(|text| text.trim_matches('"').parse::<IpAddr>().ok()) {
        return Some(Family::of(address));
    }
    let reading = &observation.reading;
    let told = reading.facts.iter().filter_map(Fact::endpoint);
    let told = told.chain(reading.coverage.iter().filter_map(|c| c.endpoint.as_ref()));
    told.map(|endpoint| Family::of(endpoint.address)).next()
}

fn looked_at(observation: &Observation, at: &Endpoint) -> bool {
    let reading = &observation.reading;
    let family = Family::of(at.address);
    let same = |e: &Endpoint| key(e) == key(at) && Family::of(e.address) == family;
    let over = asked_over(observation).is_none_or(|asked| asked == family);
    reading.coverage.iter().any(|c| c.endpoint.as_ref().is_some_and(same) || (over && lies_in(c, key(at))))
        || reading.facts.iter().filter_map(Fact::endpoint).any(same)
}

fn lies_in(coverage: &Coverage, at: PortKey) -> bool {
    let transport = match coverage.of.as_str() {
        "tcp-ports" => Transport::Tcp,
        "udp-services" => Transport::Udp,
        _ => return false,
    };
    coverage.endpoint.is_none() && at.0 == transport && coverage.has_port(at.1)
}
