//! JSON Schemas of a dossier's files for an edition: the form of each file, filled with what the catalogue knows.

use catalogue::{Catalogue, Field, Provision, Table};
use dossier::schema::{self, DIALECT, FieldForm, IcsForm, TableForm, Word};
use model::Edition;
use serde_json::Value;

/// The schema of one kind of file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSchema {
    /// File name to publish it under: `ics.schema.json`.
    pub name: &'static str,
    /// Which files of the folder it is for: `ixit/*.toml`.
    pub covers: &'static str,
    /// The schema, JSON Schema 2020-12.
    pub schema: Value,
}

/// The schemas of every kind of file, in the order a dossier is written.
pub fn schemas(edition: Edition) -> Vec<FileSchema> {
    let catalogue = Catalogue::of(edition);
    let mut editions: Vec<&str> = Edition::ALL.iter().map(|e| e.as_str()).collect();
    editions.reverse();
    let provisions: Vec<Word> = catalogue.provisions.iter().map(provision).collect();
    let tables: Vec<TableForm> = catalogue.tables.iter().map(table).collect();
    let all = [
        ("assay.schema.json", "assay.toml", schema::assay(&editions)),
        ("ics.schema.json", "ics.toml", schema::ics(&ics(catalogue, &provisions))),
        ("controls.schema.json", "controls.toml", schema::controls(&provisions)),
        ("ixit.schema.json", "ixit/*.toml", schema::ixit(&tables)),
        ("bench.schema.json", "bench.toml", schema::bench()),
    ];
    all.into_iter()
        .map(|(name, covers, schema)| FileSchema { name, covers, schema: identified(schema, name, edition) })
        .collect()
}

/// Puts the identifier and the edition into a schema. `$id` is a name, not a place: nothing is to be fetched.
fn identified(schema: Value, name: &str, edition: Edition) -> Value {
    let mut all = serde_json::Map::new();
    all.insert("$schema".into(), DIALECT.into());
    all.insert(
        "$id".into(),
        format!("urn:assay:schema:{edition}:{}", name.trim_end_matches(".schema.json")).into(),
    );
    all.insert("$comment".into(), format!("For {}.", edition.citation()).into());
    if let Value::Object(rest) = schema {
        all.extend(rest.into_iter().filter(|(key, _)| key != "$schema"));
    }
    Value::Object(all)
}

fn provision(provision: &Provision) -> Word {
    Word { word: provision.id.to_string(), meaning: format!("{} {}", provision.status, provision.summary) }
}

fn ics(catalogue: &Catalogue, provisions: &[Word]) -> IcsForm {
    let word = |id: &String, summary: &String| Word { word: id.clone(), meaning: summary.clone() };
    let mut statuses: Vec<String> = Vec::new();
    for provision in &catalogue.provisions {
        if !statuses.contains(&provision.status) {
            statuses.push(provision.status.clone());
        }
    }
    let recommended = catalogue.provisions.iter().filter(|p| !p.is_mandatory());
    IcsForm {
        features: catalogue.features.iter().map(|f| word(&f.id, &f.summary)).collect(),
        conditions: catalogue.conditions.iter().map(|c| word(&c.id, &c.summary)).collect(),
        provisions: provisions.to_vec(),
        statuses,
        recommendations: recommended.map(|p| p.id.to_string()).collect(),
    }
}

fn table(table: &Table) -> TableForm {
    TableForm {
        name: table.name.clone(),
        number: table.number,
        description: format!("{}: {}. {}", table.id, table.title, table.summary),
        repeating: table.repeating,
        fields: table.fields.iter().map(field).collect(),
    }
}

fn field(field: &Field) -> FieldForm {
    let mut description = field.summary.clone();
    if let Some(when) = &field.applies_when {
        description.push_str(&format!(" To be filled when {when}."));
    }
    if !field.required_by.is_empty() {
        let units: Vec<&str> = field.required_by.iter().map(|u| u.as_str()).collect();
        description.push_str(&format!(" Read by {}.", units.join(", ")));
    }
    FieldForm {
        name: field.name.clone(),
        description,
        values: field.values.clone(),
        references: field.references.iter().map(|t| t.name().to_owned()).collect(),
    }
}
