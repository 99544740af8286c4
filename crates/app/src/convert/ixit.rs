//! The IXIT files in the other edition: one per table, in the order of the edition.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{Bridge, Catalogue, Field, Table};
use dossier::{Dossier, SourceText};
use toml_edit::DocumentMut;

use super::ConvertError;
use super::entry::Rewriting;
use super::fields::Gains;
use super::moves::Moves;
use super::report::{Asked, EntryLine, Left, Report};
use super::text::{self, Part, guide, kept};

/// Rewrites every IXIT file.
pub(super) fn rewrite(
    dossier: &Dossier,
    sources: &[&SourceText],
    moves: &Moves,
    names: &BTreeMap<String, String>,
    report: &mut Report,
) -> Result<Vec<SourceText>, ConvertError> {
    let documents =
        sources.iter().map(|s| Ok((*s, text::document(s)?))).collect::<Result<Vec<_>, ConvertError>>()?;
    let files = Files {
        bridge: Bridge::built_in(),
        here: Catalogue::of(report.from),
        there: Catalogue::of(report.to),
        gains: Gains::of(dossier, moves, report.to),
        documents,
        moves,
        names,
    };
    report.entries = moves.iter().map(line).collect();
    Ok(files.written(report))
}

fn line(step: &super::moves::Move) -> EntryLine {
    EntryLine {
        table: step.from.0.clone(),
        id: step.from.1.clone(),
        to: step.to.clone(),
        because: step.why.map(str::to_owned),
    }
}

struct Files<'a> {
    bridge: &'static Bridge,
    here: &'static Catalogue,
    there: &'static Catalogue,
    gains: Gains,
    documents: Vec<(&'a SourceText, DocumentMut)>,
    moves: &'a Moves,
    names: &'a BTreeMap<String, String>,
}

