//! The one byte form of what gets signed (RFC 8785), and what that form cannot carry.

use serde::Serialize;
use serde_json::{Map, Value};

/// The largest integer that RFC 8785 writes without loss: 2^53 - 1.
const LARGEST_INTEGER: u64 = (1 << 53) - 1;

/// The canonical JSON bytes of a value.
pub(crate) fn bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(value)
}

/// The first integer in the value that the canonical form would silently round.
pub(crate) fn rounded_integer(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => {
            let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs))?;
            (magnitude > LARGEST_INTEGER).then(|| number.to_string())
        }
        Value::Array(items) => items.iter().find_map(rounded_integer),
        Value::Object(members) => members.values().find_map(rounded_integer),
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
}

/// Writes a value whose members are already in order, as those of a canonical text are: much faster than sorting them.
///
/// False when it cannot be sure; then nothing is said about the value, and what was written means nothing.
fn write_ordered(value: &Value, out: &mut Vec<u8>) -> bool {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(told) => out.extend_from_slice(if *told { b"true" } else { b"false" }),
        Value::Number(number) => {
            let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            if magnitude.is_none_or(|magnitude| magnitude > LARGEST_INTEGER) {
                return false;
            }
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Value::String(text) => return write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                if !write_ordered(item, out) {
                    return false;
                }
            }
            out.push(b']');
        }
        Value::Object(members) => return write_members(members, out),
    }
    true
}

/// As [`write_ordered`], for the members of an object.
pub(crate) fn write_members(members: &Map<String, Value>, out: &mut Vec<u8>) -> bool {
    out.push(b'{');
    let mut before: Option<&str> = None;
    for (name, member) in members {
        // The order is that of UTF-16; among ASCII it is that of the bytes.
        if !name.is_ascii() || before.is_some_and(|before| before >= name.as_str()) {
            return false;
        }
        if before.is_some() {
            out.push(b',');
        }
        if !write_text(name, out) {
            return false;
        }
        out.push(b':');
        if !write_ordered(member, out) {
            return false;
        }
        before = Some(name);
    }
    out.push(b'}');
    true
}

/// Writes a text in quotes; false for the few that need an escape by number.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) -> bool {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        out.extend_from_slice(&rest[..at]);
        let escape = match rest[at] {
            b'"' => b'"',
            b'\\' => b'\\',
            b'\n' => b'n',
            b'\t' => b't',
            b'\r' => b'r',
            0x08 => b'b',
            0x0c => b'f',
            _ => return false,
        };
        out.extend_from_slice(&[b'\\', escape]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-100_i64..100).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[ -~\\n\\t\\r\u{8}\u{c}\u{1}]*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-zA-Z\"_é\u{1f600}]{0,4}", inner.clone(), 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
                prop::collection::vec(("[a-c]{0,2}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_in_the_order_it_has_is_the_canonical_form_or_not_sure(value in any_json()) {
            let mut written = Vec::new();
            if write_ordered(&value, &mut written) {
                prop_assert_eq!(written, bytes(&value).unwrap());
            }
        }
    }

    #[test]
    fn the_usual_record_is_sure() {
        let record = serde_json::json!({"a": {"b": [1, -2, "x\"\\\n"], "c": null}, "d": true, "é": 1});
        let mut written = Vec::new();
        assert!(!write_ordered(&record, &mut written), "a name beyond ASCII is left to the other way");
        written.clear();
        assert!(write_ordered(&record["a"], &mut written));
        assert_eq!(written, bytes(&record["a"]).unwrap());
        assert!(!write_ordered(&serde_json::json!({"b": 1, "a": 1}), &mut Vec::new()));
    }

    #[test]
    fn keys_are_sorted_and_nothing_is_padded() {
        let value = serde_json::json!({"b": 1.0, "a": [true, null, "é"]});
        assert_eq!(bytes(&value).unwrap(), "{\"a\":[true,null,\"é\"],\"b\":1}".as_bytes());
    }

    #[test]
    fn an_integer_that_would_be_rounded_is_found() {
        let exact = serde_json::json!([9_007_199_254_740_991_u64, -9_007_199_254_740_991_i64, 1e300]);
        assert_eq!(rounded_integer(&exact), None);
        let rounded = serde_json::json!({"a": [0, {"b": 9_007_199_254_740_993_u64}]});
        assert_eq!(rounded_integer(&rounded), Some("9007199254740993".to_owned()));
        assert_eq!(rounded_integer(&serde_json::json!(i64::MIN)), Some(i64::MIN.to_string()));
    }
}
