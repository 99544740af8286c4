//! The openings of a record: for every mark in its texts the salt and the value. Kept beside the record, never in it.
//!
//! Whoever has them can check each mark against the signed record and read the texts as they were. Without them a mark
//! says that something was withheld, and of which kind.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Mark, Salt, Salting, marks};
use crate::{Digest, canonical};

/// The name of the format, as the openings say it.
const FORMAT: &str = "assay-openings";
/// The version of the format.
const VERSION: u64 = 1;

/// What one mark stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The kind that the mark says.
    pub kind: String,
    /// The salt.
    pub salt: Salt,
    /// The value.
    pub value: String,
}

/// The openings of one record, by commitment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Openings(BTreeMap<Digest, Opening>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: String,
    version: u64,
    openings: BTreeMap<Digest, Opening>,
}

/// Why openings do not open.
#[derive(Debug, thiserror::Error)]
pub enum OpeningsError {
    /// They do not read.
    #[error("read the openings")]
    Json(#[source] serde_json::Error),
    /// They are of another format or version, or not in canonical form.
    #[error("read the openings: they are not `{FORMAT}` version {VERSION} in canonical form (RFC 8785)")]
    Form,
    /// A value is not the one that was committed to.
    #[error("check the opening of {0}: its salt and value have another digest")]
    Other(Digest),
    /// A mark has no opening, or one of another kind.
    #[error("open {0}: there is no such opening")]
    Missing(Mark),
}

impl Openings {
    /// Whether nothing was withheld.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each opening with its commitment.
    pub fn iter(&self) -> impl Iterator<Item = (&Digest, &Opening)> {
        self.0.iter()
    }

    /// Takes a value in, and returns the commitment that may stand in the record.
    pub fn withhold(&mut self, salting: &Salting, kind: &str, value: &str) -> Mark {
        let mark = Mark::new(kind, Digest::of(b""));
        let salt = salting.of_value(mark.kind(), value);
        let commitment = salt.digest(value.as_bytes());
        let opening = Opening { kind: mark.kind().to_owned(), salt, value: value.to_owned() };
        self.0.insert(commitment, opening);
        Mark::new(mark.kind(), commitment)
    }

    /// The value behind a commitment.
    pub fn value(&self, commitment: &Digest) -> Option<&str> {
        self.0.get(commitment).map(|opening| opening.value.as_str())
    }

    /// A text as it was before its values were withheld.
    ///
    /// # Errors
    /// [`OpeningsError::Missing`] for the first mark without its opening.
    pub fn open(&self, text: &str) -> Result<String, OpeningsError> {
        let (mut opened, mut from) = (String::new(), 0);
        for (at, mark) in marks(text) {
            let opening = self.0.get(mark.commitment()).filter(|opening| opening.kind == mark.kind());
            let Some(opening) = opening else { return Err(OpeningsError::Missing(mark)) };
            opened.push_str(&text[from..at.start]);
            opened.push_str(&opening.value);
            from = at.end;
        }
        opened.push_str(&text[from..]);
        Ok(opened)
    }

    /// The canonical bytes, as they are kept.
    ///
    /// # Errors
    /// [`OpeningsError::Json`] when there are none.
    pub fn to_bytes(&self) -> Result<Vec<u8>, OpeningsError> {
        let written = Written { format: FORMAT.to_owned(), version: VERSION, openings: self.0.clone() };
        canonical::bytes(&written).map_err(OpeningsError::Json)
    }

    /// Reads openings, and checks every value against its commitment.
    ///
    /// # Errors
    /// [`OpeningsError`] when the bytes are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpeningsError> {
        let written: Written = serde_json::from_slice(bytes).map_err(OpeningsError::Json)?;
        let known = written.format == FORMAT && written.version == VERSION;
        let openings = Self(written.openings);
        if !known || openings.to_bytes()? != bytes {
            return Err(OpeningsError::Form);
        }
        for (commitment, opening) in &openings.0 {
            if opening.salt.digest(opening.value.as_bytes()) != *commitment {
                return Err(OpeningsError::Other(*commitment));
            }
        }
        Ok(openings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;

    fn salting() -> Salting {
        Salting::of(&SigningKey::from_seed(&[3; 32]))
    }

    fn withheld() -> (String, Openings) {
        let mut openings = Openings::default();
        let pin = openings.withhold(&salting(), "pin", "4711");
        let key = openings.withhold(&salting(), "key", "⟦withheld: odd");
        (format!("the pin {pin}, the key {key}, the pin {pin}"), openings)
    }

    #[test]
    fn texts_come_back_as_they_were() {
        let (text, openings) = withheld();
        assert!(!text.contains("4711"));
        let read = Openings::from_bytes(&openings.to_bytes().unwrap()).unwrap();
        assert_eq!(read, openings);
        assert_eq!(read.open(&text).unwrap(), "the pin 4711, the key ⟦withheld: odd, the pin 4711");
        assert_eq!(read.open("nothing").unwrap(), "nothing");
    }

    #[test]
    fn the_same_value_has_the_same_mark_and_another_kind_or_workspace_another() {
        let mark = |salting: &Salting, kind| Openings::default().withhold(salting, kind, "4711");
        assert_eq!(mark(&salting(), "pin"), mark(&salting(), "pin"));
        assert_ne!(mark(&salting(), "pin").commitment(), mark(&salting(), "key").commitment());
        let other = Salting::of(&SigningKey::from_seed(&[4; 32]));
        assert_ne!(mark(&salting(), "pin"), mark(&other, "pin"));
        // The salt of a piece of evidence with the same content opens nothing.
        assert_ne!(salting().of_value("pin", "4711"), salting().salt(b"4711"));
    }

    #[test]
    fn no_value_can_be_put_under_another_commitment() {
        let (text, openings) = withheld();
        let bytes = String::from_utf8(openings.to_bytes().unwrap()).unwrap();
        let other = bytes.replace("4711", "4712");
        assert!(matches!(Openings::from_bytes(other.as_bytes()), Err(OpeningsError::Other(_))));
        let kind = bytes.replace("\"pin\"", "\"pan\"");
        let renamed = Openings::from_bytes(kind.as_bytes()).unwrap();
        assert!(matches!(renamed.open(&text), Err(OpeningsError::Missing(mark)) if mark.kind() == "pin"));
        assert!(matches!(Openings::default().open(&text), Err(OpeningsError::Missing(_))));
        let spaced = bytes.replace(":{", ": {");
        assert!(matches!(Openings::from_bytes(spaced.as_bytes()), Err(OpeningsError::Form)));
        assert!(Openings::from_bytes(b"{}").is_err());
    }
}
