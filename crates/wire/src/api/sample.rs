//! A well-formed value for a schema, and the schema that a value shows.
//!
//! Patterns are not solved: a text that has to match one, without an example, may not be well formed.

use serde_json::{Map, Number, Value, json};

use super::{At, Kind, Route, Schema};
use crate::http::percent_encoded;

/// Characters of a text that a schema may ask for.
const MOST_TEXT: u64 = 4096;
/// Elements of a list that a schema may ask for.
const MOST_ELEMENTS: u64 = 50;
const MOST_DEPTH: usize = 8;

/// A well-formed value: the example, the first choice, or the least that the schema allows. Objects hold the fields
/// that have to be there, and with `all` the others too.
#[must_use]
pub fn value(schema: &Schema, all: bool) -> Value {
    at_depth(schema, all, 0)
}

fn at_depth(schema: &Schema, all: bool, depth: usize) -> Value {
    if let Some(example) = &schema.example {
        return example.clone();
    }
    if let Some(choice) = schema.choices.first() {
        return choice.clone();
    }
    match schema.kind {
        Kind::Boolean => json!(true),
        Kind::Integer | Kind::Number => number(schema),
        Kind::Any | Kind::Text => Value::String(text(schema)),
        Kind::List => {
            let count = schema.shortest.unwrap_or(1).clamp(u64::from(all), MOST_ELEMENTS);
            match &schema.element {
                Some(element) if depth < MOST_DEPTH => {
                    (0..count).map(|_| at_depth(element, all, depth + 1)).collect()
                }
                _ => json!([]),
            }
        }
        Kind::Object => {
            let wanted = |name: &String| (all && depth < 3) || schema.required.contains(name);
            let fields = schema.fields.iter().filter(|(name, _)| depth < MOST_DEPTH && wanted(name));
            let mut object: Map<String, Value> =
                fields.map(|(name, field)| (name.clone(), at_depth(field, all, depth + 1))).collect();
            for name in schema.required.iter().filter(|name| schema.field(name).is_none()) {
                object.insert(name.clone(), json!("assay"));
            }
            Value::Object(object)
        }
    }
}

