//! From an assessment to what is to be done: gaps and findings as subjects of tasks, with all that a task tells.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::Catalogue;
use dossier::{Dossier, Support};
use engine::{About, Assessment, Finding, Ground, InstanceId, Next, RankedGap, Standing};
use model::ProvisionId;
use report::presentation::{Step, Verb};
use workflow::{Need, Owner, Responsible, Subject, owner};

use crate::tell::step;

/// What is to be done, who waits for it, and when it counts as done.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// As far as the task's life needs it.
    pub need: Need,
    /// The step, with its command where one does it.
    pub step: Step,
    /// What is missing, a line each.
    pub missing: Vec<String>,
    /// Unit instances that wait for it.
    pub instances: BTreeSet<InstanceId>,
    /// Provisions that wait for it, mandatory ones first.
    pub provisions: Vec<ProvisionId>,
    /// When it counts as done, in the units' own terms.
    pub criterion: Vec<String>,
    /// What closes it.
    pub evidence: Vec<String>,
    /// The role that answers for it; none where nobody does.
    pub owner: Option<Owner>,
}

/// Everything that is to be done, by what it is about.
pub fn wanted(dossier: &Dossier, assessment: &Assessment) -> BTreeMap<Subject, Wanted> {
    let look = Look {
        catalogue: Catalogue::of(assessment.edition),
        mandatory: assessment.provisions.iter().filter(|p| p.mandatory).map(|p| &p.id).collect(),
        map: map(dossier),
        people: people(dossier),
    };
    let mut wanted = BTreeMap::new();
    for gap in &assessment.gaps {
        look.gap(assessment, gap, &mut wanted);
    }
    for finding in &assessment.findings {
        let (subject, instances) = match &finding.about {
            About::Instance(id) => {
                let (unit, entry) = named(id);
                (Subject::Mend { unit, entry }, BTreeSet::from([id.clone()]))
            }
            About::Answer => (Subject::Answer { provision: finding.provision.to_string() }, BTreeSet::new()),
        };
        let provisions = vec![finding.provision.clone()];
        look.add(&mut wanted, subject, mend(finding), vec![finding.because.clone()], instances, provisions);
    }
    for (provision, missing) in reviews(dossier, assessment) {
        look.review(&mut wanted, provision, missing);
    }
    wanted
}

/// Answers that somebody has to look at again, and why: the day is over, or a recommendation that is not met has none.
fn reviews<'a>(dossier: &'a Dossier, assessment: &'a Assessment) -> Vec<(&'a ProvisionId, String)> {
    let one = |provision: &'a engine::ProvisionResult| {
        let row = dossier.answer(provision.id.as_str())?;
        let not_met = row.support.as_ref().is_some_and(|support| support.value == Support::No);
        match row.review.as_ref().map(|review| review.value.trim()) {
            Some(review) => assessment
                .at
                .is_after_day(review)
                .then(|| format!("the answer to {} was to be looked at again by {review}", provision.id)),
            None => (provision.standing == Standing::NotClaimed && not_met)
                .then(|| format!("no date says when the answer to {} is looked at again", provision.id)),
        }
        .map(|missing| (&provision.id, missing))
    };
    assessment.provisions.iter().filter_map(one).collect()
}

fn named(id: &InstanceId) -> (String, Option<String>) {
    (id.unit.to_string(), id.entry.as_ref().map(|(_, entry)| entry.clone()))
}

fn mend(finding: &Finding) -> Step {
    let about = match &finding.about {
        About::Instance(id) => Some(id),
        About::Answer => None,
    };
    let next = finding.next.first().cloned();
    step(&next.unwrap_or(Next::Mend { what: finding.because.clone() }), about)
}

struct Look<'a> {
    catalogue: &'a Catalogue,
    mandatory: BTreeSet<&'a ProvisionId>,
    map: Vec<Responsible>,
    people: Vec<Owner>,
}

