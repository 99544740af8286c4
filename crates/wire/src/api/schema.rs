//! What a value may be: the part of JSON Schema that OpenAPI 3.0 and 3.1 share and that can be broken on purpose.
//!
//! `allOf` is merged; of `oneOf` and `anyOf` the first is taken and said so. Conditions, patterns' meaning and
//! references to other files are not followed.

use serde_json::{Map, Value};

use super::reference::resolved;

/// Schemas inside schemas that are followed.
const MOST_DEPTH: usize = 12;
/// Fields of one object that are kept.
const MOST_FIELDS: usize = 200;
/// Choices that are kept.
const MOST_CHOICES: usize = 100;
/// Bytes of a text of a schema that are kept.
const MOST_TEXT: usize = 1000;

/// Which kind of JSON value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// Any, or nothing is said.
    #[default]
    Any,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list.
    List,
    /// An object.
    Object,
}

/// What a value may be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    /// Its kind.
    pub kind: Kind,
    /// Whether null is allowed as well.
    pub nullable: bool,
    /// `date-time`, `uuid`, `int32`, `ipv4`.
    pub format: Option<String>,
    /// Least value; with `exclusive_minimum` it is not allowed itself.
    pub minimum: Option<f64>,
    /// Whether the least value is not allowed itself.
    pub exclusive_minimum: bool,
    /// Greatest value; with `exclusive_maximum` it is not allowed itself.
    pub maximum: Option<f64>,
    /// Whether the greatest value is not allowed itself.
    pub exclusive_maximum: bool,
    /// A number that has to divide the value.
    pub multiple_of: Option<f64>,
    /// Fewest characters, or elements of a list.
    pub shortest: Option<u64>,
    /// Most characters, or elements of a list.
    pub longest: Option<u64>,
    /// A regular expression that a text has to match.
    pub pattern: Option<String>,
    /// The values that are allowed, where they are listed.
    pub choices: Vec<Value>,
    /// Fields of an object, in the order of the file.
    pub fields: Vec<(String, Schema)>,
    /// Fields that have to be there.
    pub required: Vec<String>,
    /// Whether fields that are not listed are forbidden.
    pub closed: bool,
    /// Elements of a list.
    pub element: Option<Box<Schema>>,
    /// A value that is well formed, as given by `example`, `examples` or `default`.
    pub example: Option<Value>,
    /// Whether part of the schema was not followed: another alternative, a depth, a file elsewhere.
    pub partial: bool,
}

impl Schema {
    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Schema> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, schema)| schema)
    }
}

/// Reads schemas of one file, and stops at a number of them: references can multiply a small file without end.
pub(super) struct Schemas<'a> {
    root: &'a Value,
    left: usize,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(root: &'a Value, most: usize) -> Self {
        Self { root, left: most }
    }

    pub(super) fn read(&mut self, value: &Value) -> Schema {
        let mut schema = Schema::default();
        self.add(value, &mut schema, 0);
        schema
    }

    fn add(&mut self, value: &Value, schema: &mut Schema, depth: usize) {
        let root = self.root;
        let object = if depth < MOST_DEPTH && self.left > 0 { resolved(root, value) } else { None };
        let Some(object) = object else {
            // `true` and `{}` allow anything and are read whole.
            schema.partial |= !matches!(value, Value::Bool(_));
            return;
        };
        self.left -= 1;
        kind(object, schema);
        limits(object, schema);
        for part in list(object, "allOf") {
            self.add(part, schema, depth + 1);
        }
        for word in ["oneOf", "anyOf"] {
            self.alternatives(list(object, word), schema, depth);
        }
        if let Some(element) = object.get("items") {
            let mut inner = Schema::default();
            self.add(element, &mut inner, depth + 1);
            schema.element = Some(Box::new(inner));
        }
        for (name, value) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if schema.fields.len() >= MOST_FIELDS {
                schema.partial = true;
                break;
            }
            let mut inner = Schema::default();
            self.add(value, &mut inner, depth + 1);
            match schema.fields.iter_mut().find(|(own, _)| own == name) {
                Some((_, own)) => *own = inner,
                None => schema.fields.push((name.clone(), inner)),
            }
        }
        if schema.kind == Kind::Any {
            schema.kind = implied(schema);
        }
    }

    /// The first alternative that is more than null; null among them only allows null.
    fn alternatives(&mut self, all: &[Value], schema: &mut Schema, depth: usize) {
        let is_null = |value: &&Value| value.get("type").and_then(Value::as_str) == Some("null");
        schema.nullable |= all.iter().any(|value| is_null(&value));
        let mut others = all.iter().filter(|value| !is_null(value));
        if let Some(first) = others.next() {
            self.add(first, schema, depth + 1);
        }
        schema.partial |= others.next().is_some();
    }
}

