//! The form of people and functions, and of who answers for which clause or provision.

use std::path::Path;

use dossier::{Person, Responsibility};
use model::Timestamp;

use super::entries::{add_row, change};
use super::form::{Asked, Form, Group, Kind, Target, words};
use super::rows::{FILE, Row, declared};
use super::save::Refused;
use super::source::{Anchor, Source};
use super::splice::Said;
use super::{EditError, Opened};

const LIST: &str = "responsible";

/// A clause or provision that somebody may answer for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `5.3`, `5.3-13`.
    pub id: String,
    /// What it is about.
    pub title: String,
}

impl Opened {
    /// The roles that the dossier's people have.
    pub fn roles(&self) -> Vec<&str> {
        let mut roles = Vec::new();
        for role in self.dossier.people.iter().filter_map(|person| person.role.as_ref()) {
            if !role.value.trim().is_empty() && !roles.contains(&role.value.as_str()) {
                roles.push(role.value.as_str());
            }
        }
        roles
    }

    /// Provisions for which no row of their own says who answers.
    pub fn unassigned(&self) -> Vec<Place> {
        let said =
            |id: &str| self.dossier.responsible.iter().any(|r| r.scope.as_ref().is_some_and(|s| s.value == id));
        let provisions = self.catalogue().provisions.iter().filter(|p| !said(p.id.as_str()));
        provisions.map(|p| Place { id: p.id.to_string(), title: p.summary.clone() }).collect()
    }

    pub(super) fn people(&self) -> Result<Form, EditError> {
        let rows = self.rows("person", &["role", "name"])?;
        let mut form = Form::default();
        for (at, row) in rows.iter().enumerate() {
            let title = [row.says("role"), row.says("name")].into_iter().find(|said| !said.trim().is_empty());
            let title = title.map_or(format!("Person {}", at + 1), str::to_owned);
            let group = self.row_of("person", row, person())?;
            form.groups.push(Group { id: format!("person {at}"), title, ..group });
            form.taken.extend(["role", "name"].map(|key| row.says(key).to_owned()));
        }
        form.groups.push(self.responsible()?);
        let keys = [Person::KEYS, Responsibility::KEYS].concat();
        form.orders = vec![(FILE.to_owned(), self.assay_order(&["for"], &keys))];
        Ok(form)
    }

    /// Who answers for each clause, with the more specific places of it behind.
    fn responsible(&self) -> Result<Group, EditError> {
        let rows = self.rows(LIST, &["for"])?;
        let mut whole = Group {
            id: LIST.into(),
            title: "Who answers for what".into(),
            about: vec![
                "A role for each clause. A provision that has one of its own goes before its clause, and the owner of its control before both. With nobody, the row goes."
                    .into(),
            ],
            ..Group::default()
        };
        let mut left: Vec<&Row<'_>> = rows.iter().collect();
        let catalogue = self.catalogue();
        for clause in &catalogue.clauses {
            let label = format!("{} {}", clause.id, clause.title);
            self.place(&mut whole, &mut left, &clause.id, &label, true)?;
            for provision in catalogue.provisions.iter().filter(|p| p.clause == clause.id) {
                let label = format!("{}: {}", provision.id, provision.summary);
                self.place(&mut whole, &mut left, provision.id.as_str(), &label, false)?;
            }
        }
        for row in left {
            let place = row.says("for");
            let label = if place.is_empty() { "No place".to_owned() } else { place.to_owned() };
            self.answering(&mut whole, row, &label)?;
        }
        Ok(whole)
    }

    /// The field of a place: of its row, or of one that there may be.
    fn place(
        &self,
        whole: &mut Group,
        left: &mut Vec<&Row<'_>>,
        id: &str,
        label: &str,
        always: bool,
    ) -> Result<(), EditError> {
        let of = |row: &&Row<'_>| row.anchor.is_some() && row.says("for") == id;
        match left.iter().position(of) {
            Some(at) => self.answering(whole, left.remove(at), label),
            // Where two rows are of one place, both are told, and a third would be one too many.
            None if always && !left.iter().any(|row| row.says("for") == id) => {
                let anchor = Anchor::Row { list: LIST, key: "for", id: id.to_owned() };
                let group = self.group(FILE, &anchor, vec![self.role(label)])?;
                whole.fields.extend(group.fields);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn answering(&self, whole: &mut Group, row: &Row<'_>, label: &str) -> Result<(), EditError> {
        let mut group = self.row_of(LIST, row, vec![self.role(label)])?;
        if let Some(field) = group.fields.first_mut() {
            field.notes.append(&mut group.notes);
        }
        whole.fields.append(&mut group.fields);
        Ok(())
    }

    fn role(&self, label: &str) -> Asked {
        let roles: Vec<(&str, &str)> = self.roles().into_iter().map(|role| (role, role)).collect();
        Asked::new("role", label, "", Kind::Choice(words("nobody", &roles)))
    }
}

/// Three keys that say what they are: without help they stand in one line.
fn person() -> Vec<Asked> {
    let all = declared("person", Person::KEYS).into_iter();
    all.map(|asked| Asked { help: String::new(), ..asked }).collect()
}

/// Whether without this key a row says nothing any more: the role of who answers for a place.
pub(super) fn is_all_of_it(source: &Source, target: &Target) -> Result<bool, EditError> {
    let is_role = matches!(target.anchor, Anchor::Row { list: LIST, .. }) && target.key == "role";
    Ok(is_role && source.find(&target.anchor)?.is_some_and(|found| found.table.len() <= 2))
}

/// Adds a person or function, with nothing but the role.
///
/// # Errors
/// [`Refused`]; then nothing was written.
pub fn add_person(folder: &Path, role: &str, by: &str, at: Timestamp) -> Result<(), Refused> {
    change(folder, by, at, |opened| {
        let known = opened.rows("person", &["role"])?;
        if known.iter().any(|row| row.says("role").eq_ignore_ascii_case(role.trim())) {
            return Err(EditError::Known(format!("the role `{}`", role.trim())));
        }
        add_row(opened, ("person", "role", role), &[])
    })
}

/// Adds who answers for a place that has nobody of its own yet.
///
/// # Errors
/// [`Refused`]; then nothing was written.
pub fn add_responsible(folder: &Path, place: &str, role: &str, by: &str, at: Timestamp) -> Result<(), Refused> {
    change(folder, by, at, |opened| {
        let (place, role) = (place.trim(), role.trim());
        if !opened.roles().contains(&role) {
            return Err(EditError::Unknown(format!("the role `{role}`")));
        }
        let catalogue = opened.catalogue();
        if catalogue.provision_named(place).is_none() && catalogue.clause(place).is_none() {
            return Err(EditError::Unknown(format!("the clause or provision `{place}`")));
        }
        if opened.rows(LIST, &["for"])?.iter().any(|row| row.says("for") == place) {
            return Err(EditError::Known(format!("who answers for {place}")));
        }
        add_row(opened, (LIST, "for", place), &[("role", Said::Text(role.to_owned()))])
    })
}