impl Look<'_> {
    /// One task a gap, but for what a person decides: that is one a unit instance.
    fn gap(&self, assessment: &Assessment, gap: &RankedGap, wanted: &mut BTreeMap<Subject, Wanted>) {
        let all = || gap.instances.iter().cloned().collect::<BTreeSet<_>>();
        let waiting = || gap.provisions.iter().chain(&gap.legs).cloned().collect::<Vec<_>>();
        let told = step(&gap.next, gap.instances.first());
        let subject = match &gap.next {
            Next::Declare { place, entry, what } => {
                Subject::Declare { place: place.clone(), entry: entry.clone(), what: what.clone() }
            }
            Next::Observe { probe, target } => Subject::Measure { probe: probe.clone(), target: target.clone() },
            Next::Prepare { what } => Subject::Prepare { what: what.clone() },
            Next::State { .. } | Next::Mend { .. } if gap.instances.is_empty() => {
                for provision in waiting() {
                    let subject = Subject::Answer { provision: provision.to_string() };
                    let missing = gap.missing.clone();
                    self.add(wanted, subject, told.clone(), missing, BTreeSet::new(), vec![provision]);
                }
                return;
            }
            Next::State { .. } | Next::Mend { .. } => {
                for id in &gap.instances {
                    let (unit, entry) = named(id);
                    let of = assessment.instance(id).map(|i| i.provision.clone());
                    let (told, missing) = (step(&gap.next, Some(id)), gap.missing.clone());
                    let instances = BTreeSet::from([id.clone()]);
                    self.add(
                        wanted,
                        Subject::Decide { unit, entry },
                        told,
                        missing,
                        instances,
                        of.into_iter().collect(),
                    );
                }
                return;
            }
        };
        self.add(wanted, subject, told, gap.missing.clone(), all(), waiting());
    }

    /// A justification that is to be looked at again.
    fn review(&self, wanted: &mut BTreeMap<Subject, Wanted>, provision: &ProvisionId, missing: String) {
        let subject =
            Subject::Declare { place: "ics".into(), entry: Some(provision.to_string()), what: "review".into() };
        let text = format!("look at the answer to {provision} again, mend or confirm it, and set the next date");
        let step = Step { verb: Verb::Declare, text, command: None };
        self.add(wanted, subject.clone(), step, vec![missing], BTreeSet::new(), vec![provision.clone()]);
        if let Some(one) = wanted.get_mut(&subject) {
            one.criterion = vec![format!(
                "the answer to {provision} gives its reason and what keeps the risk down, and `review` is a day to come"
            )];
        }
    }

    fn add(
        &self,
        wanted: &mut BTreeMap<Subject, Wanted>,
        subject: Subject,
        step: Step,
        missing: Vec<String>,
        instances: BTreeSet<InstanceId>,
        provisions: Vec<ProvisionId>,
    ) {
        let one = wanted.entry(subject.clone()).or_insert_with(|| Wanted {
            need: Need { mandatory: false },
            step,
            missing: Vec::new(),
            instances: BTreeSet::new(),
            provisions: Vec::new(),
            criterion: Vec::new(),
            evidence: Vec::new(),
            owner: None,
        });
        for line in missing {
            if !one.missing.contains(&line) {
                one.missing.push(line);
            }
        }
        one.instances.extend(instances);
        one.provisions.extend(provisions);
        one.provisions.sort_by_key(|id| (!self.mandatory.contains(id), id.clone()));
        one.provisions.dedup();
        one.need.mandatory = one.provisions.iter().any(|id| self.mandatory.contains(id));
        one.criterion = self.criterion(&one.instances);
        one.evidence = self.evidence(&subject, &one.instances);
        let waiting: Vec<&str> = one.provisions.iter().map(ProvisionId::as_str).collect();
        one.owner = owner(&waiting, &self.map, &self.people);
    }

    /// What the units ask for, each once.
    fn criterion(&self, instances: &BTreeSet<InstanceId>) -> Vec<String> {
        let mut told = Vec::new();
        for id in instances {
            let procedure = self.catalogue.procedure(&id.unit);
            let Some(unit) = self.catalogue.unit(&id.unit) else { continue };
            let text = procedure.map_or(&unit.summary, |p| &p.decide);
            let line = format!("{}: {text}", id.unit);
            if !told.contains(&line) {
                told.push(line);
            }
        }
        told
    }

    fn evidence(&self, subject: &Subject, instances: &BTreeSet<InstanceId>) -> Vec<String> {
        match subject {
            Subject::Measure { probe, target } => {
                vec![format!("a record of {probe} on {target}, of this release")]
            }
            Subject::Decide { .. } => {
                let kept = instances.iter().filter_map(|id| self.catalogue.procedure(&id.unit));
                let mut told: Vec<String> = kept.flat_map(|p| &p.record).cloned().collect();
                told.push("the statement of a named person".to_owned());
                told
            }
            Subject::Mend { .. } => vec!["what failed, measured or stated again, without the failure".to_owned()],
            Subject::Declare { place, .. } => vec![format!("{place} of the dossier, checked without an error")],
            Subject::Answer { .. } => vec!["the answer in ics.toml, and the control behind it".to_owned()],
            Subject::Prepare { .. } => vec!["bench.toml, and the measurement that it made possible".to_owned()],
            Subject::Own { .. } => Vec::new(),
        }
    }
}

