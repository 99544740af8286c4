//! The one byte form of a value that gets digested or signed (RFC 8785).

use serde::Serialize;

/// A value has no canonical form: a number outside JSON's, or a map key that is no text.
#[derive(Debug, thiserror::Error)]
#[error("no canonical form")]
pub struct CanonicalError(#[source] serde_json::Error);

/// The canonical JSON bytes (RFC 8785) of a value.
///
/// # Errors
/// [`CanonicalError`] when the value cannot be expressed in JSON.
pub fn canonical_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    serde_json_canonicalizer::to_vec(value).map_err(CanonicalError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_nothing_is_padded() {
        let value = serde_json::json!({"b": 1, "a": [true, null, "é"]});
        assert_eq!(canonical_bytes(&value).unwrap(), "{\"a\":[true,null,\"é\"],\"b\":1}".as_bytes());
    }
}
