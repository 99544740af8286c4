//! `controls.toml` and `assay.toml` in the other edition: controls and responsibilities go where their provisions go.

use std::collections::BTreeMap;

use catalogue::{Bridge, Catalogue};
use dossier::SourceText;
use engine::bridge::ProvisionStep;
use toml_edit::{ArrayOfTables, Item, Table};

use super::report::{Left, Report};
use super::text::{self, Part, guide, kept};
use super::{ConvertError, merge};

/// Rewrites `controls.toml`: a control goes to each provision that its own became.
pub(super) fn controls(
    source: &SourceText,
    names: &BTreeMap<String, String>,
    report: &mut Report,
) -> Result<SourceText, ConvertError> {
    let document = text::document(source)?;
    let mut given: BTreeMap<String, Part> = BTreeMap::new();
    let mut strays = Vec::new();
    for part in text::parts(&document, "control") {
        let provision = text::text(&part.table, "provision").unwrap_or_default().to_owned();
        let known = Catalogue::of(report.from).provision_named(&provision).is_some();
        if known && !given.contains_key(&provision) {
            given.insert(provision, part);
        } else {
            strays.push((provision, part));
        }
    }
    let steps = engine::bridge::provision_steps(report.to);
    let mut out = String::new();
    for provision in &Catalogue::of(report.to).provisions {
        let Some(step) = steps.iter().find(|s| s.to.contains(&provision.id)) else { continue };
        let mut parts = Vec::new();
        for id in &step.from {
            if let Some(part) = given.get_mut(id.as_str()) {
                parts.push((id.to_string(), part.clone()));
                (part.before, part.own) = (String::new(), String::new());
            }
        }
        out.push_str(&one(provision.id.as_str(), step, &parts, names, report));
    }
    let dropped = steps.iter().filter(|s| s.to.is_empty()).flat_map(|s| &s.from);
    let dropped: Vec<(String, Part)> =
        dropped.filter_map(|id| Some((id.to_string(), given.remove(id.as_str())?))).collect();
    for (id, part) in dropped.into_iter().chain(strays) {
        out.push_str(&aside(&id, &part, report));
    }
    out.push_str(&text::trailing(&document));
    Ok(SourceText { path: source.path.clone(), text: out.trim_start().to_owned() })
}

fn one(
    provision: &str,
    step: &ProvisionStep,
    parts: &[(String, Part)],
    names: &BTreeMap<String, String>,
    report: &Report,
) -> String {
    if parts.is_empty() {
        return String::new();
    }
    let mut whole = merge::controls(parts);
    let mut notes = String::new();
    if step.fate.needs_confirmation() {
        let from: Vec<&str> = parts.iter().map(|(id, _)| id.as_str()).collect();
        notes = guide(&format!(
            "The control of {} of V{}; read it against what {provision} asks.",
            from.join(" and "),
            report.from
        ));
    }
    let owner = |part: &Part| text::text(&part.table, "owner").map(str::to_owned);
    for (id, part) in parts.iter().filter(|(_, part)| owner(part) != owner(&whole)) {
        notes.push_str(&kept(&format!(
            "The part of {id} was owned by {}.",
            owner(part).unwrap_or_else(|| "nobody".into())
        )));
    }
    text::put(&mut whole.table, "provision", provision);
    documents(&mut whole.table, report);
    text::rename_words(&mut whole.table, names);
    let before: String = parts.iter().map(|(_, part)| part.before.as_str()).collect();
    let own: String = parts.iter().map(|(_, part)| part.own.as_str()).collect();
    whole.own = format!("{own}{notes}");
    format!("{before}\n{}", text::written("control", true, &whole))
}