fn number(schema: &Schema) -> Value {
    let step = schema.multiple_of.filter(|step| *step > 0.0).unwrap_or(1.0);
    let mut value = schema.minimum.unwrap_or(match schema.maximum {
        Some(maximum) if maximum < 1.0 => maximum,
        _ => 1.0,
    });
    if schema.exclusive_minimum && schema.minimum == Some(value) {
        value += step;
    }
    if schema.exclusive_maximum && schema.maximum == Some(value) {
        value -= step;
    }
    if schema.multiple_of.is_some() {
        value = (value / step).ceil() * step;
    }
    if schema.kind == Kind::Integer || value.fract() == 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "a cast of a float stops at the ends of the range")]
        return json!(value.ceil() as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn text(schema: &Schema) -> String {
    let given = match schema.format.as_deref() {
        Some("date-time") => "2026-01-31T12:00:00Z",
        Some("date") => "2026-01-31",
        Some("time") => "12:00:00Z",
        Some("email") => "assay@lab.invalid",
        Some("uuid") => "7b6a2a52-6a05-4c4e-9f5b-0f6d3a1c2b11",
        Some("ipv4") => "192.0.2.9",
        Some("ipv6") => "2001:db8::9",
        Some("uri" | "url") => "https://lab.invalid/",
        Some("hostname") => "lab.invalid",
        Some("byte") => "YXNzYXk=",
        _ => "assay",
    };
    let shortest = schema.shortest.unwrap_or(0).min(MOST_TEXT);
    let longest = schema.longest.unwrap_or(MOST_TEXT);
    let mut text: String = given.chars().take(usize::try_from(longest).unwrap_or(usize::MAX)).collect();
    while (text.len() as u64) < shortest {
        text.push('a');
    }
    text
}

/// The target of a well-formed request: parameters of the path filled in, those of the query that have to be there, and
/// with `all` the others too.
#[must_use]
pub fn target(route: &Route, all: bool) -> String {
    let mut path = route.path.clone();
    let mut query = Vec::new();
    for parameter in &route.parameters {
        let value = parameter.example.clone().unwrap_or_else(|| value(&parameter.schema, false));
        let text = percent_encoded(&plain(&value));
        match parameter.at {
            At::Path => path = path.replacen(&format!("{{{}}}", parameter.name), &text, 1),
            At::Query if all || parameter.required => {
                query.push(format!("{}={text}", percent_encoded(&parameter.name)));
            }
            _ => {}
        }
    }
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

/// A value as a parameter holds it: a text without its quotes, elements with commas.
#[must_use]
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// The schema that a well-formed value shows: kinds and fields, no limits, nothing required.
#[must_use]
pub fn shown_by(value: &Value) -> Schema {
    shown_at(value, 0)
}

fn shown_at(value: &Value, depth: usize) -> Schema {
    let kind = match value {
        Value::Null => Kind::Any,
        Value::Bool(_) => Kind::Boolean,
        Value::Number(number) if number.is_f64() => Kind::Number,
        Value::Number(_) => Kind::Integer,
        Value::String(_) => Kind::Text,
        Value::Array(_) => Kind::List,
        Value::Object(_) => Kind::Object,
    };
    let mut schema = Schema { kind, example: Some(value.clone()), ..Schema::default() };
    if depth < MOST_DEPTH {
        match value {
            Value::Object(fields) => {
                let inner = fields.iter().take(200);
                schema.fields = inner.map(|(name, value)| (name.clone(), shown_at(value, depth + 1))).collect();
            }
            Value::Array(list) => schema.element = list.first().map(|first| Box::new(shown_at(first, depth + 1))),
            _ => {}
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Access, Parameter};

    #[test]
    fn a_sample_keeps_to_its_schema() {
        let text = Schema { kind: Kind::Text, shortest: Some(8), longest: Some(10), ..Schema::default() };
        assert_eq!(value(&text, false), json!("assayaaa"));
        let above =
            Schema { kind: Kind::Integer, minimum: Some(5.0), exclusive_minimum: true, ..Schema::default() };
        assert_eq!(value(&above, false), json!(6));
        let below = Schema { kind: Kind::Number, maximum: Some(0.5), ..Schema::default() };
        assert_eq!(value(&below, false), json!(0.5));
        let stepped =
            Schema { kind: Kind::Integer, minimum: Some(7.0), multiple_of: Some(5.0), ..Schema::default() };
        assert_eq!(value(&stepped, false), json!(10));
        let object = Schema {
            kind: Kind::Object,
            fields: vec![("a".to_owned(), text), ("b".to_owned(), above)],
            required: vec!["a".to_owned(), "c".to_owned()],
            ..Schema::default()
        };
        assert_eq!(value(&object, false), json!({"a": "assayaaa", "c": "assay"}));
        assert_eq!(value(&object, true), json!({"a": "assayaaa", "b": 6, "c": "assay"}));
    }

    #[test]
    fn a_target_has_its_parameters_filled_in() {
        let parameter = |name: &str, at, required| Parameter {
            name: name.to_owned(),
            at,
            required,
            schema: Schema::default(),
            example: Some(json!("a b")),
        };
        let parameters = vec![
            parameter("id", At::Path, true),
            parameter("q", At::Query, true),
            parameter("r", At::Query, false),
        ];
        let (path, access) = ("/x/{id}/y".to_owned(), Access::Unsaid);
        let route = Route { method: "GET".to_owned(), path, parameters, body: None, access, answers: Vec::new() };
        assert_eq!(target(&route, false), "/x/a%20b/y?q=a%20b");
        assert_eq!(target(&route, true), "/x/a%20b/y?q=a%20b&r=a%20b");
    }

    #[test]
    fn a_value_shows_its_schema() {
        let shown = shown_by(&json!({"on": true, "level": 3, "names": ["a"]}));
        assert_eq!(shown.field("level").unwrap().kind, Kind::Integer);
        assert_eq!(shown.field("names").unwrap().element.as_ref().unwrap().kind, Kind::Text);
        assert_eq!(value(&shown, false), json!({"on": true, "level": 3, "names": ["a"]}));
    }
}
