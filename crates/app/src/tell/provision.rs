//! Clause by clause: what the catalogue asks, what the supplier answers, what the engine decided.

use std::collections::BTreeMap;

use catalogue::Catalogue;
use engine::{Applies, Assessment, Basis, InstanceResult, ProvisionResult};
use model::{Confidence, Outcome, UnitId};
use report::presentation::{
    Answer, Carried, Case, Clause, Control, Declared, Instance, Leg, Otherwise, Prose, Provision, Ruled, Unit,
};

use super::Told;
use super::place::{grounds, place};
use super::step::step;

pub(super) fn clauses(catalogue: &Catalogue, assessment: &Assessment, told: Told<'_>) -> Vec<Clause> {
    let mut instances: BTreeMap<&UnitId, Vec<&InstanceResult>> = BTreeMap::new();
    for instance in &assessment.instances {
        instances.entry(&instance.id.unit).or_default().push(instance);
    }
    let tables = Tables { catalogue, assessment, told, instances };
    let clause = |clause: &catalogue::Clause| Clause {
        id: clause.id.clone(),
        title: clause.title.clone(),
        provisions: catalogue
            .provisions
            .iter()
            .filter(|p| p.clause == clause.id)
            .filter_map(|p| Some(tables.provision(p, assessment.provision(&p.id)?)))
            .collect(),
    };
    catalogue.clauses.iter().map(clause).collect()
}

struct Tables<'a> {
    catalogue: &'a Catalogue,
    assessment: &'a Assessment,
    told: Told<'a>,
    instances: BTreeMap<&'a UnitId, Vec<&'a InstanceResult>>,
}

