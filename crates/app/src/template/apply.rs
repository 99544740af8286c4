//! Holding a template against a dossier, and the texts that the dossier would have with it.

use catalogue::Catalogue;
use dossier::{Severity, SourceText};
use model::Edition;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

use super::save::placeless;
use super::{Becomes, Compared, Line, PARTS, TemplateError, VERSION, edition_of, parsed};

pub(super) fn compare(template: &str, sources: &[SourceText], overwrite: bool) -> Result<Compared, TemplateError> {
    let template = parsed("the template", template)?;
    match template.get("template").and_then(Item::as_integer) {
        Some(VERSION) => {}
        Some(other) => return Err(TemplateError::NoTemplate(format!("it is of version {other}, not {VERSION}"))),
        None => return Err(TemplateError::NoTemplate("it does not say that it is one".to_owned())),
    }
    let known = |key: &str| {
        ["template", "edition", "from", super::asks::TABLE].contains(&key)
            || PARTS.iter().any(|part| part.1 == key)
    };
    if let Some((key, _)) = template.iter().find(|(key, _)| !known(key)) {
        return Err(TemplateError::NoTemplate(format!("nothing reads its key `{key}`")));
    }
    let text = |file: &str| sources.iter().find(|s| s.path == file).map(|s| s.text.clone()).unwrap_or_default();
    let assay = parsed("assay.toml", &text("assay.toml"))?;
    let mut look = Look {
        catalogue: Catalogue::of(edition_of(&assay)),
        from: edition_of(&template),
        overwrite,
        lines: Vec::new(),
    };
    let mut files = Vec::new();
    for file in ["assay.toml", "controls.toml"] {
        let before = text(file);
        let mut document = parsed(file, &before)?;
        for (_, table, key) in PARTS.into_iter().filter(|(of, ..)| *of == file) {
            let Some(given) = template.get(table) else { continue };
            match (given, key) {
                (Item::Table(given), "") => look.one(&mut document, file, table, given)?,
                (Item::ArrayOfTables(given), key) if !key.is_empty() => {
                    look.rows(&mut document, file, table, key, given)?;
                }
                _ => {
                    return Err(TemplateError::NoTemplate(format!(
                        "`{table}` is no table of the form it has in {file}"
                    )));
                }
            }
        }
        let after = document.to_string();
        if after != before {
            files.push((file, before, after));
        }
    }
    refuse_errors(sources, &files)?;
    let from = template.get("from").and_then(Item::as_str).unwrap_or_default().to_owned();
    Ok(Compared { from, lines: look.lines, files, asks: Vec::new() })
}

struct Look {
    catalogue: &'static Catalogue,
    from: Edition,
    overwrite: bool,
    lines: Vec<Line>,
}

impl Look {
    /// A table that is there once.
    fn one(
        &mut self,
        document: &mut DocumentMut,
        file: &'static str,
        table: &'static str,
        given: &Table,
    ) -> Result<(), TemplateError> {
        let form = || TemplateError::Form { file: file.to_owned(), table: table.to_owned() };
        if document.get(table).is_none() {
            document.insert(table, Item::Table(placeless(given)));
            for (key, item) in given {
                self.say(file, table, "", key, Becomes::Added, "", &written(item));
            }
            return Ok(());
        }
        let here = document.get_mut(table).and_then(Item::as_table_mut).ok_or_else(form)?;
        self.keys(here, file, table, "", given);
        Ok(())
    }

    /// A table that is there once a row.
    fn rows(
        &mut self,
        document: &mut DocumentMut,
        file: &'static str,
        table: &'static str,
        key: &str,
        given: &ArrayOfTables,
    ) -> Result<(), TemplateError> {
        let form = || TemplateError::Form { file: file.to_owned(), table: table.to_owned() };
        if document.get(table).is_none() {
            document.insert(table, Item::ArrayOfTables(ArrayOfTables::new()));
        }
        let here = document.get_mut(table).and_then(Item::as_array_of_tables_mut).ok_or_else(form)?;
        let name = |row: &Table| row.get(key).and_then(Item::as_str).unwrap_or_default().trim().to_owned();
        let names: Vec<String> = given.iter().map(name).collect();
        for row in here.iter().map(name).filter(|row| !names.iter().any(|name| same(name, row))) {
            self.say(file, table, &row, "", Becomes::OnlyHere, "", "");
        }
        for row in given {
            let name_of = name(row);
            if let Some(why) = self.foreign(table, &name_of) {
                self.say(file, table, &name_of, "", Becomes::LeftOut, "", &why);
                continue;
            }
            let place = here.iter().position(|known| same(&name(known), &name_of));
            match place.and_then(|place| here.get_mut(place)) {
                Some(known) => self.keys(known, file, table, &name_of, row),
                None => {
                    here.push(placeless(row));
                    let told: Vec<String> = row
                        .iter()
                        .filter(|(k, _)| *k != key)
                        .map(|(k, item)| format!("{k} = {}", written(item)))
                        .collect();
                    self.say(file, table, &name_of, "", Becomes::Added, "", &told.join(", "));
                }
            }
        }
        Ok(())
    }

