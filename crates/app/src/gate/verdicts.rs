//! The conditions on verdicts: what has to pass, what must not fail, what has to be implemented or justified.

use dossier::{IcsRow, Located, Support};
use engine::{About, Assessment, InstanceId, Next, ProvisionResult, Standing};
use model::Outcome;
use report::gate::{Against, Condition, Met};

use super::{MANDATORY, Scene, condition, count, unless};
use crate::tell::step;

pub(super) fn mandatory(scene: &Scene<'_>) -> Condition {
    let assessment = scene.assessment;
    let provisions = assessment.provisions.iter().filter(|p| p.mandatory);
    let unmet = provisions.filter(|p| !matches!(p.outcome, Outcome::Pass | Outcome::NotApplicable));
    let against: Vec<Against> = unmet.map(|p| against(assessment, p)).collect();
    if against.is_empty() && assessment.mandatory.outcome != Outcome::Pass {
        return condition(MANDATORY, Met::No, assessment.mandatory.because.clone(), against);
    }
    unless(MANDATORY, against, assessment.mandatory.because.clone(), |n| {
        let failed = assessment.provisions.iter().filter(|p| p.mandatory && p.outcome == Outcome::Fail).count();
        let failed = if failed == 0 { "none".to_owned() } else { failed.to_string() };
        format!("{} do not pass, {failed} of them failed", count(n, "mandatory provision"))
    })
}

pub(super) fn recommended(scene: &Scene<'_>) -> Condition {
    let assessment = scene.assessment;
    let failed = assessment.provisions.iter().filter(|p| !p.mandatory && p.outcome == Outcome::Fail);
    let against = failed.map(|p| against(assessment, p)).collect();
    unless("recommended", against, "none fails", |n| format!("{} fail", count(n, "claimed recommendation")))
}

pub(super) fn should(scene: &Scene<'_>) -> Condition {
    let assessment = scene.assessment;
    let mut all: Vec<Against> = Vec::new();
    let (mut implemented, mut justified) = (0, 0);
    for provision in assessment.provisions.iter().filter(|p| !p.mandatory) {
        match (provision.standing, provision.outcome) {
            (Standing::NotApplicable, _) => {}
            (Standing::Claimed, Outcome::Pass | Outcome::NotApplicable) => implemented += 1,
            (Standing::NotClaimed, _) => match unjustified(scene, provision) {
                None => justified += 1,
                Some(because) => all.push(Against { because, ..against(assessment, provision) }),
            },
            _ => all.push(against(assessment, provision)),
        }
    }
    let met = format!("{implemented} are implemented, {justified} are justified, the others do not apply");
    unless("should", all, met, |n| format!("{} are neither implemented nor justified", count(n, "recommendation")))
}

/// Why the justification of a recommendation that is not claimed does not do, if so.
fn unjustified(scene: &Scene<'_>, provision: &ProvisionResult) -> Option<String> {
    let Some(row) = scene.dossier.answer(provision.id.as_str()) else { return Some("not answered".to_owned()) };
    let filled = |text: &Option<Located<String>>| text.as_ref().is_some_and(|t| !t.value.trim().is_empty());
    let IcsRow { support, justification, detail, review, .. } = &row.value;
    let not_applicable = support.as_ref().is_some_and(|s| s.value == Support::NotApplicable);
    let justified = filled(justification) || (not_applicable && filled(detail));
    if !justified {
        return Some("not claimed, and the row gives no `justification`".to_owned());
    }
    match review {
        None if not_applicable => None,
        None => Some("not claimed, and the row names no date of `review`".to_owned()),
        Some(review) => scene
            .at
            .is_after_day(&review.value)
            .then(|| format!("its justification was good until {}", review.value)),
    }
}

/// A provision whose verdict stands against a condition, with the step that comes first.
pub(crate) fn against(assessment: &Assessment, provision: &ProvisionResult) -> Against {
    let finding = assessment.findings.iter().find(|f| f.provision == provision.id);
    let found = finding.and_then(|f| match &f.about {
        About::Instance(id) => Some(id),
        About::Answer => None,
    });
    // To mend what is wrong is said by what is wrong.
    let mends = finding.and_then(|f| f.next.iter().find(|next| !matches!(next, Next::Mend { .. })));
    let gap = assessment.gaps.iter().find(|g| g.provisions.contains(&provision.id));
    // Of the instances that wait for the step, one of this provision.
    let waits = gap.and_then(|g| {
        let of_this = |id: &&InstanceId| assessment.instance(id).is_some_and(|i| i.provision == provision.id);
        g.instances.iter().find(of_this)
    });
    let because = match provision.because.strip_prefix(&format!("{}: ", provision.outcome)) {
        Some(_) => provision.because.clone(),
        None => format!("{}: {}", provision.outcome, provision.because),
    };
    Against {
        about: provision.id.to_string(),
        provision: Some(provision.id.to_string()),
        because,
        next: match finding {
            Some(_) => mends.map(|next| step(next, found)),
            None => gap.map(|g| step(&g.next, waits)),
        },
    }
}