impl Files<'_> {
    fn written(&self, report: &mut Report) -> Vec<SourceText> {
        let blank: BTreeMap<String, String> =
            engine::skeleton(self.there.edition, "").into_iter().map(|s| (s.path, s.text)).collect();
        let mut files: Vec<SourceText> = Vec::new();
        for table in &self.there.tables {
            let path = format!("ixit/{}.toml", table.id);
            let (mut text, entries) = self.table(table, report);
            if entries == 0 {
                text = format!("{}{text}", blank.get(&path).map_or("", String::as_str));
            }
            files.push(SourceText { path, text });
        }
        self.comments(&mut files);
        self.strangers(&mut files);
        files
    }

    /// A table of the edition that is entered: its text, and how many entries it has.
    fn table(&self, to: &Table, report: &mut Report) -> (String, usize) {
        let mut out = String::new();
        let mut aside = String::new();
        let mut count = 0;
        let sources: Vec<&Table> =
            self.here.tables.iter().filter(|t| self.bridge.tables(&t.id).contains(&to.id)).collect();
        let mut unsaid: BTreeMap<&str, usize> = BTreeMap::new();
        for from in &sources {
            let rewriting = Rewriting {
                bridge: self.bridge,
                from,
                to,
                edition: self.there.edition,
                moves: self.moves,
                names: self.names,
                gains: &self.gains,
            };
            for part in self.parts(from) {
                let Some((old, place)) = self.place(from, to, &part) else { continue };
                let new = rewriting.entry(&part, &old, &place, report);
                for field in to.fields.iter().filter(|f| is_new(self.bridge, f, to, from)) {
                    *unsaid.entry(field.name.as_str()).or_default() +=
                        usize::from(!new.table.contains_key(&field.name));
                }
                if count > 0 || !new.before.is_empty() {
                    out.push_str(&format!("{}\n", new.before));
                }
                let mut new = new;
                new.own.push_str(&self.remark(from, &old));
                out.push_str(&text::written(&to.name, to.repeating, &new));
                count += 1;
            }
        }
        for from in self.here.tables.iter().filter(|t| t.number == to.number) {
            aside.push_str(&self.gone(from, report));
        }
        let head = asked(to, &unsaid, count, report);
        let aside = if aside.is_empty() { aside } else { format!("\n{aside}") };
        (format!("{head}{out}{aside}"), count)
    }

    /// A remark on why an entry went where it went.
    fn remark(&self, from: &Table, id: &str) -> String {
        let why = self.moves.of_entry(&from.name, id).and_then(|m| m.why);
        why.map(|w| guide(&format!("{w}."))).unwrap_or_default()
    }

    /// The old id of a part and its id in a table; none when it does not go there.
    fn place(&self, from: &Table, to: &Table, part: &Part) -> Option<(String, String)> {
        let id = part.table.iter().find(|(k, _)| k.eq_ignore_ascii_case("ID")).and_then(|(_, v)| v.as_str());
        let id = id.unwrap_or(&from.name).to_owned();
        let step = self.moves.of_entry(&from.name, &id)?;
        let place = step.to.iter().find(|(table, _)| *table == to.name)?;
        Some((id, place.1.clone()))
    }

    /// The entries of a table over all files.
    fn parts(&self, table: &Table) -> Vec<Part> {
        let mut found = Vec::new();
        for (_, document) in &self.documents {
            let names = document.iter().map(|(key, _)| key).filter(|key| names_table(key, table));
            names.for_each(|key| found.extend(text::parts(document, key)));
        }
        found
    }

    /// Entries that have no place in the other edition, as comments that stay.
    fn gone(&self, from: &Table, report: &mut Report) -> String {
        let mut out = String::new();
        for part in self.parts(from) {
            let id = part.table.iter().find(|(k, _)| k.eq_ignore_ascii_case("ID")).and_then(|(_, v)| v.as_str());
            let id = id.unwrap_or(&from.name);
            let Some(step) = self.moves.of_entry(&from.name, id).filter(|m| m.to.is_empty()) else { continue };
            let elsewhere = self.gains.is_delivered(&from.name, id);
            let mut table = part.table.clone();
            table.remove("ID");
            if elsewhere {
                table.remove(super::fields::RESILIENCE);
            }
            let said = text::spoken(&toml_edit::Item::Table(table.clone()));
            let facts = table.get("facts").map(text::spoken).filter(|f| !f.is_empty());
            let facts = facts.map(|f| format!("; facts: {f}")).unwrap_or_default();
            let why = step.why.unwrap_or("it has no place");
            let what = format!("{id} of {} (V{}): {why}", from.id, self.here.edition);
            report.left.push(Left { place: id.to_owned(), what: what.clone(), text: format!("{said}{facts}") });
            out.push_str(&format!("{}{}", part.before, part.own));
            out.push_str(&kept(&format!("{what}. It said: {said}{facts}")));
        }
        out
    }

    /// Comments at the end of files, and files of comments alone, unless they are the skeleton's.
    fn comments(&self, files: &mut Vec<SourceText>) {
        let skeletons: BTreeSet<String> =
            engine::skeleton(self.here.edition, "").into_iter().map(|s| s.text).collect();
        for (source, document) in &self.documents {
            let end = text::trailing(document);
            if end.trim().is_empty() || skeletons.contains(&source.text) {
                continue;
            }
            let stem = source.path.trim_start_matches("ixit/").trim_end_matches(".toml");
            let first = document.iter().next().map_or(stem, |(key, _)| key);
            let number = self.here.tables.iter().find(|t| names_table(first, t)).map(|t| t.number);
            let home = self.there.tables.iter().find(|t| Some(t.number) == number);
            let path = home.map_or_else(|| source.path.clone(), |t| format!("ixit/{}.toml", t.id));
            let comment = format!("\n{}\n", end.trim());
            match files.iter_mut().find(|f| f.path == path) {
                Some(file) => file.text.push_str(&comment),
                None => files.push(SourceText { path, text: comment.trim_start().to_owned() }),
            }
        }
    }

    /// Tables that the edition does not know stay as they are, so that nothing is lost; the linter tells.
    fn strangers(&self, files: &mut Vec<SourceText>) {
        for (source, document) in &self.documents {
            let known = |key: &str| self.here.tables.iter().any(|t| names_table(key, t));
            let mut rest = document.clone();
            let keys: Vec<String> = document.iter().map(|(k, _)| k.to_owned()).filter(|k| known(k)).collect();
            keys.iter().for_each(|key| {
                rest.remove(key);
            });
            if rest.iter().next().is_none() {
                continue;
            }
            rest.set_trailing("");
            let path = match files.iter().any(|f| f.path == source.path) {
                true => source.path.replacen("ixit/", "ixit/other-", 1),
                false => source.path.clone(),
            };
            files.push(SourceText { path, text: rest.to_string() });
        }
    }
}

/// Whether a heading names a table: `AuthMech`, `1-AuthMech`, whatever the case of letters.
fn names_table(key: &str, table: &Table) -> bool {
    let name = key.split_once('-').map_or(key, |(_, name)| name);
    name.eq_ignore_ascii_case(&table.name)
}

/// Whether a field is none that the entry could have had before.
fn is_new(bridge: &Bridge, field: &Field, to: &Table, from: &Table) -> bool {
    let linked = bridge.fields.iter().any(|l| {
        let at = |place: &catalogue::Place, table: &Table| place.table == table.id.as_str();
        (at(&l.earlier, from) && at(&l.later, to) && l.later.name == field.name)
            || (at(&l.later, from) && at(&l.earlier, to) && l.earlier.name == field.name)
    });
    !linked && from.field(&field.name).is_none()
}

/// What the edition asks for in a table and the other did not: guidance for the head of the file, and for the report.
fn asked(to: &Table, unsaid: &BTreeMap<&str, usize>, entries: usize, report: &mut Report) -> String {
    let fields: Vec<&Field> =
        to.fields.iter().filter(|f| unsaid.get(f.name.as_str()).is_some_and(|n| *n > 0)).collect();
    if fields.is_empty() || entries == 0 {
        return String::new();
    }
    let mut out = guide(&format!("V{} asks in {} for what V{} did not:", report.to, to.id, report.from));
    for field in fields {
        let entries = unsaid.get(field.name.as_str()).copied().unwrap_or_default();
        out.push_str(&guide(&format!("- \"{}\": {}", field.name, field.summary)));
        report.asked.push(Asked { table: to.id.to_string(), field: field.name.clone(), entries });
    }
    out.push('\n');
    out
}
