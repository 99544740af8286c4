//! YAML 1.2 as far as JSON goes: mappings, sequences and scalars of the core schema.
//!
//! Bounded in depth and in nodes, repeats by alias counted; the first document counts.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

const MOST_DEPTH: usize = 100;
const MOST_NODES: usize = 300_000;
const MOST_ANCHORS: usize = 1000;

/// Reads the first document.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut tree = Tree { open: Vec::new(), anchors: Vec::new(), nodes: 0 };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| error.to_string())?;
        let told = |why: &str| format!("{why} at line {}", span.start.line());
        let done = match event {
            Event::MappingStart(anchor, _) => tree.begin(Value::Object(Map::new()), anchor).map_err(told)?,
            Event::SequenceStart(anchor, _) => tree.begin(Value::Array(Vec::new()), anchor).map_err(told)?,
            Event::MappingEnd | Event::SequenceEnd => tree.end().map_err(told)?,
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
                let value = if is_text { Value::String(text.into_owned()) } else { scalar(&text) };
                tree.keep(anchor, &value).map_err(told)?;
                tree.put(value).map_err(told)?
            }
            Event::Alias(anchor) => {
                let kept = tree.anchors.iter().find(|(own, ..)| *own == anchor);
                let (_, value, nodes) = kept.ok_or_else(|| told("an alias of nothing"))?.clone();
                tree.count(nodes).map_err(told)?;
                tree.put(value).map_err(told)?
            }
            Event::DocumentEnd | Event::StreamEnd => return Err("nothing in it".to_owned()),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => None,
        };
        if let Some(value) = done {
            return Ok(value);
        }
    }
    Err("nothing in it".to_owned())
}

struct Open {
    value: Value,
    anchor: usize,
    nodes_before: usize,
    name: Option<String>,
}

struct Tree {
    open: Vec<Open>,
    anchors: Vec<(usize, Value, usize)>,
    nodes: usize,
}

impl Tree {
    fn count(&mut self, nodes: usize) -> Result<(), &'static str> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MOST_NODES { Err("too many values") } else { Ok(()) }
    }

    fn begin(&mut self, value: Value, anchor: usize) -> Result<Option<Value>, &'static str> {
        if self.open.len() >= MOST_DEPTH {
            return Err("nested too deep");
        }
        let nodes_before = self.nodes;
        self.count(1)?;
        self.open.push(Open { value, anchor, nodes_before, name: None });
        Ok(None)
    }

    fn end(&mut self) -> Result<Option<Value>, &'static str> {
        let Some(Open { value, anchor, nodes_before, .. }) = self.open.pop() else {
            return Err("an end of nothing");
        };
        if anchor != 0 {
            if self.anchors.len() >= MOST_ANCHORS {
                return Err("too many anchors");
            }
            // What is kept for an alias is a copy and counts.
            let nodes = self.nodes - nodes_before;
            self.count(nodes)?;
            self.anchors.push((anchor, value.clone(), nodes));
        }
        self.put(value)
    }

    fn keep(&mut self, anchor: usize, value: &Value) -> Result<(), &'static str> {
        self.count(1)?;
        if anchor != 0 {
            if self.anchors.len() >= MOST_ANCHORS {
                return Err("too many anchors");
            }
            self.anchors.push((anchor, value.clone(), 1));
        }
        Ok(())
    }

    /// Puts a value where the reader stands; gives it back when nothing is open any more.
    fn put(&mut self, value: Value) -> Result<Option<Value>, &'static str> {
        let Some(open) = self.open.last_mut() else { return Ok(Some(value)) };
        match &mut open.value {
            Value::Array(list) => list.push(value),
            Value::Object(object) => match open.name.take() {
                Some(name) => {
                    object.insert(name, value);
                }
                None => {
                    open.name = Some(match value {
                        Value::String(name) => name,
                        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
                        _ => return Err("a name that is no text"),
                    });
                }
            },
            _ => return Err("a value out of place"),
        }
        Ok(None)
    }
}

/// A plain scalar (YAML 1.2.2, section 10.3.2).
fn scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let whole = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse::<i64>().ok(),
    };
    let number = whole.map(Number::from).or_else(|| {
        let float = if is_number { text.parse::<f64>().ok() } else { None };
        float.and_then(Number::from_f64)
    });
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_have_the_types_of_the_core_schema() {
        let text = "a: 1\nb: '1'\nc: 1.5\nd: yes\ne: null\nf: 0x1f\n200: {x: [true, -3]}\n";
        let expected =
            json!({"a": 1, "b": "1", "c": 1.5, "d": "yes", "e": null, "f": 31, "200": {"x": [true, -3]}});
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn aliases_are_copies_and_their_number_is_bounded() {
        assert_eq!(read("a: &x {k: 1}\nb: *x\n").unwrap(), json!({"a": {"k": 1}, "b": {"k": 1}}));
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            bomb += &format!("a{level}: &a{level} [{}]\n", vec![before; 10].join(","));
        }
        assert!(read(&bomb).unwrap_err().contains("too many values"));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(read(&deep).is_err());
        let deep: String = (0..500).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        assert!(read(&deep).unwrap_err().contains("too deep"));
    }

    #[test]
    fn no_text_makes_it_panic() {
        let good = b"openapi: 3.0.3\npaths:\n  /a: &a\n    get: {responses: {'200': {description: >-\n ok\n}}}\n  /b: *a\n";
        crate::hostile::survives(good, |bytes| read(&String::from_utf8_lossy(bytes)));
    }
}
