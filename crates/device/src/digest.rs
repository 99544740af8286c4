//! Keyed derivation of everything that is fixed for one device, and hashes as text.
//!
//! The seed is the secret of the demonstration; nothing derived from it is guessable from the serial number.

use ring::{digest, hmac};

/// Derives named values from the seed of one device (HMAC-SHA-256, the name is the message).
#[derive(Clone)]
pub(crate) struct Derive {
    key: hmac::Key,
}

impl Derive {
    pub(crate) fn new(seed: u64) -> Self {
        let mut key = b"lumen plug cam / factory secret / ".to_vec();
        key.extend_from_slice(&seed.to_be_bytes());
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key) }
    }

    /// 32 bytes for one purpose.
    pub(crate) fn bytes(&self, purpose: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.key, purpose.as_bytes());
        let mut out = [0; 32];
        out.copy_from_slice(tag.as_ref());
        out
    }

    /// `length` characters of `alphabet`; every character comes from eight bytes, so the bias is negligible.
    pub(crate) fn text(&self, purpose: &str, alphabet: &[u8], length: usize) -> String {
        let mut out = String::with_capacity(length);
        for block in 0.. {
            for chunk in self.bytes(&format!("{purpose}/{block}")).chunks_exact(8) {
                if out.len() == length {
                    return out;
                }
                let number = chunk.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
                let index = number % alphabet.len() as u64;
                out.push(char::from(alphabet[index as usize]));
            }
        }
        out
    }
}

/// Lower-case hexadecimal text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

/// SHA-256 as lower-case hexadecimal text.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_purpose_give_the_same_text_and_others_do_not() {
        let text = |seed, purpose| Derive::new(seed).text(purpose, b"abcdefghjkmnpqrstuvwxyz23456789", 16);
        assert_eq!(text(7, "a"), text(7, "a"));
        assert_ne!(text(7, "a"), text(8, "a"));
        assert_ne!(text(7, "a"), text(7, "b"));
        assert_eq!(text(7, "a").len(), 16);
    }
}
