//! The assessment as one JSON document, and the JSON Schema that it keeps to.
//!
//! Texts are the visible ones, as in every report; the bytes a device sent are in the ledger.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Presentation;
use crate::presentation::Visible;
use crate::presentation::told::Told;

/// The name that the document gives itself.
pub const DOCUMENT: &str = "assay-assessment";

/// The version of the document's form, raised whenever a reader of the last one could stumble.
pub const VERSION: u64 = 1;

/// The assessment as a JSON document, version [`VERSION`].
///
/// # Panics
/// Never: a presentation holds nothing that JSON cannot.
pub fn json(told: &Presentation) -> Value {
    document(DOCUMENT, VERSION, &told.visible())
}

/// The JSON Schema (draft 2020-12) of the document.
pub fn json_schema() -> Value {
    schema::<Presentation>(
        DOCUMENT,
        VERSION,
        "The assessment of one release of a product against one edition of EN 303 645",
    )
}

/// What is told as a document that begins with its name and version.
pub(crate) fn document<T: Serialize>(name: &str, version: u64, told: &Visible<T>) -> Value {
    let mut document = Map::new();
    document.insert("document".to_owned(), name.into());
    document.insert("version".to_owned(), version.into());
    let told = serde_json::to_value(&**told).expect("texts, numbers and lists are JSON");
    if let Value::Object(fields) = told {
        document.extend(fields);
    }
    Value::Object(document)
}

/// The JSON Schema of such a document.
pub(crate) fn schema<T: Told>(name: &str, version: u64, title: &str) -> Value {
    let mut defs = Map::new();
    let root = T::shape(&mut defs);
    let root = root["$ref"].as_str().and_then(|at| at.strip_prefix("#/$defs/")).unwrap_or_default();
    let told = defs.remove(root).unwrap_or_default();
    let mut properties = Map::new();
    properties.insert("document".to_owned(), json!({"const": name}));
    properties.insert("version".to_owned(), json!({"const": version}));
    properties.extend(told["properties"].as_object().cloned().unwrap_or_default());
    defs.sort_keys();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": "Texts are bounded and control or invisible characters in them are written out.",
        "type": "object",
        "required": properties.keys().collect::<Vec<_>>(),
        "properties": properties,
        "additionalProperties": false,
        "$defs": defs,
    })
}
