//! Controls: per provision what was decided, how it is tested and what shows it, and for each recommendation its reason.
//!
//! Everything on the page was declared, recorded or judged elsewhere; what is missing is said to be missing.

mod evidence;

use std::path::Path;

use catalogue::Catalogue;
use dossier::{Dossier, Support};
use engine::{Evidence, InScope, Next, PlannedInstance, Settle, Standing, View};
use model::{Outcome, Timestamp};
use report::Presentation;
use report::controls::{Clause, Controls, How, Settled, Sheet, Should, ShouldState, Test};
use report::presentation::{Applies, Currency, Instance, Prose, Provision, Step, Verb};

use crate::assess::{AssessError, Standing as Exit, assess};
use crate::tell::step;

/// The controls of the dossier in a folder, on what its ledger holds, for a moment. Records nothing.
///
/// # Errors
/// [`AssessError`] when the dossier or its ledger cannot be read.
pub fn controls(folder: &Path, at: Timestamp) -> Result<Controls, AssessError> {
    let assessed = assess(folder, at)?;
    let presentation = assessed.presentation(&[], Exit::of(&assessed.assessment).exit());
    Ok(told(&assessed.dossier, &assessed.evidence, &presentation))
}

/// The controls of a dossier beside an assessment of it that is told already.
pub fn told(dossier: &Dossier, evidence: &Evidence, presentation: &Presentation) -> Controls {
    let head = &presentation.head;
    let catalogue = Catalogue::of(head.edition);
    let planned = engine::plan(&View { catalogue, dossier, evidence, at: head.at });
    let look = Look { dossier, evidence, presentation, catalogue, planned };
    let clauses: Vec<Clause> = presentation
        .clauses
        .iter()
        .map(|clause| Clause {
            id: clause.id.clone(),
            title: clause.title.clone(),
            provisions: clause.provisions.iter().map(|provision| look.sheet(provision)).collect(),
        })
        .filter(|clause| !clause.provisions.is_empty())
        .collect();
    let sheets = || clauses.iter().flat_map(|clause| &clause.provisions);
    let claimed = || sheets().filter(|sheet| sheet.answer.standing == Standing::Claimed.as_str());
    let lacking = |sheet: &&Sheet| sheet.should.as_ref().is_some_and(|should| !should.lacks.is_empty());
    Controls {
        product: head.product.clone(),
        model: head.model.clone(),
        release: head.release.clone(),
        edition: head.edition,
        at: head.at,
        ruleset: head.ruleset,
        tool: head.tool.clone(),
        designed: claimed().filter(|sheet| sheet.control.is_some()).count() as u64,
        undesigned: claimed().filter(|sheet| sheet.control.is_none()).count() as u64,
        lacking: sheets().filter(lacking).count() as u64,
        clauses,
    }
}

struct Look<'a> {
    dossier: &'a Dossier,
    evidence: &'a Evidence,
    presentation: &'a Presentation,
    catalogue: &'static Catalogue,
    planned: Vec<PlannedInstance>,
}