    fn keys(&mut self, here: &mut Table, file: &'static str, table: &'static str, row: &str, given: &Table) {
        for (key, item) in given {
            let (said, wanted) = (here.get(key).map(written), written(item));
            match said {
                None => {
                    here.insert(key, item.clone());
                    self.say(file, table, row, key, Becomes::Added, "", &wanted);
                }
                Some(said) if here.get(key).is_some_and(|known| equal(known, item)) => {
                    self.say(file, table, row, key, Becomes::Same, &said, &wanted);
                }
                Some(said) if self.overwrite => {
                    if let (Some(known), Some(new)) =
                        (here.get_mut(key).and_then(Item::as_value_mut), item.as_value())
                    {
                        let decor = known.decor().clone();
                        *known = new.clone();
                        *known.decor_mut() = decor;
                    }
                    self.say(file, table, row, key, Becomes::Replaced, &said, &wanted);
                }
                Some(said) => self.say(file, table, row, key, Becomes::Kept, &said, &wanted),
            }
        }
        let only: Vec<(String, String)> = here
            .iter()
            .filter(|(key, _)| given.get(key).is_none())
            .map(|(k, i)| (k.to_owned(), written(i)))
            .collect();
        for (key, said) in only {
            self.say(file, table, row, &key, Becomes::OnlyHere, &said, "");
        }
    }

    /// Why a row about a clause or a provision cannot be taken over, if so.
    fn foreign(&self, table: &str, name: &str) -> Option<String> {
        if !["responsible", "control"].contains(&table) || self.catalogue.clause(name).is_some() {
            return None;
        }
        if self.from != self.catalogue.edition {
            return Some(format!("it is of edition {}, where {name} may be another provision", self.from));
        }
        let known = self.catalogue.provision_named(name).is_some();
        (!known).then(|| format!("edition {} has no {name}", self.catalogue.edition))
    }

    #[expect(clippy::too_many_arguments, reason = "a line in the order in which it is read")]
    fn say(
        &mut self,
        file: &'static str,
        table: &'static str,
        row: &str,
        key: &str,
        becomes: Becomes,
        here: &str,
        template: &str,
    ) {
        let (row, key, here, template) = (row.to_owned(), key.to_owned(), here.to_owned(), template.to_owned());
        self.lines.push(Line { file, table, row, key, becomes, here, template });
    }
}

/// Names are compared as roles are: without case.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn written(item: &Item) -> String {
    item.as_value().map_or_else(|| item.to_string(), Value::to_string).trim().to_owned()
}

/// Whether two values mean the same, however they are written.
fn equal(one: &Item, other: &Item) -> bool {
    fn values(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::String(a), Value::String(b)) => a.value() == b.value(),
            (Value::Integer(a), Value::Integer(b)) => a.value() == b.value(),
            (Value::Boolean(a), Value::Boolean(b)) => a.value() == b.value(),
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| values(a, b))
            }
            _ => one.to_string().trim() == other.to_string().trim(),
        }
    }
    match (one.as_value(), other.as_value()) {
        (Some(one), Some(other)) => values(one, other),
        _ => one.to_string().trim() == other.to_string().trim(),
    }
}

