//! What a checkpoint asks for, each looked at: by the gate where the gate knows it, else here.

use std::collections::BTreeSet;

use catalogue::Catalogue;
use dossier::{Asked, Holds};
use engine::{Gap, InstanceId, Next, PlannedInstance, Settle, Standing, View};
use model::{CanonicalError, Outcome};
use report::checkpoints::{Checkpoint, State};
use report::gate::{Against, Condition, Met};

use super::asked;
use crate::gate::{Scene, condition, count, count_are, reviewed::recorded, unless, verdicts, weigh};
use crate::tell::step;

/// That the checkpoint before is reached.
pub(super) const BEFORE: &str = "before";
/// That there is something to hold at all.
const ASKS: &str = "asks";

/// What a condition asks that the gate does not know.
pub(crate) fn asks(id: &str) -> &'static str {
    match id {
        BEFORE => "the checkpoint before it is reached",
        ASKS => "it says what must hold",
        "checkpoint" => "the checkpoint is reached",
        "answered" => "every provision has an answer",
        "planned" => "nothing has to be declared or prepared before everything can be settled",
        "measured" => "nothing is open that a probe settles",
        "decided" => "no mandatory provision is open or inconclusive",
        "assessed" => "an assessment is recorded, and judging gives the same now",
        "requests" => "no request for evidence is open",
        _ => "",
    }
}

/// Every condition of a checkpoint; that the one before it is reached comes first.
pub(super) fn conditions(
    scene: &Scene<'_>,
    asked: &Asked,
    before: Option<&Checkpoint>,
) -> Result<Vec<Condition>, CanonicalError> {
    let mut all: Vec<Condition> = before.map(reached).into_iter().collect();
    if asked.holds.is_empty() {
        let because = format!("`[[checkpoint]]` {} lists nothing in `holds` that can be read", asked.name);
        all.push(condition(ASKS, Met::No, because, Vec::new()));
    }
    for word in &asked.holds {
        all.push(look(scene, *word)?);
    }
    Ok(all)
}

fn look(scene: &Scene<'_>, word: Holds) -> Result<Condition, CanonicalError> {
    match word {
        Holds::Answered => Ok(answered(scene)),
        Holds::Planned => Ok(planned(scene)),
        Holds::Measured => Ok(measured(scene)),
        Holds::Decided => Ok(decided(scene)),
        Holds::Requests => Ok(asked::requests(scene)),
        Holds::Assessed => {
            let recorded = recorded(scene, word.as_str(), "record it again: `assay judge --record`")?;
            let met = |seq| format!("record {seq}, and judging gives the same now");
            Ok(recorded.map_or_else(
                |unmet| unmet,
                |judged| condition(word.as_str(), Met::Yes, met(judged.seq), Vec::new()),
            ))
        }
        Holds::Dossier
        | Holds::Current
        | Holds::Reviewed
        | Holds::Mandatory
        | Holds::Recommended
        | Holds::Should
        | Holds::Unexpired => {
            let unknown =
                || condition(word.as_str(), Met::Unknown, "nothing looks at this".to_owned(), Vec::new());
            Ok(weigh(scene, word.as_str())?.unwrap_or_else(unknown))
        }
    }
}

fn reached(before: &Checkpoint) -> Condition {
    let met = if before.state == State::Reached { Met::Yes } else { Met::No };
    condition(BEFORE, met, format!("`{}` is {}", before.name, before.state.as_str()), Vec::new())
}

fn answered(scene: &Scene<'_>) -> Condition {
    let open = |standing| matches!(standing, Standing::Unanswered | Standing::Refused);
    let against = scene.assessment.provisions.iter().filter(|p| open(p.standing)).map(|provision| Against {
        about: provision.id.to_string(),
        provision: Some(provision.id.to_string()),
        because: provision.standing.as_str().to_owned(),
        next: provision.gaps.first().map(|gap| step(&gap.next, None)),
    });
    unless(Holds::Answered.as_str(), against.collect(), "each has one", |n| {
        format!("{} without an answer that counts", count(n, "provision"))
    })
}