/// IXIT files that a control names, under the names of the other edition.
fn documents(control: &mut Table, report: &Report) {
    let Some(list) = control.get("documents").and_then(Item::as_array) else { return };
    let bridge = Bridge::built_in();
    let mut new: Vec<String> = Vec::new();
    let mut changed = false;
    for path in list.iter() {
        let Some(path) = path.as_str() else { return };
        let stem = path.strip_prefix("ixit/").and_then(|p| p.strip_suffix(".toml"));
        let table = Catalogue::of(report.from).tables.iter().find(|t| Some(t.id.as_str()) == stem);
        let there = table.map(|t| bridge.tables(&t.id)).unwrap_or_default();
        let paths: Vec<String> = there.iter().map(|id| format!("ixit/{id}.toml")).collect();
        match paths.is_empty() || paths == [path] {
            true => new.push(path.to_owned()),
            false => {
                changed = true;
                new.extend(paths);
            }
        }
    }
    if changed {
        let mut seen: Vec<String> = Vec::new();
        new.retain(|path| {
            !seen.contains(path) && {
                seen.push(path.clone());
                true
            }
        });
        control.insert("documents", text::list(new));
    }
}

/// A control that has no place, as comments that stay, and in the report.
fn aside(provision: &str, part: &Part, report: &mut Report) -> String {
    let said = text::spoken(&Item::Table(part.table.clone()));
    report.left.push(Left {
        place: "controls".into(),
        what: format!("the control of {provision} has no place in V{}", report.to),
        text: said.clone(),
    });
    let comment = kept(&format!("The control of {provision} of V{}: {said}", report.from));
    format!("\n{}{}{comment}", part.before, part.own)
}

/// Rewrites `assay.toml`: the edition, and who answers for what.
pub(super) fn assay(source: &SourceText, report: &mut Report) -> Result<SourceText, ConvertError> {
    let mut document = text::document(source)?;
    match document.get_mut("edition").and_then(Item::as_value_mut) {
        Some(value) => text::set(value, report.to.as_str()),
        None => {
            document.insert("edition", toml_edit::value(report.to.as_str()));
        }
    }
    let Some(rows) = document.get("responsible").and_then(Item::as_array_of_tables) else {
        return Ok(SourceText { path: source.path.clone(), text: document.to_string() });
    };
    let steps = engine::bridge::provision_steps(report.to);
    let mut out: Vec<Table> = Vec::new();
    for row in rows.iter() {
        let scope = text::text(row, "for").unwrap_or_default().to_owned();
        let scopes = scopes(&scope, &steps, report);
        if scopes.is_empty() {
            let role = text::text(row, "role").unwrap_or_default();
            report.left.push(Left {
                place: "assay".into(),
                what: format!("nothing of V{} is what `{role}` answered for: {scope}", report.to),
                text: role.to_owned(),
            });
        }
        for (index, scope) in scopes.iter().enumerate() {
            let known = |t: &Table| text::text(t, "for") == Some(scope.as_str());
            if out.iter().any(|t| known(t) && text::text(t, "role") == text::text(row, "role")) {
                continue;
            }
            let mut row = row.clone();
            if index > 0 {
                row.decor_mut().set_prefix("\n");
            }
            text::put(&mut row, "for", scope);
            out.push(row);
        }
    }
    let mut list = ArrayOfTables::new();
    out.into_iter().for_each(|row| list.push(row));
    document.insert("responsible", Item::ArrayOfTables(list));
    Ok(SourceText { path: source.path.clone(), text: document.to_string() })
}

/// What a clause or provision is called in the other edition; itself when the edition has it, too.
fn scopes(scope: &str, steps: &[ProvisionStep], report: &Report) -> Vec<String> {
    let (here, there) = (Catalogue::of(report.from), Catalogue::of(report.to));
    if here.clause(scope).is_some() {
        if there.clause(scope).is_some() {
            return vec![scope.to_owned()];
        }
        // A clause of another number: the clauses of its provisions' successors.
        let of = here.provisions.iter().filter(|p| p.clause == scope);
        let to = of.flat_map(|p| steps.iter().filter(|s| s.from.contains(&p.id)).flat_map(|s| &s.to));
        let mut clauses: Vec<String> = to.filter_map(|id| there.provision(id)).map(|p| p.clause.clone()).collect();
        clauses.dedup();
        return clauses;
    }
    let step = steps.iter().find(|s| s.from.iter().any(|p| p.as_str() == scope));
    match step {
        Some(step) => step.to.iter().map(ToString::to_string).collect(),
        None => vec![scope.to_owned()],
    }
}
