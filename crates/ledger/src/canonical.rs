//! The one byte form of what gets signed (RFC 8785), and what that form cannot carry.

use serde::Serialize;
use serde_json::Value;

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

#[cfg(test)]
mod tests {
    use super::*;

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