impl Look<'_> {
    fn sheet(&self, provision: &Provision) -> Sheet {
        let planned: Vec<&PlannedInstance> =
            self.planned.iter().filter(|one| one.provision.as_str() == provision.id).collect();
        let instances: Vec<&Instance> =
            provision.cases.iter().flat_map(|case| &case.units).flat_map(|unit| &unit.instances).collect();
        Sheet {
            id: provision.id.clone(),
            mandatory: provision.mandatory,
            status: provision.status.clone(),
            summary: provision.summary.clone(),
            look_up: look_up(self.catalogue, &provision.id),
            outcome: provision.outcome,
            because: provision.because.clone(),
            answer: provision.answer.clone(),
            control: provision.control.clone(),
            should: (!provision.mandatory).then(|| self.should(provision)),
            test_plan: planned.iter().map(|one| self.test(one, &instances)).collect(),
            evidence: evidence::evidence(self, &planned, provision, &instances),
            lacks: lacks(provision),
        }
    }

    fn should(&self, provision: &Provision) -> Should {
        let answer = &provision.answer;
        let standing = answer.standing.as_str();
        let not_applicable = answer.support == Support::NotApplicable.as_str();
        let rationale = match answer.justification.is_empty() && not_applicable {
            true => answer.detail.clone(),
            false => answer.justification.clone(),
        };
        let overdue = !answer.review.is_empty() && self.presentation.head.at.is_after_day(&answer.review);
        let is = |other: Standing| standing == other.as_str();
        let mut lacks = Vec::new();
        if overdue {
            lacks.push(format!("a new date: it was to be looked at again by {}", answer.review.trim()));
        }
        let state = if is(Standing::NotApplicable) {
            ShouldState::NotApplicable
        } else if is(Standing::Claimed) {
            match provision.outcome {
                Outcome::Pass | Outcome::NotApplicable => ShouldState::Implemented,
                _ => ShouldState::Claimed,
            }
        } else {
            if is(Standing::NotClaimed) || is(Standing::Unjustified) {
                lacks.extend(rationale.is_empty().then(|| "the rationale (`justification`)".to_owned()));
                let risk = answer.compensating.is_empty() && !not_applicable;
                lacks.extend(risk.then(|| "what keeps the risk down (`compensating`)".to_owned()));
                let undated = answer.review.trim().is_empty() && !not_applicable;
                lacks.extend(undated.then(|| "a date of review (`review`)".to_owned()));
            } else {
                lacks.push(format!("an answer: {}", provision.because));
            }
            if lacks.is_empty() { ShouldState::Justified } else { ShouldState::Lacking }
        };
        let claimed = matches!(state, ShouldState::Implemented | ShouldState::Claimed);
        Should {
            state,
            rationale: if claimed { Prose::default() } else { rationale },
            compensating: answer.compensating.clone(),
            review: answer.review.clone(),
            overdue,
            lacks,
        }
    }

    fn test(&self, planned: &PlannedInstance, instances: &[&Instance]) -> Test {
        let id = planned.id.to_string();
        let told = instances.iter().find(|instance| instance.id == id);
        let unit = self.catalogue.unit(&planned.id.unit);
        let mut missing: Vec<String> = planned.missing.iter().map(|gap| gap.missing.clone()).collect();
        if let InScope::Unknown(gap) = &planned.applies
            && !missing.contains(&gap.missing)
        {
            missing.push(gap.missing.clone());
        }
        Test {
            unit: planned.id.unit.to_string(),
            entry: planned.id.entry.as_ref().map(|(_, entry)| entry.clone()).unwrap_or_default(),
            summary: unit.map(|unit| unit.summary.clone()).unwrap_or_default(),
            settled_by: settled_by(planned, told.copied()),
            touches: planned.touches.to_string(),
            outcome: told.map_or(Outcome::Open, |instance| instance.outcome),
            because: told.map(|instance| instance.because.clone()).unwrap_or_default(),
            currency: told.map_or(Currency::Open, |instance| instance.currency),
            missing,
        }
    }
}

/// What the control itself lacks, for a provision that is claimed.
fn lacks(provision: &Provision) -> Vec<Step> {
    if provision.answer.standing != Standing::Claimed.as_str() || provision.applies == Applies::No {
        return Vec::new();
    }
    let lacks = |what: &str| {
        let entry = Some(provision.id.clone());
        step(&Next::Declare { place: "controls".into(), entry, what: what.to_owned() }, None)
    };
    match &provision.control {
        None => vec![lacks("design")],
        Some(control) => [
            ("design", control.design.is_empty()),
            ("pattern", control.pattern.is_empty()),
            ("acceptance", control.criteria.is_empty()),
        ]
        .into_iter()
        .filter(|(_, missing)| *missing)
        .map(|(what, _)| lacks(what))
        .collect(),
    }
}

/// The ways of the plan; and a person, where what was measured leaves the rest to one.
fn settled_by(planned: &PlannedInstance, told: Option<&Instance>) -> Vec<Settled> {
    let mut ways: Vec<Settled> = planned.settled_by.iter().map(|one| settled(one, planned)).collect();
    let for_a_person = told.is_some_and(|instance| instance.next.iter().any(|next| next.verb == Verb::State));
    if for_a_person && !ways.is_empty() && ways.iter().all(|way| matches!(way.how, How::Rule | How::Probe)) {
        ways.push(settled(&Settle::Statement, planned));
    }
    ways
}

fn settled(settle: &Settle, planned: &PlannedInstance) -> Settled {
    let stated = || step(&Next::State { what: String::new() }, Some(&planned.id)).command.unwrap_or_default();
    match settle {
        Settle::Rule => {
            Settled { how: How::Rule, by: "what is declared, judged by a rule".to_owned(), command: String::new() }
        }
        Settle::Probe { id, target } => {
            let next = Next::Observe { probe: id.clone(), target: target.clone() };
            let command = step(&next, None).command.unwrap_or_default();
            Settled { how: How::Probe, by: format!("{id} on {target}"), command }
        }
        Settle::Statement => Settled {
            how: How::Procedure,
            by: format!("a named person at the product, by the procedure of {}", planned.id.unit),
            command: stated(),
        },
        Settle::Document => Settled {
            how: How::Reading,
            by: format!("a named person who reads what is declared, by the procedure of {}", planned.id.unit),
            command: stated(),
        },
    }
}

/// Where the standard's own words stand.
pub fn look_up(catalogue: &Catalogue, provision: &str) -> Vec<String> {
    let requirements = &catalogue.requirements;
    let mut told = vec![format!("{} {}, provision {provision}", requirements.id, requirements.version)];
    let found = catalogue.provision_named(provision).and_then(|found| catalogue.group_of(&found.id));
    if let Some(clause) = found.and_then(|group| group.ts_clause.as_ref()) {
        told.push(format!("{} {}, clause {clause}", catalogue.tests.id, catalogue.tests.version));
    }
    told
}