fn planned(scene: &Scene<'_>) -> Condition {
    let instances = plan(scene);
    let settled = instances.iter().filter(|i| !i.settled_by.is_empty()).count();
    // What is missing, each once, with the instances that wait for it.
    let mut missing: Vec<(&Gap, Vec<&PlannedInstance>)> = Vec::new();
    for instance in &instances {
        for gap in &instance.missing {
            match missing.iter_mut().find(|(known, _)| *known == gap) {
                Some((_, waiting)) => waiting.push(instance),
                None => missing.push((gap, vec![instance])),
            }
        }
    }
    let against = missing.into_iter().map(|(gap, waiting)| {
        let first = waiting.first();
        let about = match (first, waiting.len()) {
            (Some(first), 1) => first.id.to_string(),
            (Some(first), n) => format!("{} and {} more", first.id, n - 1),
            (None, _) => String::new(),
        };
        Against {
            about,
            provision: first.filter(|_| waiting.len() == 1).map(|first| first.provision.to_string()),
            because: gap.missing.clone(),
            next: Some(step(&gap.next, first.map(|first| &first.id))),
        }
    });
    let met = format!("{} to settle, each with a rule, a probe or a person", count(settled, "unit instance"));
    unless(Holds::Planned.as_str(), against.collect(), met, |n| format!("{} missing", count_are(n, "thing")))
}

fn measured(scene: &Scene<'_>) -> Condition {
    let gaps = || scene.assessment.gaps.iter().filter(|gap| matches!(gap.next, Next::Observe { .. }));
    let to_make = gaps().filter_map(|gap| {
        let Next::Observe { probe, target } = &gap.next else { return None };
        let waiting = count(gap.instances.len().max(gap.provisions.len()), "unit instance");
        Some(Against {
            about: format!("{probe} on {target}"),
            provision: None,
            because: format!("for {waiting}"),
            next: Some(step(&gap.next, gap.instances.first())),
        })
    });
    // What a probe would settle and cannot yet, because something has to be declared or prepared first, is open too. What is
    // open with nothing missing is a person's: no probe looks at it.
    let told: BTreeSet<&InstanceId> = gaps().flat_map(|gap| &gap.instances).collect();
    let plan = plan(scene);
    let by_probe = |one: &&PlannedInstance| matches!(one.settled_by.first(), Some(Settle::Probe { .. }));
    let held_up = plan.iter().filter(by_probe).filter(|one| !told.contains(&one.id)).filter_map(|one| {
        let missing = one.missing.first()?;
        let result = scene.assessment.instance(&one.id)?;
        (result.judgement.outcome == Outcome::Open).then(|| Against {
            about: one.id.to_string(),
            provision: Some(one.provision.to_string()),
            because: result.judgement.because.clone(),
            next: Some(step(&missing.next, Some(&one.id))),
        })
    });
    let against = to_make.chain(held_up).collect();
    unless(Holds::Measured.as_str(), against, "no probe has anything left to settle", |n| {
        format!("{} left to settle by a probe", count_are(n, "thing"))
    })
}

/// What would settle each unit instance.
fn plan(scene: &Scene<'_>) -> Vec<PlannedInstance> {
    let catalogue = Catalogue::of(scene.assessment.edition);
    let view = View { catalogue, dossier: scene.dossier, evidence: scene.history.evidence(), at: scene.at };
    engine::plan(&view)
}

fn decided(scene: &Scene<'_>) -> Condition {
    let assessment = scene.assessment;
    let open = assessment.provisions.iter().filter(|p| p.mandatory);
    let open = open.filter(|p| matches!(p.outcome, Outcome::Open | Outcome::Inconclusive));
    let against = open.map(|provision| verdicts::against(assessment, provision));
    unless(Holds::Decided.as_str(), against.collect(), "each is decided", |n| {
        format!("{} undecided", count(n, "mandatory provision"))
    })
}
