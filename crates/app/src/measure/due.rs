//! Which steps of a run renew something: what is stale or open for the release, by the probes that could settle it.
//!
//! It is chosen from the assessment and the plan; what a step finds has no part in it. A measurement from one place, with
//! the product in one state, keeps nothing fresh that was measured from another place or in another state: this run can
//! renew what is due from where it stands, and says what is due elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::Catalogue;
use dossier::Dossier;
use engine::{Currency, Evidence, InScope, Next, Settle, View};
use model::{Place, ProductState, Timestamp};

use super::steps::is_taken;

/// Probe and target of a step.
pub type StepName = (String, String);

/// What is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// The steps that renew something from where the run stands, each with what and why, one line each.
    pub here: BTreeMap<StepName, Vec<String>>,
    /// What was measured from elsewhere and is due there.
    pub elsewhere: Vec<Elsewhere>,
}

impl Due {
    /// Whether nothing is due, here or elsewhere.
    pub fn is_empty(&self) -> bool {
        self.here.is_empty() && self.elsewhere.is_empty()
    }
}

/// A measurement to be made again from another place, or with the product in another state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Elsewhere {
    /// From where.
    pub place: Place,
    /// In which state of the product.
    pub state: ProductState,
    /// The step.
    pub step: StepName,
    /// Since when it is too old; none where it was made of an earlier release alone.
    pub stale_since: Option<Timestamp>,
}

/// Where a probe looks depends on what these found on the product.
const LOOKS_WHERE: &[(&str, &[&str])] = &[
    ("net.services", &["net.tcp-ports"]),
    ("tls.server-offer", &["net.tcp-ports", "net.services"]),
    ("http.surface", &["net.tcp-ports", "net.services"]),
    ("http.access", &["net.tcp-ports", "net.services"]),
    ("http.input", &["net.tcp-ports", "net.services"]),
    ("auth.defaults", &["net.tcp-ports", "net.services", "http.surface"]),
    ("auth.guessing", &["net.tcp-ports", "net.services"]),
];