fn map(dossier: &Dossier) -> Vec<Responsible> {
    let row = |row: &dossier::Located<dossier::Responsibility>| {
        let (scope, role) = (row.value.scope.as_ref()?, row.value.role.as_ref()?);
        Some(Responsible { scope: scope.value.clone(), role: role.value.clone() })
    };
    let rows = dossier.responsible.iter().filter_map(row);
    // Whoever owns the control of a provision answers for it, before the map.
    let controls = dossier.controls.iter().filter_map(|control| {
        let (scope, role) = (control.provision.as_ref()?, control.owner.as_ref()?);
        Some(Responsible { scope: scope.value.clone(), role: role.value.clone() })
    });
    controls.chain(rows).collect()
}

fn people(dossier: &Dossier) -> Vec<Owner> {
    let one = |person: &dossier::Located<dossier::Person>| {
        let role = person.value.role.as_ref()?.value.clone();
        Some(Owner { role, person: person.value.name.as_ref().map(|name| name.value.clone()) })
    };
    dossier.people.iter().filter_map(one).collect()
}

/// The record that closed the gap of a task: the newest one that can have.
pub(super) fn did(subject: &Subject, assessment: &Assessment, told: &crate::history::History) -> Option<u64> {
    let evidence = told.evidence();
    let revision = || told.revisions().last().map(|r| r.seq);
    let of = |unit: &str, entry: Option<&String>| {
        let here = assessment
            .instances
            .iter()
            .filter(|i| i.id.unit.as_str() == unit && i.id.entry.as_ref().map(|(_, id)| id) == entry);
        let grounds = here.flat_map(|i| &i.judgement.grounds).filter_map(|ground| match ground {
            Ground::Observed { seq, .. } | Ground::Stated { seq, .. } => Some(*seq),
            _ => None,
        });
        grounds.max()
    };
    match subject {
        Subject::Measure { probe, target } => {
            let by = evidence
                .observations
                .iter()
                .filter(|o| o.body.run.probe == *probe && o.body.run.target == *target);
            by.map(|o| o.seq).max().or_else(revision)
        }
        Subject::Decide { unit, entry } | Subject::Mend { unit, entry } => {
            of(unit, entry.as_ref()).or_else(revision)
        }
        Subject::Declare { .. } | Subject::Answer { .. } => revision(),
        Subject::Prepare { .. } => evidence.observations.last().map(|o| o.seq),
        Subject::Own { .. } => None,
    }
}
