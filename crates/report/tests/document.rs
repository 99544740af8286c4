//! The JSON document keeps to its published schema, and the schema refuses what is not such a document.
#![allow(clippy::unwrap_used, reason = "tests")]

mod sample;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/assessment.schema.json");

fn compiled() -> (Schemas, SchemaIndex) {
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("assessment.schema.json", report::json_schema()).unwrap();
    let index = compiler.compile("assessment.schema.json", &mut schemas).unwrap();
    (schemas, index)
}

fn keeps(document: &Value) -> Result<(), String> {
    let (schemas, index) = compiled();
    schemas.validate(document, index).map_err(|e| e.to_string())
}

#[test]
fn the_published_schema_is_the_one_in_the_program() {
    expect_test::expect_file![PUBLISHED].assert_eq(&format!("{:#}\n", report::json_schema()));
}

#[test]
fn the_document_keeps_to_the_schema() {
    keeps(&report::json(&sample::rich())).unwrap();
    keeps(&report::json(&sample::sample())).unwrap();
    keeps(&report::json(&sample::bare())).unwrap();
}

#[test]
fn the_document_names_itself_and_its_version_first() {
    let document = report::json(&sample::small());
    let keys: Vec<&String> = document.as_object().unwrap().keys().take(3).collect();
    assert_eq!(keys, ["document", "version", "head"]);
    assert_eq!((&document["document"], &document["version"]), (&json!("assay-assessment"), &json!(1)));
}

#[test]
fn every_field_of_the_document_is_required_and_no_other_is_allowed() {
    let document = report::json(&sample::small());
    for (path, key) in [("", "version"), ("/head", "at"), ("/findings/0/grounds/0", "at"), ("/clauses/0", "title")]
    {
        let mut lacking = document.clone();
        lacking.pointer_mut(path).unwrap().as_object_mut().unwrap().shift_remove(key).unwrap();
        assert!(keeps(&lacking).is_err(), "{path} without {key}");
        let mut more = document.clone();
        more.pointer_mut(path).unwrap()["surplus"] = json!(true);
        assert!(keeps(&more).is_err(), "{path} with a surplus field");
    }
}

#[test]
fn a_word_that_is_no_outcome_and_a_ground_that_is_of_no_source_are_refused() {
    let document = report::json(&sample::small());
    for (path, value) in [
        ("/mandatory/outcome", json!("passed")),
        ("/findings/0/grounds/0/source", json!("observed")),
        ("/head/at", json!("yesterday")),
        ("/records/0/digest", json!("sha256:12")),
        ("/version", json!(2)),
    ] {
        let mut wrong = document.clone();
        *wrong.pointer_mut(path).unwrap() = value;
        assert!(keeps(&wrong).is_err(), "{path}");
    }
}

#[test]
fn the_document_reads_back_as_what_was_told() {
    let told = sample::rich();
    let mut document = report::json(&told);
    let fields = document.as_object_mut().unwrap();
    fields.shift_remove("document");
    fields.shift_remove("version");
    let read: report::Presentation = serde_json::from_value(document).unwrap();
    assert_eq!(read, told);
}
