//! `assay catalogue`: lists and explains what the standard asks, with the clause to look up.

use std::fmt::Write as _;

use catalogue::{Case, Catalogue, Field, Group, Item, Provision, Table, Unit};
use model::Edition;

use crate::exit::Exit;
use crate::output::Output;

/// Lists the provisions, or explains the thing that is named.
pub(crate) fn run(out: &mut Output, edition: Edition, name: Option<&str>) -> Exit {
    let catalogue = Catalogue::of(edition);
    let Some(name) = name else {
        out.data(&list(catalogue));
        return Exit::Ok;
    };
    match catalogue.find(name) {
        Ok(item) => {
            let text = explain(catalogue, item);
            out.data(&format!("{text}\n{}\n", cite(catalogue)));
            Exit::Ok
        }
        Err(error) => {
            let elsewhere = Edition::ALL
                .into_iter()
                .filter(|e| *e != edition)
                .find(|e| Catalogue::of(*e).find(name).is_ok())
                .map(|e| format!("it exists in {}: add `--edition {e}`", e.citation()));
            let near = (!error.near.is_empty()).then(|| format!("did you mean {}?", error.near.join(", ")));
            out.error(&error.to_string(), elsewhere.or(near).as_deref());
            Exit::Usage
        }
    }
}

fn cite(catalogue: &Catalogue) -> String {
    format!(
        "Our words; the text itself is ETSI's: {} {} ({}) and {} {} ({}).",
        catalogue.requirements.id,
        catalogue.requirements.version,
        catalogue.requirements.url,
        catalogue.tests.id,
        catalogue.tests.version,
        catalogue.tests.url
    )
}

fn list(catalogue: &Catalogue) -> String {
    let mut text = format!("{}\n", catalogue.edition.citation());
    for clause in &catalogue.clauses {
        let _ = writeln!(text, "\n{} {}", clause.id, clause.title);
        for provision in catalogue.provisions.iter().filter(|p| p.clause == clause.id) {
            let _ = writeln!(text, "  {:<8} {:<13} {}", provision.id, provision.status, provision.summary);
        }
    }
    let _ = writeln!(
        text,
        "\n{} provisions, {} test cases, {} test units, {} IXIT tables. Explain one: assay catalogue 5.1-5",
        catalogue.provisions.len(),
        catalogue.cases.len(),
        catalogue.units.len(),
        catalogue.tables.len()
    );
    text
}

fn explain(catalogue: &Catalogue, item: Item<'_>) -> String {
    match item {
        Item::Clause(clause) => {
            let mut text = format!("Clause {}: {}\n\n", clause.id, clause.title);
            for provision in catalogue.provisions.iter().filter(|p| p.clause == clause.id) {
                let _ = writeln!(text, "  {:<8} {:<13} {}", provision.id, provision.status, provision.summary);
            }
            text
        }
        Item::Provision(provision, group) => explain_provision(catalogue, provision, group),
        Item::Case(case) => explain_case(catalogue, case),
        Item::Unit(unit) => explain_unit(catalogue, unit),
        Item::Table(table) => explain_table(table),
        Item::Field(table, field) => explain_field(table, field),
        Item::Condition(condition) => format!(
            "Condition {}: {}\n\nDecides about: {}\n",
            condition.id,
            condition.summary,
            used_by(catalogue, |p| p.conditions.contains(&condition.id))
        ),
        Item::Feature(feature) => format!(
            "Feature {}: {}\n\nDecides about: {}\n",
            feature.id,
            feature.summary,
            used_by(catalogue, |p| p.features.contains(&feature.id))
        ),
    }
}

fn used_by(catalogue: &Catalogue, test: impl Fn(&Provision) -> bool) -> String {
    catalogue.provisions.iter().filter(|p| test(p)).map(|p| p.id.as_str()).collect::<Vec<_>>().join(", ")
}

fn explain_provision(catalogue: &Catalogue, provision: &Provision, group: &Group) -> String {
    let mut text = format!("Provision {} ({})\n{}\n", provision.id, provision.status, provision.summary);
    for id in &provision.conditions {
        if let Some(condition) = catalogue.condition(id) {
            let _ = writeln!(text, "  condition {id}: {}", condition.summary);
        }
    }
    for id in &provision.features {
        if let Some(feature) = catalogue.feature(id) {
            let _ = writeln!(text, "  feature {id}: {}", feature.summary);
        }
    }
    if let Some(change) = &provision.change {
        let from = provision.earlier.as_deref().map_or(String::new(), |id| format!(" {id} of V2.1.1"));
        let _ = writeln!(text, "Against V2.1.1: {change}{from}");
    }
    let clause = group.ts_clause.as_deref().unwrap_or("unknown");
    let _ = writeln!(
        text,
        "Look up: {} clause {}, {} clause {clause}\n",
        catalogue.requirements.id, provision.clause, catalogue.tests.id
    );
    for case in catalogue.cases_of(&group.id) {
        let _ = writeln!(text, "Test case {} ({}): {}", case.id, case.kind.as_str(), case.purpose);
        for unit in catalogue.units_of(&case.id) {
            let _ = writeln!(text, "  {:<10} {:<10} {}", unit.id, unit.method, unit.summary);
        }
    }
    text
}

