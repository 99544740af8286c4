//! What stands in the way of decided verdicts: one item per next step, with everything that step would unblock.
//!
//! Identical next steps are one item. What blocks most comes first; mandatory provisions weigh before all else.

use std::collections::{BTreeMap, BTreeSet};

use model::ProvisionId;
use serde::Serialize;

use crate::assessment::{InstanceResult, ProvisionResult};
use crate::judgement::{Gap, InstanceId, Next};

/// A next step and what waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RankedGap {
    /// The next step.
    pub next: Next,
    /// What is missing, one line per reason given.
    pub missing: Vec<String>,
    /// Unit instances that wait for it.
    pub instances: Vec<InstanceId>,
    /// Provisions whose verdict waits for it.
    pub provisions: Vec<ProvisionId>,
    /// How many of those provisions are mandatory.
    pub mandatory: usize,
    /// Provisions whose claim, not whose verdict, waits for it.
    pub legs: Vec<ProvisionId>,
}

#[derive(Default)]
struct Waiting {
    missing: BTreeSet<String>,
    instances: Vec<InstanceId>,
    provisions: BTreeSet<ProvisionId>,
    legs: BTreeSet<ProvisionId>,
}

/// Collects, merges and orders every gap.
pub(crate) fn rank(provisions: &[ProvisionResult], instances: &[InstanceResult]) -> Vec<RankedGap> {
    let mut steps: BTreeMap<Next, Waiting> = BTreeMap::new();
    let mut wait = |gap: &Gap, note: &dyn Fn(&mut Waiting)| {
        let waiting = steps.entry(gap.next.clone()).or_default();
        waiting.missing.insert(gap.missing.clone());
        note(waiting);
    };
    for instance in instances.iter().filter(|i| !i.judgement.outcome.is_decided()) {
        for gap in &instance.judgement.gaps {
            wait(gap, &|w| {
                w.instances.push(instance.id.clone());
                w.provisions.insert(instance.provision.clone());
            });
        }
    }
    for provision in provisions {
        for gap in &provision.gaps {
            wait(gap, &|w| {
                w.provisions.insert(provision.id.clone());
            });
        }
        let claim = &provision.claim;
        for gap in [&claim.exists, &claim.works, &claim.proven].into_iter().flat_map(|leg| &leg.gaps) {
            wait(gap, &|w| {
                w.legs.insert(provision.id.clone());
            });
        }
    }
    let mandatory: BTreeSet<&ProvisionId> = provisions.iter().filter(|p| p.mandatory).map(|p| &p.id).collect();
    let mut ranked: Vec<RankedGap> = steps
        .into_iter()
        .map(|(next, mut waiting)| {
            waiting.instances.dedup();
            RankedGap {
                next,
                missing: waiting.missing.into_iter().collect(),
                instances: waiting.instances,
                mandatory: waiting.provisions.iter().filter(|p| mandatory.contains(p)).count(),
                provisions: waiting.provisions.into_iter().collect(),
                legs: waiting.legs.into_iter().collect(),
            }
        })
        .collect();
    let weight = |g: &RankedGap| (g.mandatory, g.provisions.len(), g.instances.len(), g.legs.len());
    ranked.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| a.next.cmp(&b.next)));
    ranked
}