fn list<'a>(object: &'a Map<String, Value>, word: &str) -> &'a [Value] {
    object.get(word).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn kind(object: &Map<String, Value>, schema: &mut Schema) {
    let mut words: Vec<&str> = match object.get("type") {
        Some(Value::String(word)) => vec![word],
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let all = words.len();
    words.retain(|word| *word != "null");
    schema.nullable |= words.len() < all || object.get("nullable") == Some(&Value::Bool(true));
    schema.partial |= words.len() > 1;
    schema.kind = match words.first().copied() {
        Some("boolean") => Kind::Boolean,
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("string") => Kind::Text,
        Some("array") => Kind::List,
        Some("object") => Kind::Object,
        _ => schema.kind,
    };
}

fn implied(schema: &Schema) -> Kind {
    match () {
        () if !schema.fields.is_empty() => Kind::Object,
        () if schema.element.is_some() => Kind::List,
        () if schema.choices.iter().all(Value::is_string) && !schema.choices.is_empty() => Kind::Text,
        () => Kind::Any,
    }
}

fn limits(object: &Map<String, Value>, schema: &mut Schema) {
    let number = |word: &str| object.get(word).and_then(Value::as_f64).filter(|number| number.is_finite());
    let text = |word: &str| {
        let text = object.get(word).and_then(Value::as_str)?;
        (text.len() <= MOST_TEXT).then(|| text.to_owned())
    };
    schema.format = text("format").or(schema.format.take());
    schema.pattern = text("pattern").or(schema.pattern.take());
    schema.multiple_of = number("multipleOf").or(schema.multiple_of);
    schema.minimum = number("minimum").or(schema.minimum);
    schema.maximum = number("maximum").or(schema.maximum);
    // In 3.0 these are true beside the limit, in 3.1 they are the limit.
    match object.get("exclusiveMinimum") {
        Some(Value::Bool(is)) => schema.exclusive_minimum = *is,
        Some(_) => (schema.minimum, schema.exclusive_minimum) = (number("exclusiveMinimum"), true),
        None => {}
    }
    match object.get("exclusiveMaximum") {
        Some(Value::Bool(is)) => schema.exclusive_maximum = *is,
        Some(_) => (schema.maximum, schema.exclusive_maximum) = (number("exclusiveMaximum"), true),
        None => {}
    }
    let count = |words: [&str; 2]| words.iter().find_map(|word| object.get(*word).and_then(Value::as_u64));
    schema.shortest = count(["minLength", "minItems"]).or(schema.shortest);
    schema.longest = count(["maxLength", "maxItems"]).or(schema.longest);
    schema.choices.extend(list(object, "enum").iter().take(MOST_CHOICES).cloned());
    schema.choices.extend(object.get("const").cloned());
    schema
        .required
        .extend(list(object, "required").iter().filter_map(Value::as_str).take(MOST_FIELDS).map(str::to_owned));
    let closing = ["additionalProperties", "unevaluatedProperties"];
    schema.closed |= closing.iter().any(|word| object.get(*word) == Some(&Value::Bool(false)));
    let example = object.get("example").or_else(|| list(object, "examples").first()).or(object.get("default"));
    schema.example = example.cloned().or(schema.example.take());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Schema {
        Schemas::new(value, 1000).read(value)
    }

    #[test]
    fn limits_of_both_versions_are_read_alike() {
        let old = read(&json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true, "nullable": true}));
        let new = read(&json!({"type": ["integer", "null"], "exclusiveMinimum": 1}));
        assert_eq!(old, new);
        assert_eq!(
            (old.kind, old.minimum, old.exclusive_minimum, old.nullable),
            (Kind::Integer, Some(1.0), true, true)
        );
    }

    #[test]
    fn parts_are_merged_and_alternatives_are_said() {
        let schema = read(&json!({
            "allOf": [{"properties": {"a": {"type": "string", "maxLength": 5}}, "required": ["a"]},
                      {"properties": {"b": {"enum": ["x", "y"]}}}],
            "anyOf": [{"type": "null"}, {"type": "object"}],
        }));
        assert_eq!((schema.kind, schema.nullable, schema.partial), (Kind::Object, true, false));
        assert_eq!(schema.field("a").unwrap().longest, Some(5));
        assert_eq!(
            (schema.field("b").unwrap().kind, schema.required.as_slice()),
            (Kind::Text, ["a".to_owned()].as_slice())
        );
        assert!(read(&json!({"oneOf": [{"type": "string"}, {"type": "integer"}]})).partial);
    }

    #[test]
    fn a_schema_that_holds_itself_ends() {
        let root =
            json!({"$defs": {"n": {"properties": {"l": {"$ref": "#/$defs/n"}, "r": {"$ref": "#/$defs/n"}}}}});
        let mut schemas = Schemas::new(&root, 500);
        let schema = schemas.read(&json!({"$ref": "#/$defs/n"}));
        assert_eq!(schema.kind, Kind::Object);
        assert!(schemas.left == 0, "{}", schemas.left);
    }
}