fn explain_case(catalogue: &Catalogue, case: &Case) -> String {
    let mut text = format!("Test case {} ({})\n{}\n\n", case.id, case.kind.as_str(), case.purpose);
    for unit in catalogue.units_of(&case.id) {
        let _ = writeln!(text, "  {:<10} {:<10} {}", unit.id, unit.method, unit.summary);
    }
    text.push_str("\nPasses when each of these holds:\n");
    for criterion in &case.verdict.pass_when {
        let _ = writeln!(text, "  - {criterion}");
    }
    if !case.verdict.or_when.is_empty() {
        text.push_str("or when one of these does:\n");
        for criterion in &case.verdict.or_when {
            let _ = writeln!(text, "  - {criterion}");
        }
    }
    let _ = writeln!(text, "Confidence of the criteria: {}", case.verdict.confidence);
    if let Some(note) = &case.verdict.note {
        let _ = writeln!(text, "Note: {note}");
    }
    text
}

fn explain_unit(catalogue: &Catalogue, unit: &Unit) -> String {
    let mut text = format!("Test unit {} ({}, {})\n{}\n\n", unit.id, unit.kind.as_str(), unit.verb, unit.summary);
    let ranges = match &unit.for_each {
        Some(table) => {
            let also: String = unit.for_each_also.iter().map(|t| format!(" and of {t}")).collect();
            format!("each entry of {table}{also}")
        }
        None => "once".to_owned(),
    };
    let which = if unit.which.is_empty() { String::new() } else { format!(" ({})", unit.which) };
    let _ = writeln!(text, "Judged:      {ranges}{which}");
    let reads: Vec<String> = unit.reads.iter().map(|(t, f)| format!("{t}.{f}")).collect();
    let _ = writeln!(text, "Reads:       {}", [reads, unit.reads_other.clone()].concat().join(", "));
    if !unit.depends_on.is_empty() {
        let _ = writeln!(text, "Builds on:   {}", unit.depends_on.join(", "));
    }
    let _ = writeln!(text, "Settled by:  {} (our judgement): {}", unit.method, unit.tools);
    let _ = writeln!(text, "Confidence:  {}", unit.confidence);
    if let Some(group) = catalogue.case(&unit.case).and_then(|c| catalogue.group(&c.group))
        && let Some(clause) = &group.ts_clause
    {
        let _ = writeln!(text, "Look up:     {} clause {clause}, test case {}", catalogue.tests.id, unit.case);
    }
    if let Some(note) = &unit.note {
        let _ = writeln!(text, "Note:        {note}");
    }
    if let Some(procedure) = catalogue.procedure(&unit.id) {
        part(&mut text, "Prepare", &procedure.prepare, false);
        part(&mut text, "Do", &procedure.steps, true);
        part(&mut text, "Record", &procedure.record, false);
        let _ = writeln!(text, "\nDecide\n  {}", procedure.decide);
        if !procedure.artefacts.is_empty() {
            let _ = writeln!(text, "  Artefacts required: {}", procedure.artefacts.join(", "));
        }
    }
    text
}

fn part(text: &mut String, heading: &str, lines: &[String], numbered: bool) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{heading}");
    for (index, line) in lines.iter().enumerate() {
        let mark = if numbered { format!("{}.", index + 1) } else { "-".to_owned() };
        let _ = writeln!(text, "  {mark} {line}");
    }
}

fn explain_table(table: &Table) -> String {
    let kind = if table.repeating { "an entry each" } else { "one set of statements" };
    let mut text = format!("IXIT table {} ({}): {}\n{}\n\n", table.id, kind, table.title, table.summary);
    for field in &table.fields {
        let _ = writeln!(text, "  {:<34} {}", field.name, field.summary);
    }
    let facts = dossier::Facts::keys(&table.name);
    if !facts.is_empty() {
        let _ = writeln!(text, "\nTyped facts a program can act on (ours): {}", facts.join(", "));
    }
    text
}

fn explain_field(table: &Table, field: &Field) -> String {
    let mut text = format!("{}, field `{}`\n{}\n\n", table.id, field.name, field.summary);
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "{name:<13}{value}");
        }
    };
    line("Values:", field.values.join(", "));
    line("When:", field.applies_when.clone().unwrap_or_default());
    line("Refers to:", field.references.iter().map(|t| t.as_str()).collect::<Vec<_>>().join(", "));
    line("Read by:", field.required_by.iter().map(|u| u.as_str()).collect::<Vec<_>>().join(", "));
    line("Confidence:", field.confidence.to_string());
    line("Note:", field.note.clone().unwrap_or_default());
    text
}
