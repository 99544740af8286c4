//! What each source of an answer has to say of a provision, or what is missing there.

use std::collections::BTreeMap;

use catalogue::{Field, Kind, Source, Table};
use dossier::Entry;
use engine::{Next, Standing};
use model::Outcome;
use report::answers::Open;
use report::presentation::{Control, Instance, Provision, Step, Unit};

use super::{Answer, Look, cite};

impl Look<'_> {
    pub(super) fn source(&self, source: &Source, provision: &Provision, answer: &mut Answer) {
        match source {
            Source::Answer => self.answer(provision, answer),
            Source::Design => self.design(provision, answer),
            Source::Criteria => self.listed(provision, answer, "acceptance", "accepted when", |c| &c.criteria),
            Source::Documents => self.listed(provision, answer, "documents", "documents", |c| &c.documents),
            Source::Owner => self.owner(provision, answer),
            Source::Entries => self.entries(provision, answer),
            Source::Field { table, field } => self.field(table, field, answer),
            Source::Concept => self.units(provision, answer, false),
            Source::Tests => self.units(provision, answer, true),
            Source::Verdict => self.verdict(provision, answer),
            Source::Findings => self.findings(provision, answer),
        }
    }

    fn answer(&self, provision: &Provision, answer: &mut Answer) {
        let row = &provision.answer;
        let declare = |what: &str| declare("ics", Some(&provision.id), what);
        if row.standing == Standing::Unanswered.as_str() || row.support.is_empty() {
            answer.lacks(format!("the ICS gives no answer to {} that counts", provision.id), &declare("support"));
        } else if row.detail.is_empty() {
            answer.lacks(format!("the ICS says {} without a detail", row.support), &declare("detail"));
        } else {
            let cites = row.at.iter().map(cite::place).collect();
            answer.says("answer", format!("{}: {}", row.support, row.detail.0.trim()), cites);
        }
    }

    fn design(&self, provision: &Provision, answer: &mut Answer) {
        let control = provision.control.as_ref();
        let parts = [
            ("design decision", "design", control.map(|c| &c.design)),
            ("pattern", "pattern", control.map(|c| &c.pattern)),
        ];
        for (what, key, text) in parts {
            match text.filter(|text| !text.is_empty()) {
                Some(text) => answer.says(what, text.0.clone(), at(control)),
                None => answer.lacks(
                    format!("no {what} is declared for {}", provision.id),
                    &declare("controls", Some(&provision.id), key),
                ),
            }
        }
    }

    fn listed(
        &self,
        provision: &Provision,
        answer: &mut Answer,
        key: &str,
        what: &str,
        of: impl Fn(&Control) -> &Vec<String>,
    ) {
        let control = provision.control.as_ref();
        match control.map(of).filter(|list| !list.is_empty()) {
            Some(list) => answer.says(what, list.join("\n"), at(control)),
            None => answer.lacks(
                format!("the control for {} names no {key}", provision.id),
                &declare("controls", Some(&provision.id), key),
            ),
        }
    }

    /// The role of the control, else of the provision, else of the clause; and who has it.
    fn owner(&self, provision: &Provision, answer: &mut Answer) {
        let control = self.dossier.control(&provision.id).and_then(|control| control.owner.as_ref());
        let clause = provision.id.split('-').next().unwrap_or_default();
        let row = |scope: &str| {
            let of = |row: &&dossier::Located<dossier::Responsibility>| {
                row.scope.as_ref().is_some_and(|s| s.value == scope)
            };
            self.dossier.responsible.iter().find(of).and_then(|row| row.role.as_ref())
        };
        let Some(role) = control.or_else(|| row(&provision.id)).or_else(|| row(clause)) else {
            let what = format!("`[[responsible]]` with for = \"{}\"", provision.id);
            return answer.lacks(format!("no role answers for {}", provision.id), &declare("assay", None, &what));
        };
        let has = |person: &&dossier::Located<dossier::Person>| {
            person.role.as_ref().is_some_and(|of| of.value.eq_ignore_ascii_case(&role.value))
        };
        let person = self.dossier.people.iter().find(has).and_then(|person| person.name.as_ref());
        let mut cites = vec![self.cites.span(role.span)];
        cites.extend(person.map(|name| self.cites.span(name.span)));
        let text = match person {
            Some(name) => format!("{}: {}", role.value, name.value),
            None => role.value.clone(),
        };
        answer.says("who answers for it", text, cites);
    }

    /// The fields of all entries that the tests of the provision read.
    fn entries(&self, provision: &Provision, answer: &mut Answer) {
        let found = self.catalogue.provision_named(&provision.id);
        let Some(group) = found.and_then(|found| self.catalogue.group_of(&found.id)) else { return };
        let tested = format!("{}-", group.id);
        for table in group.tables.iter().filter_map(|id| self.catalogue.table(id)) {
            let read = |field: &&Field| {
                !field.name.eq_ignore_ascii_case("ID")
                    && field.required_by.iter().any(|unit| unit.as_str().starts_with(&tested))
            };
            let fields: Vec<&Field> = table.fields.iter().filter(read).collect();
            if fields.is_empty() {
                continue;
            }
            let entries = self.dossier.entries(&table.name);
            if entries.is_empty() {
                answer.lacks(format!("table {} has no entry", table.id), &declare(&table.name, None, "entries"));
            }
            for entry in entries {
                self.entry(table, &fields, entry, answer);
            }
        }
    }

    fn entry(&self, table: &Table, fields: &[&Field], entry: &Entry, answer: &mut Answer) {
        let mut lines = Vec::new();
        for field in fields {
            match entry.field(&field.name).filter(|value| !value.value.is_empty()) {
                Some(value) => lines.push(format!("{}: {}", field.name, value.value.text().trim())),
                None if field.applies_when.is_some() => {}
                None => answer.lacks(
                    format!("{} of {} is not filled", field.name, entry.id.value),
                    &declare(&table.name, Some(&entry.id.value), &field.name),
                ),
            }
        }
        if !lines.is_empty() {
            let what = format!("{}, {}", table.id, entry.id.value);
            answer.says(what, lines.join("\n"), vec![self.cites.span(entry.span)]);
        }
    }

    fn field(&self, table: &str, field: &str, answer: &mut Answer) {
        let known = self.catalogue.table_named(table).and_then(|table| Some((table, table.field(field)?)));
        let Some((table, field)) = known else { return };
        let entries = self.dossier.entries(&table.name);
        if entries.is_empty() {
            answer.lacks(format!("table {} has no entry", table.id), &declare(&table.name, None, "entries"));
        }
        let mut any = false;
        for entry in entries {
            match entry.field(&field.name).filter(|value| !value.value.is_empty()) {
                Some(value) => {
                    any = true;
                    let what = format!("{}, {}", entry.id.value, field.name);
                    answer.says(what, value.value.text(), vec![self.cites.span(value.span)]);
                }
                None if field.applies_when.is_some() => {}
                None => answer.lacks(
                    format!("{} of {} is not filled", field.name, entry.id.value),
                    &declare(&table.name, Some(&entry.id.value), &field.name),
                ),
            }
        }
        if !any && !entries.is_empty() && field.applies_when.is_some() {
            let missing = format!("no entry of {} says anything on {}", table.id, field.name);
            answer.lacks(missing, &declare(&table.name, None, &field.name));
        }
    }

    /// What the units of one kind came to: decided ones by unit and outcome, the others as what is open.
    fn units(&self, provision: &Provision, answer: &mut Answer, functional: bool) {
        let of_kind = |unit: &&Unit| {
            let found = self.catalogue.unit_named(&unit.id);
            found.is_some_and(|found| (found.kind == Kind::Functional) == functional)
        };
        let units: Vec<&Unit> = provision.cases.iter().flat_map(|case| &case.units).filter(of_kind).collect();
        if units.is_empty() {
            let kind = if functional { "functional" } else { "conceptual" };
            let tests = &self.catalogue.tests;
            let text = format!("{} {} has no {kind} unit for {}", tests.id, tests.version, provision.id);
            answer.says("tests", text.clone(), vec![cite::fact(text)]);
        }
        // What does not concern the product is worth a word only where nothing else does.
        let concerns = units.iter().flat_map(|u| &u.instances).any(|i| i.outcome != Outcome::NotApplicable);
        for unit in units {
            let mut decided: BTreeMap<Outcome, Vec<&Instance>> = BTreeMap::new();
            for instance in &unit.instances {
                match instance.outcome {
                    Outcome::Open | Outcome::Inconclusive => {}
                    Outcome::NotApplicable if concerns => {}
                    outcome => decided.entry(outcome).or_default().push(instance),
                }
            }
            for (outcome, instances) in decided {
                let grounds = instances.iter().flat_map(|instance| &instance.grounds);
                let mut cites = self.cites.grounds(grounds);
                if cites.is_empty() {
                    cites.push(cite::fact(instances[0].because.clone()));
                }
                answer.says(format!("{}, {outcome}", unit.id), outcomes(unit, &instances), cites);
            }
            undecided(unit, answer);
        }
    }

    fn verdict(&self, provision: &Provision, answer: &mut Answer) {
        let units = || provision.cases.iter().flat_map(|case| &case.units).flat_map(|unit| &unit.instances);
        if provision.outcome.is_decided() || provision.outcome == Outcome::NotApplicable {
            let mut cites: Vec<_> = provision.answer.at.iter().map(cite::place).collect();
            cites.extend(self.cites.records(units().flat_map(|instance| &instance.grounds)));
            return answer.says("verdict", format!("{}: {}", provision.outcome, provision.because), cites);
        }
        let undecided = units().filter(|i| matches!(i.outcome, Outcome::Open | Outcome::Inconclusive));
        let next = provision.next.iter().chain(undecided.flat_map(|instance| &instance.next)).next();
        answer
            .open(Open { missing: format!("{}: {}", provision.outcome, provision.because), next: next.cloned() });
    }

    fn findings(&self, provision: &Provision, answer: &mut Answer) {
        let findings = self.presentation.findings.iter().filter(|finding| finding.provision == provision.id);
        let mut any = false;
        for finding in findings {
            any = true;
            answer.says(
                format!("finding, {}", finding.about),
                finding.because.clone(),
                self.cites.grounds(&finding.grounds),
            );
        }
        if !any {
            let units = provision.cases.iter().flat_map(|case| &case.units).flat_map(|unit| &unit.instances);
            let (mut all, mut decided) = (0, 0);
            for instance in units.filter(|instance| instance.outcome != Outcome::NotApplicable) {
                all += 1;
                decided += usize::from(instance.outcome.is_decided());
            }
            let fact = format!("{decided} of {all} unit instances are decided, and none fails");
            answer.says("findings", format!("none so far: {fact}"), vec![cite::fact(fact)]);
        }
    }
}

