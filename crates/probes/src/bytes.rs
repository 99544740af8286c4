//! Bytes in a log: readable where they are text, hexadecimal where they are not.

use serde::{Deserialize, Serialize};

/// Bytes as a log keeps them. In JSON: `t:` and the text, or `x:` and hexadecimal digits.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// The first `most` bytes.
    pub fn bounded(bytes: &[u8], most: usize) -> Self {
        Self(bytes[..bytes.len().min(most)].to_vec())
    }

    /// The bytes as text, read lossily.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from(self.clone()))
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> Self {
        match String::from_utf8(bytes.0) {
            Ok(text) => format!("t:{text}"),
            Err(error) => format!("x:{}", hex::encode(error.as_bytes())),
        }
    }
}

impl TryFrom<String> for Bytes {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Some(text) = text.strip_prefix("t:") {
            return Ok(Self(text.as_bytes().to_vec()));
        }
        let digits = text.strip_prefix("x:").ok_or("bytes begin with t: or x:")?;
        hex::decode(digits).map(Self).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_other_bytes_read_back() {
        for bytes in [&b"login: "[..], &[0xff, 0xfb, 1], b"x:00", b"\0\r\n\"", b""] {
            let kept = serde_json::to_string(&Bytes::from(bytes)).unwrap();
            assert_eq!(serde_json::from_str::<Bytes>(&kept).unwrap().0, bytes, "{kept}");
        }
    }
}