/// Refuses what would bring an error into the dossier that it has not now.
fn refuse_errors(sources: &[SourceText], files: &[(&'static str, String, String)]) -> Result<(), TemplateError> {
    let errors = |sources: Vec<SourceText>| {
        let (_, notes) = engine::lint::check(sources);
        notes.into_iter().filter(|note| note.severity == Severity::Error).collect::<Vec<_>>()
    };
    let mut then: Vec<SourceText> = sources.to_vec();
    for (path, _, after) in files {
        match then.iter_mut().find(|source| source.path == *path) {
            Some(source) => source.text.clone_from(after),
            None => then.push(SourceText { path: (*path).to_owned(), text: after.clone() }),
        }
    }
    let (before, after) = (errors(sources.to_vec()), errors(then));
    let new = after.iter().find(|note| {
        let like = |all: &[dossier::Note]| {
            all.iter().filter(|n| n.code == note.code && n.message == note.message).count()
        };
        like(&after) > like(&before)
    });
    match new {
        None => Ok(()),
        Some(note) => {
            let file = files.first().map_or("the dossier", |(path, ..)| path).to_owned();
            Err(TemplateError::Errors { file, why: format!("{} ({})", note.message, note.code) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: &str = "edition = \"3.1.3\"\n\n# The next one.\n[product]\nname = \"Lamp\"\n\n# Ours.\n[[person]]\nrole = \"Firmware\" # me\nname = \"N. Ext\"\n\n\
                        [policy]\nstatement-days = 180 # by contract\n";

    fn sources(text: &str) -> Vec<SourceText> {
        vec![SourceText { path: "assay.toml".into(), text: text.into() }]
    }

    fn template(rest: &str) -> String {
        format!("template = 1\nedition = \"3.1.3\"\nfrom = \"Plug 1.0\"\n{rest}")
    }

    fn told(compared: &Compared) -> Vec<String> {
        let one = |l: &Line| format!("{} {} {}: {}", l.table, l.row, l.key, l.becomes.as_str()).replace("  ", " ");
        compared.lines.iter().map(one).collect()
    }

    #[test]
    fn what_is_missing_is_added_what_differs_is_kept_and_remarks_stay() {
        let given = template(
            "[[person]]\nrole = \"firmware\"\nname = \"F. Irm\"\ncontact = \"f@example\"\n[[responsible]]\nfor = \"5.3\"\nrole = \"firmware\"\n\
             [policy]\nstatement-days = 365\nobservation-days = 90\n[[control]]\nprovision = \"5.3-1\"\ndesign = \"signed updates\"\n",
        );
        let compared = compare(&given, &sources(NEXT), false).unwrap();
        assert_eq!(
            told(&compared),
            [
                "person firmware role: differs, kept",
                "person firmware name: differs, kept",
                "person firmware contact: added",
                "responsible 5.3 : added",
                "policy statement-days: differs, kept",
                "policy observation-days: added",
                "control 5.3-1 : added",
            ]
        );
        let [(_, _, assay), (_, none, controls)] = compared.files.as_slice() else {
            panic!("{:?}", compared.files)
        };
        for kept in [
            "# The next one.",
            "role = \"Firmware\" # me",
            "name = \"N. Ext\"",
            "statement-days = 180 # by contract",
        ] {
            assert!(assay.contains(kept), "{kept}: {assay}");
        }
        assert!(
            assay.contains("observation-days = 90") && assay.contains("[[responsible]]\nfor = \"5.3\""),
            "{assay}"
        );
        assert!(none.is_empty() && controls.contains("design = \"signed updates\""));
        // Applied, there is nothing left to add.
        let again = compare(
            &given,
            &[sources(assay), vec![SourceText { path: "controls.toml".into(), text: controls.clone() }]].concat(),
            false,
        );
        assert!(again.unwrap().files.is_empty());
    }

    #[test]
    fn told_to_overwrite_it_takes_what_the_template_says_and_keeps_the_remark() {
        let given = template("[policy]\nstatement-days = 365\n");
        let compared = compare(&given, &sources(NEXT), true).unwrap();
        assert_eq!(told(&compared), ["policy statement-days: differs, replaced"]);
        assert_eq!(compared.files[0].2, NEXT.replace("180", "365"));
    }

    #[test]
    fn a_provision_of_another_edition_is_left_out_and_a_clause_is_not() {
        let given = "template = 1\nedition = \"2.1.1\"\n[[responsible]]\nfor = \"5.3\"\nrole = \"Firmware\"\n[[responsible]]\nfor = \"5.3-4\"\nrole = \"Firmware\"\n";
        let compared = compare(given, &sources(NEXT), false).unwrap();
        assert_eq!(told(&compared), ["responsible 5.3 : added", "responsible 5.3-4 : left out"]);
        assert!(compared.lines[1].template.contains("of edition 2.1.1"));
    }

    #[test]
    fn what_is_no_template_or_would_break_the_dossier_is_refused() {
        let why = |text: &str| compare(text, &sources(NEXT), false).unwrap_err().to_string();
        assert!(why("[policy]\n").contains("does not say that it is one"));
        assert!(why("template = 2\n").contains("version 2"));
        assert!(why(&template("[[release]]\nversion = \"9\"\n")).contains("`release`"));
        assert!(
            why(&template("[policy]\nstatement-days = \"many\"\n[policy.x]\n")).contains("would have an error"),
            "an unknown key"
        );
        assert!(
            why(&template("[[checkpoint]]\nname = \"x\"\nholds = [\"all\"]\n")).contains("would have an error")
        );
    }
}
