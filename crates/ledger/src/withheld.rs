//! Salts, so that a digest in a record tells nothing about what it is the digest of.
//!
//! A digest over a four-digit PIN is the PIN to anybody who tries ten thousand of them. Evidence is therefore kept as
//! salt and content, and the digest in a record is over both. Who has the salt can check the content against the
//! signed record; who has not learns nothing. Salts are derived, so that the same content is kept once and a run
//! repeated on the same bytes yields the same record.

mod mark;
mod openings;

pub use mark::{MARK_BEGINS, Mark, marks};
pub use openings::{Opening, Openings, OpeningsError};

use serde::{Deserialize, Serialize};

use crate::hmac::hmac;
use crate::{Digest, DigestError, SigningKey};

/// Length of a salt in bytes.
const LENGTH: usize = 32;

/// 32 bytes that stand before a content, so that the digest of both tells nothing about the content. Written as 64
/// lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Salt([u8; LENGTH]);

impl Salt {
    /// The salt of these 32 bytes.
    pub const fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// The digest over this salt and a content: what a record says.
    pub fn digest(&self, content: &[u8]) -> Digest {
        Digest::of_parts(&[&self.0, content])
    }

    /// Salt and content in one, as evidence is kept.
    pub fn before(&self, content: &[u8]) -> Vec<u8> {
        [self.0.as_slice(), content].concat()
    }

    /// Splits kept evidence into salt and content; none when it is too short to have a salt.
    pub fn split(kept: &[u8]) -> Option<(Self, &[u8])> {
        kept.split_first_chunk().map(|(salt, content)| (Self(*salt), content))
    }
}

impl From<Salt> for String {
    fn from(salt: Salt) -> Self {
        hex::encode(salt.0)
    }
}

impl TryFrom<String> for Salt {
    type Error = DigestError;

    fn try_from(digits: String) -> Result<Self, DigestError> {
        Digest::from_hex(&digits).map(|bytes| Self(*bytes.as_bytes()))
    }
}

/// Derives salts from the secret of a workspace.
#[derive(Clone)]
pub struct Salting([u8; 32]);

impl Salting {
    /// The salts of the workspace that a key signs for. Bundles publish salts; none of them tells the seed.
    pub fn of(key: &SigningKey) -> Self {
        Self(hmac(&key.seed(), &[b"assay-salt-v1"]))
    }

    /// The salt for a content: the same one whenever the content is kept again.
    pub fn salt(&self, content: &[u8]) -> Salt {
        self.salt_of(&Digest::of(content))
    }

    /// The salt for a content that is known by its digest, as one is that was read piece by piece.
    pub fn salt_of(&self, content: &Digest) -> Salt {
        Salt(hmac(&self.0, &[b"evidence", content.as_bytes()]))
    }

    /// The salt for a value that a text withholds as of a kind: the same one whenever it is withheld again, so that
    /// equal marks stand for equal values.
    pub fn of_value(&self, kind: &str, value: &str) -> Salt {
        let [kind, value] = [kind, value].map(|text| Digest::of(text.as_bytes()));
        Salt(hmac(&self.0, &[b"opening", kind.as_bytes(), value.as_bytes()]))
    }
}

impl std::fmt::Debug for Salting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salting(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salting(seed: u8) -> Salting {
        Salting::of(&SigningKey::from_seed(&[seed; 32]))
    }

    #[test]
    fn content_comes_back_from_what_is_kept() {
        let salt = salting(1).salt(b"4711");
        let kept = salt.before(b"4711");
        assert_eq!(Salt::split(&kept), Some((salt, &b"4711"[..])));
        assert_eq!(Digest::of(&kept), salt.digest(b"4711"));
        assert_eq!(Salt::split(&kept[..31]), None);
    }

    #[test]
    fn the_same_content_has_the_same_salt_and_another_content_another() {
        assert_eq!(salting(1).salt(b"a"), salting(1).salt(b"a"));
        assert_ne!(salting(1).salt(b"a"), salting(1).salt(b"b"));
        assert_ne!(salting(1).salt(b"a"), salting(2).salt(b"a"));
    }

    #[test]
    fn no_pin_can_be_guessed_from_its_digest() {
        let told = salting(1).salt(b"4711").digest(b"4711");
        let pins = (0..10_000).map(|pin| format!("{pin:04}"));
        let mut plain = pins.clone().map(|pin| Digest::of(pin.as_bytes()));
        assert!(!plain.any(|digest| digest == told));
        // Nor with the salts of another workspace, which is all that somebody else can derive.
        let other = salting(2);
        assert!(!pins.map(|pin| other.salt(pin.as_bytes()).digest(pin.as_bytes())).any(|digest| digest == told));
    }

    #[test]
    fn debug_output_keeps_the_secret() {
        assert_eq!(format!("{:?}", salting(1)), "Salting(…)");
    }
}