fn declare(place: &str, entry: Option<&str>, what: &str) -> Next {
    Next::Declare { place: place.to_owned(), entry: entry.map(str::to_owned), what: what.to_owned() }
}

fn at(control: Option<&Control>) -> Vec<report::answers::Cite> {
    control.and_then(|control| control.at.as_ref()).map(cite::place).into_iter().collect()
}

/// What is undecided of a unit: entries of which the same is to be said and done are told together.
fn undecided(unit: &Unit, answer: &mut Answer) {
    let undecided = unit.instances.iter().filter(|i| matches!(i.outcome, Outcome::Open | Outcome::Inconclusive));
    let mut alike: Vec<(&str, Option<Step>, Vec<&str>)> = Vec::new();
    for instance in undecided {
        let next = instance.next.first();
        let same = |(because, step, _): &&mut (&str, Option<Step>, Vec<&str>)| {
            *because == instance.because && step.as_ref().map(|s| &s.text) == next.map(|s| &s.text)
        };
        match alike.iter_mut().find(same) {
            Some((_, step, entries)) => {
                entries.push(&instance.entry);
                // A command for one entry would be half the step.
                if let Some(step) = step.as_mut().filter(|step| Some(&step.command) != next.map(|n| &n.command)) {
                    step.command = None;
                }
            }
            None => alike.push((&instance.because, next.cloned(), vec![&instance.entry])),
        }
    }
    for (because, next, entries) in alike {
        let entries: Vec<&str> = entries.into_iter().filter(|entry| !entry.is_empty()).collect();
        let at = if entries.is_empty() { String::new() } else { format!(" @ {}", entries.join(", ")) };
        answer.open(Open { missing: format!("{}{at}: {because}", unit.id), next });
    }
}

/// What instances of one outcome say: once what they say alike, else each its own line.
fn outcomes(unit: &Unit, instances: &[&Instance]) -> String {
    let carried = |instance: &Instance| {
        let from = instance.carried.as_ref().map(|carried| format!(" (carried over from {})", carried.from));
        from.unwrap_or_default()
    };
    let name = |instance: &Instance| match instance.entry.as_str() {
        "" => unit.id.clone(),
        entry => entry.to_owned(),
    };
    let mut alike: Vec<(String, Vec<String>)> = Vec::new();
    for instance in instances {
        let because = format!("{}{}", instance.because, carried(instance));
        match alike.iter_mut().find(|(known, _)| *known == because) {
            Some((_, names)) => names.push(name(instance)),
            None => alike.push((because, vec![name(instance)])),
        }
    }
    let lines = alike.into_iter().map(|(because, names)| format!("{}: {because}", names.join(", ")));
    format!("{}\n{}", unit.summary, lines.collect::<Vec<_>>().join("\n"))
}
