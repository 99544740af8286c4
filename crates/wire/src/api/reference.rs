//! References inside a description: `#/components/schemas/Name` (RFC 6901), followed a bounded number of times.

use serde_json::{Map, Value};

/// References followed in a row.
const MOST_HOPS: usize = 8;

/// The object itself, or what it refers to inside the same file; none where that is no object, or somewhere else.
pub(super) fn resolved<'a>(root: &'a Value, value: &'a Value) -> Option<&'a Map<String, Value>> {
    let mut found = value;
    for _ in 0..MOST_HOPS {
        let object = found.as_object()?;
        match object.get("$ref").and_then(Value::as_str) {
            Some(to) => found = root.pointer(to.strip_prefix('#')?)?,
            None => return Some(object),
        }
    }
    None
}