impl Tables<'_> {
    fn provision(&self, provision: &catalogue::Provision, result: &ProvisionResult) -> Provision {
        let leg = |leg: &engine::Leg| Leg { outcome: leg.outcome, because: leg.because.clone() };
        let (applies, applies_because) = match &result.applies {
            Applies::Yes => (report::presentation::Applies::Yes, Vec::new()),
            Applies::No(reasons) => {
                let ground = |r: &engine::Reason| match r.span {
                    Some(span) => report::presentation::Ground::Declared(Declared {
                        at: place(self.told.dossier, span),
                        text: r.text.clone(),
                    }),
                    None => report::presentation::Ground::Rule(Ruled { text: r.text.clone() }),
                };
                (report::presentation::Applies::No, reasons.iter().map(ground).collect())
            }
            Applies::Unknown(gaps) => {
                let ground =
                    |g: &engine::Gap| report::presentation::Ground::Rule(Ruled { text: g.missing.clone() });
                (report::presentation::Applies::Unknown, gaps.iter().map(ground).collect())
            }
        };
        let group = self.catalogue.group_of(&provision.id);
        let cases = group.map(|g| self.catalogue.cases_of(&g.id).map(|c| self.case(c)).collect());
        Provision {
            id: provision.id.to_string(),
            mandatory: provision.is_mandatory(),
            status: provision.status.clone(),
            summary: provision.summary.clone(),
            outcome: result.outcome,
            because: result.because.clone(),
            applies,
            applies_because,
            answer: self.answer(provision, result),
            control: self.control(provision),
            exists: leg(&result.claim.exists),
            works: leg(&result.claim.works),
            proven: leg(&result.claim.proven),
            grounds: grounds(&result.grounds, self.told),
            next: result.gaps.iter().map(|g| step(&g.next, None)).collect(),
            cases: cases.unwrap_or_default(),
        }
    }

    fn answer(&self, provision: &catalogue::Provision, result: &ProvisionResult) -> Answer {
        let row = self.told.dossier.answer(provision.id.as_str());
        let text = |part: Option<&dossier::Located<String>>| part.map(|t| t.value.clone()).unwrap_or_default();
        let field = |get: fn(&dossier::IcsRow) -> Option<&dossier::Located<String>>| {
            Prose(text(row.and_then(|row| get(&row.value))))
        };
        Answer {
            support: row.and_then(|r| r.support.as_ref()).map(|s| s.value.as_str().to_owned()).unwrap_or_default(),
            standing: result.standing.as_str().to_owned(),
            detail: field(|r| r.detail.as_ref()),
            justification: field(|r| r.justification.as_ref()),
            compensating: field(|r| r.compensating.as_ref()),
            review: field(|r| r.review.as_ref()).0,
            at: row.map(|r| place(self.told.dossier, r.span)),
        }
    }

    fn control(&self, provision: &catalogue::Provision) -> Option<Control> {
        let control = self.told.dossier.control(provision.id.as_str())?;
        let text =
            |part: &Option<dossier::Located<String>>| part.as_ref().map(|t| t.value.clone()).unwrap_or_default();
        let list = |part: &Option<dossier::Located<Vec<dossier::Located<String>>>>| {
            part.as_ref().map(|l| l.iter().map(|t| t.value.clone()).collect()).unwrap_or_default()
        };
        Some(Control {
            design: Prose(text(&control.design)),
            pattern: Prose(text(&control.pattern)),
            criteria: list(&control.acceptance),
            documents: list(&control.documents),
            owner: text(&control.owner),
            at: Some(place(self.told.dossier, control.span)),
        })
    }

    fn case(&self, case: &catalogue::Case) -> Case {
        let result = self.assessment.case(&case.id);
        Case {
            id: case.id.to_string(),
            kind: case.kind.as_str().to_owned(),
            purpose: case.purpose.clone(),
            outcome: result.map_or(Outcome::Open, |r| r.outcome),
            pass_when: case.verdict.pass_when.clone(),
            or_when: case.verdict.or_when.clone(),
            confidence: result.map_or(Confidence::Low, |r| r.confidence),
            reading: result.map(|r| r.reading.clone()).unwrap_or_default(),
            otherwise: result
                .and_then(|r| r.otherwise.clone())
                .map(|(reading, outcome)| Otherwise { reading, outcome }),
            needs_person: result.is_some_and(|r| r.needs_person),
            units: self.catalogue.units_of(&case.id).map(|u| self.unit(u)).collect(),
        }
    }

    fn unit(&self, unit: &catalogue::Unit) -> Unit {
        let outcome = self.assessment.units.iter().find(|u| u.id == unit.id).map_or(Outcome::Open, |u| u.outcome);
        let instances = self.instances.get(&unit.id).map(Vec::as_slice).unwrap_or_default();
        Unit {
            id: unit.id.to_string(),
            summary: unit.summary.clone(),
            method: unit.method,
            outcome,
            instances: instances.iter().map(|i| self.instance(i)).collect(),
        }
    }

    fn instance(&self, instance: &InstanceResult) -> Instance {
        let judgement = &instance.judgement;
        Instance {
            id: instance.id.to_string(),
            entry: instance.id.entry.as_ref().map(|(_, id)| id.clone()).unwrap_or_default(),
            outcome: judgement.outcome,
            because: judgement.because.clone(),
            basis: match instance.basis {
                Basis::Computed => report::presentation::Basis::Computed,
                Basis::Rule => report::presentation::Basis::Rule,
                Basis::Probe => report::presentation::Basis::Probe,
                Basis::Person => report::presentation::Basis::Person,
                Basis::Carried => report::presentation::Basis::Carried,
                Basis::Nothing => report::presentation::Basis::Nothing,
            },
            currency: match &instance.currency {
                engine::Currency::Current => report::presentation::Currency::Current,
                engine::Currency::Carried(_) => report::presentation::Currency::Carried,
                engine::Currency::Stale { .. } => report::presentation::Currency::Stale,
                engine::Currency::Open => report::presentation::Currency::Open,
                engine::Currency::NotApplicable => report::presentation::Currency::NotApplicable,
            },
            stale_because: match &instance.currency {
                engine::Currency::Stale { because } => because.clone(),
                _ => String::new(),
            },
            carried: match &instance.currency {
                engine::Currency::Carried(carried) => Some(Carried {
                    from: carried.from.clone(),
                    assessment: carried.assessment,
                    records: carried.records.clone(),
                    policy: carried.policy.clone(),
                }),
                _ => None,
            },
            grounds: grounds(&judgement.grounds, self.told),
            next: judgement.gaps.iter().map(|g| step(&g.next, Some(&instance.id))).collect(),
        }
    }
}
