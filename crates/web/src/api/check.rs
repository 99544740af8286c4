//! Holds what was sent against its schema, and names the first place that does not keep to it.
//!
//! It knows the words that our own schemas use, and no others.

use serde_json::{Map, Value};

/// A place, as a JSON pointer, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) place: String,
    pub(crate) what: String,
}

/// Whether a value keeps to a schema.
pub(crate) fn check(value: &Value, schema: &Value, defs: &Map<String, Value>) -> Result<(), Wrong> {
    at(value, schema, defs, "")
}

fn at(value: &Value, schema: &Value, defs: &Map<String, Value>, place: &str) -> Result<(), Wrong> {
    let wrong = |what: String| Err(Wrong { place: place.to_owned(), what });
    if let Some(name) = schema["$ref"].as_str().and_then(|at| at.strip_prefix("#/$defs/")) {
        return at(value, &defs[name], defs, place);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let mut tried = any.iter().map(|schema| at(value, schema, defs, place));
        return match tried.any(|one| one.is_ok()) {
            true => Ok(()),
            false => wrong("it has none of the forms it may have".to_owned()),
        };
    }
    if let Some(kind) = schema["type"].as_str()
        && !is(value, kind)
    {
        return wrong(format!("it has to be of the type {kind}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        return wrong(format!("it has to be one of {}", words.join(", ")));
    }
    match value {
        Value::String(text) => {
            let long = text.chars().count() as u64;
            if let Some(least) = schema["minLength"].as_u64().filter(|least| long < *least) {
                return wrong(format!("it has to have at least {least} characters"));
            }
            if let Some(most) = schema["maxLength"].as_u64().filter(|most| long > *most) {
                return wrong(format!("it may have at most {most} characters"));
            }
        }
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            if let Some(least) = schema["minimum"].as_f64().filter(|least| number < *least) {
                return wrong(format!("it has to be at least {least}"));
            }
            if let Some(most) = schema["maximum"].as_f64().filter(|most| number > *most) {
                return wrong(format!("it may be at most {most}"));
            }
        }
        Value::Array(items) => {
            if let Some(most) = schema["maxItems"].as_u64().filter(|most| items.len() as u64 > *most) {
                return wrong(format!("it may have at most {most} items"));
            }
            for (number, item) in items.iter().enumerate() {
                at(item, &schema["items"], defs, &format!("{place}/{number}"))?;
            }
        }
        Value::Object(fields) => {
            let known = schema["properties"].as_object();
            for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                if !fields.contains_key(name) {
                    return wrong(format!("`{name}` is missing"));
                }
            }
            for (name, field) in fields {
                match known.and_then(|known| known.get(name)) {
                    Some(schema) => at(field, schema, defs, &format!("{place}/{}", escaped(name)))?,
                    None if schema["additionalProperties"] == false => {
                        return wrong(format!("`{name}` is not known here"));
                    }
                    None => {}
                }
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
    Ok(())
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn first(value: &Value, schema: &Value) -> String {
        let defs = json!({"N": {"type": "integer", "maximum": 5}});
        match check(value, schema, defs.as_object().unwrap()) {
            Ok(()) => "kept".to_owned(),
            Err(wrong) => format!("{}: {}", wrong.place, wrong.what),
        }
    }

    #[test]
    fn the_first_place_that_is_wrong_is_named_by_its_pointer() {
        let schema = json!({
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {
                "a": {"type": "array", "maxItems": 2, "items": {"$ref": "#/$defs/N"}},
                "b/c": {"anyOf": [{"type": "string", "minLength": 1, "maxLength": 2}, {"type": "null"}]},
                "d": {"enum": ["x", "y"]},
            },
        });
        for (value, said) in [
            (json!({"a": [1, 5], "b/c": null, "d": "x"}), "kept"),
            (json!([]), ": it has to be of the type object"),
            (json!({}), ": `a` is missing"),
            (json!({"a": [], "e": 1}), ": `e` is not known here"),
            (json!({"a": [1, 6]}), "/a/1: it may be at most 5"),
            (json!({"a": [1.5]}), "/a/0: it has to be of the type integer"),
            (json!({"a": [1, 2, 3]}), "/a: it may have at most 2 items"),
            (json!({"a": [], "b/c": "xyz"}), "/b~1c: it has none of the forms it may have"),
            (json!({"a": [], "d": "z"}), "/d: it has to be one of x, y"),
        ] {
            assert_eq!(first(&value, &schema), said, "{value}");
        }
    }
}
