//! The condition on staleness: what an earlier release or old evidence showed has been shown anew, or may be carried.

use engine::Currency;
use report::gate::{Against, Condition};

use super::{Scene, count, unless};
use crate::tell::step;

pub(super) fn current(scene: &Scene<'_>) -> Condition {
    let instances = &scene.assessment.instances;
    let stale = instances.iter().filter_map(|instance| {
        let Currency::Stale { because } = &instance.currency else { return None };
        Some(Against {
            about: instance.id.to_string(),
            provision: Some(instance.provision.to_string()),
            because: because.clone(),
            next: instance.renewed_by().map(|next| step(next, Some(&instance.id))),
        })
    });
    let carried = instances.iter().filter(|i| matches!(i.currency, Currency::Carried(_))).count();
    let met = match carried {
        0 => "every result is of this release".to_owned(),
        n => format!("{} carried over, as the policy allows, the others are of this release", results(n)),
    };
    unless("current", stale.collect(), met, |n| format!("{} stale", results(n)))
}

fn results(n: usize) -> String {
    format!("{} {}", count(n, "result"), if n == 1 { "is" } else { "are" })
}