/// The steps that renew something stale or open of the release under assessment, `here` being from where the run would be
/// made, and in which state of the product.
pub fn due(dossier: &Dossier, evidence: &Evidence, at: Timestamp, here: (&Place, ProductState)) -> Due {
    let view = View { catalogue: Catalogue::of(dossier.edition()), dossier, evidence, at };
    let assessment = engine::judge(&view);
    let stands_here = |place: &Place, state: ProductState| (place, state) == here;
    let fresh: BTreeSet<(&str, &str)> = assessment
        .looked
        .iter()
        .filter(|l| l.stale_since.is_none() && stands_here(&l.place, l.state))
        .map(|l| (l.probe.as_str(), l.target.as_str()))
        .collect();
    let mut steps: BTreeMap<StepName, Vec<String>> = BTreeMap::new();
    let mut settling: BTreeSet<StepName> = BTreeSet::new();
    for planned in engine::plan(&view).iter().filter(|p| !matches!(p.applies, InScope::No(_))) {
        let Some(instance) = assessment.instance(&planned.id).filter(|i| i.currency.is_due()) else { continue };
        let because = match &instance.currency {
            Currency::Stale { because } => because.as_str(),
            _ => "not decided yet",
        };
        for settle in &planned.settled_by {
            let Settle::Probe { id, target } = settle else { continue };
            settling.insert((id.clone(), target.clone()));
            // What was measured already and still waits for a declaration is not settled by measuring it again.
            let asked = instance.judgement.gaps.iter().any(
                |gap| matches!(&gap.next, Next::Observe { probe, target: at } if probe == id && at == target),
            );
            if asked || !fresh.contains(&(id.as_str(), target.as_str())) {
                let line = format!("{}: {because}", instance.id);
                steps.entry((id.clone(), target.clone())).or_default().push(line);
            }
        }
    }
    let wanted: Vec<StepName> = steps.keys().cloned().collect();
    for (probe, target) in wanted.iter().filter(|(_, target)| target == "dut") {
        let first = LOOKS_WHERE.iter().find(|(id, _)| id == probe).map_or(&[][..], |(_, first)| first);
        for id in first.iter().filter(|id| !fresh.contains(&(**id, target.as_str()))) {
            steps
                .entry(((*id).to_owned(), target.clone()))
                .or_insert_with(|| vec![format!("{probe} looks where it finds something")]);
        }
    }
    let mut elsewhere: BTreeSet<Elsewhere> = BTreeSet::new();
    for run in evidence.observations.iter().map(|o| &o.body.run) {
        let step = (run.probe.clone(), run.target.clone());
        let (place, state) = (run.place.clone(), run.in_state());
        if stands_here(&place, state) || !settling.contains(&step) || !is_taken(&run.probe) {
            continue;
        }
        let newest = assessment
            .looked
            .iter()
            .find(|l| l.probe == run.probe && l.target == run.target && l.place == place && l.state == state);
        let stale_since = newest.and_then(|l| l.stale_since);
        if newest.is_none() || stale_since.is_some() {
            elsewhere.insert(Elsewhere { place, state, step, stale_since });
        }
    }
    Due { here: steps, elsewhere: elsewhere.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use dossier::SourceText;
    use engine::Recorded;
    use model::{Digest, Observation};

    use super::*;
    use crate::demo::SAMPLE;

    const DAY: i64 = 86_400;
    const NOW: i64 = 1_790_000_000;

    /// A measurement of so many days ago.
    fn measured(probe: &str, place: &str, state: &str, days: i64) -> Observation {
        let when = Timestamp::from_seconds(NOW - days * DAY);
        let value = serde_json::json!({
            "run": {"probe": probe, "revision": 1, "target": "dut", "place": place, "state": state},
            "dut": {"model": "", "release": "1.4.2"},
            "began": when, "ended": when, "tool": "test",
            "reading": {"facts": [], "coverage": [], "shortfalls": []},
        });
        serde_json::from_value(value).unwrap()
    }

    fn due_from(place: &str, state: ProductState, observations: Vec<Observation>) -> Due {
        let source = |(path, text): &(&str, &str)| SourceText { path: (*path).into(), text: (*text).into() };
        let (dossier, _) = dossier::read(SAMPLE.iter().map(source).collect());
        let numbered = (1..).zip(observations);
        let observations = numbered.map(|(seq, body)| Recorded { seq, id: Digest::of(b""), body }).collect();
        let evidence = Evidence { observations, ..Evidence::default() };
        due(&dossier, &evidence, Timestamp::from_seconds(NOW), (&Place(place.to_owned()), state))
    }

    #[test]
    fn what_is_fresh_from_one_place_and_in_one_state_renews_nothing_elsewhere() {
        // The policy of the sample lets measurements count for 90 days.
        let evidence = || {
            vec![
                measured("http.access", "access-point", "factory-default", 100),
                measured("http.access", "lan", "initialized", 1),
            ]
        };
        let step = ("http.access".to_owned(), "dut".to_owned());
        let from_lan = due_from("lan", ProductState::Initialized, evidence());
        let [elsewhere] = &from_lan.elsewhere[..] else { panic!("{:?}", from_lan.elsewhere) };
        assert_eq!((elsewhere.place.0.as_str(), elsewhere.state), ("access-point", ProductState::FactoryDefault));
        let since = Timestamp::from_seconds(NOW - 10 * DAY);
        assert_eq!((&elsewhere.step, elsewhere.stale_since), (&step, Some(since)));
        let before = due_from("access-point", ProductState::FactoryDefault, evidence());
        assert!(before.here.contains_key(&step), "it is stale there, however fresh it is in use");
        assert_eq!(before.elsewhere, [], "in use it is fresh");
        let lines = |due: &Due| due.here.get(&step).map_or(0, Vec::len);
        assert!(lines(&from_lan) < lines(&before), "from where it is fresh only gaps ask for it again");
        // From one place in another state is elsewhere, too, and so is one state from another place.
        let shipped = due_from("lan", ProductState::FactoryDefault, evidence());
        assert!(shipped.here.contains_key(&step) && shipped.elsewhere.len() == 1);
        let outside = due_from("access-point", ProductState::Initialized, evidence());
        assert!(outside.here.contains_key(&step) && outside.elsewhere.len() == 1);
    }

    #[test]
    fn what_was_measured_of_an_earlier_release_alone_is_due_where_it_was_measured() {
        let mut earlier = measured("net.tcp-ports", "wan", "initialized", 1);
        earlier.dut.release = "1.4.1".to_owned();
        let due = due_from("lan", ProductState::Initialized, vec![earlier]);
        let [elsewhere] = &due.elsewhere[..] else { panic!("{:?}", due.elsewhere) };
        assert_eq!((elsewhere.place.0.as_str(), elsewhere.stale_since), ("wan", None));
    }
}
