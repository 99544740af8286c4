//! Which steps of a run renew something: what is stale or open for the release, by the probes that could settle it.
//!
//! It is chosen from the assessment and the plan; what a step finds has no part in it.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::Catalogue;
use dossier::Dossier;
use engine::{Currency, Evidence, InScope, Next, Settle, View};
use model::Timestamp;

/// Probe and target of a step.
pub type StepName = (String, String);

/// The steps that renew something, each with what and why, one line each.
pub type Due = BTreeMap<StepName, Vec<String>>;

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

/// The steps that renew something stale or open of the release under assessment.
pub fn due(dossier: &Dossier, evidence: &Evidence, at: Timestamp) -> Due {
    let view = View { catalogue: Catalogue::of(dossier.edition()), dossier, evidence, at };
    let assessment = engine::judge(&view);
    let fresh: BTreeSet<(&str, &str)> = assessment
        .looked
        .iter()
        .filter(|l| l.stale_since.is_none())
        .map(|l| (l.probe.as_str(), l.target.as_str()))
        .collect();
    let mut due = Due::new();
    for planned in engine::plan(&view).iter().filter(|p| !matches!(p.applies, InScope::No(_))) {
        let Some(instance) = assessment.instance(&planned.id).filter(|i| i.currency.is_due()) else { continue };
        let because = match &instance.currency {
            Currency::Stale { because } => because.as_str(),
            _ => "not decided yet",
        };
        for settle in &planned.settled_by {
            let Settle::Probe { id, target } = settle else { continue };
            // What was measured already and still waits for a declaration is not settled by measuring it again.
            let asked = instance.judgement.gaps.iter().any(
                |gap| matches!(&gap.next, Next::Observe { probe, target: at } if probe == id && at == target),
            );
            if asked || !fresh.contains(&(id.as_str(), target.as_str())) {
                let line = format!("{}: {because}", instance.id);
                due.entry((id.clone(), target.clone())).or_default().push(line);
            }
        }
    }
    let wanted: Vec<StepName> = due.keys().cloned().collect();
    for (probe, target) in wanted.iter().filter(|(_, target)| target == "dut") {
        let first = LOOKS_WHERE.iter().find(|(id, _)| id == probe).map_or(&[][..], |(_, first)| first);
        for id in first.iter().filter(|id| !fresh.contains(&(**id, target.as_str()))) {
            due.entry(((*id).to_owned(), target.clone()))
                .or_insert_with(|| vec![format!("{probe} looks where it finds something")]);
        }
    }
    due
}
