//! The published schemas, held against the good dossier and against broken ones by a validator that is not ours.

use boon::{Compiler, SchemaIndex, Schemas};
use dossier::SourceText;
use engine::{FileSchema, schemas, skeleton};
use model::Edition;
use serde_json::Value;

use crate::good::{sample, sources, with};

fn covering<'a>(all: &'a [FileSchema], path: &str) -> &'a FileSchema {
    let fits = |s: &&FileSchema| s.covers == path || (s.covers == "ixit/*.toml" && path.starts_with("ixit/"));
    all.iter().find(fits).unwrap()
}

fn compiled(schema: &FileSchema) -> (Schemas, SchemaIndex) {
    let mut compiler = Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource(schema.name, schema.schema.clone()).unwrap();
    let mut schemas = Schemas::new();
    let index = compiler.compile(schema.name, &mut schemas).unwrap();
    (schemas, index)
}

/// What the validator says against each file; nothing when each is valid.
fn faults(edition: Edition, sources: &[SourceText]) -> Vec<String> {
    let all = schemas(edition);
    let mut found = Vec::new();
    for source in sources {
        let (schemas, index) = compiled(covering(&all, &source.path));
        let document: toml::Value = toml::from_str(&source.text).unwrap();
        let document: Value = serde_json::to_value(document).unwrap();
        if let Err(error) = schemas.validate(&document, index) {
            found.push(format!("{}: {error:#}", source.path));
        }
    }
    found
}

#[test]
fn the_good_dossier_is_valid() {
    assert_eq!(faults(Edition::V3_1_3, &sources()), Vec::<String>::new());
    assert_eq!(faults(Edition::V3_1_3, &sample()), Vec::<String>::new());
}

#[test]
fn a_skeleton_is_valid_in_either_edition() {
    for edition in Edition::ALL {
        assert_eq!(faults(edition, &skeleton(edition, "Lamp")), Vec::<String>::new());
    }
}

#[test]
fn what_an_editor_should_underline_is_invalid() {
    for (path, from, to) in [
        ("assay.toml", "model = ", "modell = "),
        ("assay.toml", "edition = \"3.1.3\"", "edition = \"3.1\""),
        ("assay.toml", "guesses-per-hour = 100", "guesses-per-hour = -1"),
        ("ics.toml", "aa = false", "ab = false"),
        ("ics.toml", "a = true", "a = \"yes\""),
        ("ics.toml", "support = \"N/A\"", "support = \"NA\""),
        ("ics.toml", "id = \"5.1-1\"", "id = \"5.1-11\""),
        ("controls.toml", "provision = \"5.1-1\"", "provision = \"4-1\""),
        ("controls.toml", "owner", "ownner"),
        ("bench.toml", "\"192.0.2.10\"", "\"192.0.2\""),
        ("bench.toml", "{ env = \"LAMP_PASSWORD\" }", "\"hunter2\""),
        ("bench.toml", "port = 443", "port = 70000"),
        ("bench.toml", "[[target]]\nname = \"dut\"\n", "[[target]]\n"),
        ("15-20-platform.toml", "[[CodeMin]]", "[[CodeMinimum]]"),
        ("1-AuthMech.toml", "ID = ", "Id = "),
        ("1-AuthMech.toml", "Description = ", "Descripton = "),
        ("1-AuthMech.toml", "origin = \"user-defined\"", "origin = \"user\""),
        ("1-AuthMech.toml", "length = 10", "length = \"10\""),
        ("2-UserInfo.toml", "[UserInfo]", "[[UserInfo]]"),
        ("21-29-data.toml", "Sensitive = \"No\"", "Sensitive = \"Perhaps\""),
        ("21-29-data.toml", "Storing Consent", "Storing of Consent"),
    ] {
        assert_eq!(faults(Edition::V3_1_3, &with(path, from, to)).len(), 1, "{path}: `{from}` -> `{to}`");
    }
}

#[test]
fn a_recommendation_that_is_not_met_needs_its_reason() {
    let told = with(
        "ics.toml",
        "detail = \"The microcontroller has no memory protection unit\"\njustification = \"No part with memory protection fits the power budget\"\n",
        "",
    );
    assert_eq!(faults(Edition::V3_1_3, &told).len(), 1);
}

#[test]
fn editions_differ_in_tables_and_features() {
    let older = faults(Edition::V2_1_1, &sources());
    let files: Vec<&str> = older.iter().map(|f| f.split_once(':').unwrap().0).collect();
    assert!(files.contains(&"ics.toml") && files.contains(&"ixit/15-20-platform.toml"), "{files:?}");
}

#[test]
fn every_property_of_a_schema_is_described() {
    fn look(value: &Value, at: &str, bare: &mut Vec<String>) {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                let place = format!("{at}/{name}");
                let referred = property.get("$ref").is_some();
                // The condition on justifications and the two ways of giving a secret name keys that are described elsewhere.
                let elsewhere = at.ends_with("/if") || at.ends_with("/secret") || at.ends_with("-key");
                if property.get("description").is_none() && !referred && !elsewhere {
                    bare.push(place.clone());
                }
                look(property, &place, bare);
            }
        }
        for key in ["items", "if"] {
            if let Some(inner) = value.get(key) {
                look(inner, &format!("{at}/{key}"), bare);
            }
        }
        for (name, inner) in value.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            look(inner, &format!("{at}/{name}"), bare);
        }
    }
    for edition in Edition::ALL {
        for file in schemas(edition) {
            let mut bare = Vec::new();
            look(&file.schema, file.name, &mut bare);
            assert!(bare.is_empty(), "{edition}: {bare:?}");
        }
    }
}

#[test]
fn facts_in_a_schema_are_those_that_are_read() {
    let all = schemas(Edition::V3_1_3);
    let ixit = &covering(&all, "ixit/x.toml").schema;
    for table in &catalogue::Catalogue::of(Edition::V3_1_3).tables {
        let facts = ixit.pointer(&format!("/$defs/{}/properties/facts/properties", table.name));
        let keys: Vec<&String> = facts.and_then(Value::as_object).map(|o| o.keys().collect()).unwrap_or_default();
        assert_eq!(keys, dossier::Facts::keys(&table.name), "{}", table.name);
    }
}
