//! The in-toto Statement v1: what a signed payload says about which subjects.
//!
//! The word is in-toto's; what a named person states is a record of its own kind.

use serde::{Deserialize, Serialize};

use crate::{Digest, DigestError};

/// The `_type` of the statement layout.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// The media type of a statement as a DSSE payload.
pub(crate) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A claim of some kind (`predicate_type`, `predicate`) about subjects named by digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InTotoStatement<P> {
    /// Always [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub layout: String,
    /// What the claim is about.
    pub subject: Vec<Subject>,
    /// The kind of claim: one of [`crate::predicate`].
    pub predicate_type: String,
    /// The claim.
    pub predicate: P,
}

impl<P> InTotoStatement<P> {
    /// A statement of this kind about these subjects.
    pub fn new(predicate_type: &str, subject: Vec<Subject>, predicate: P) -> Self {
        Self { layout: STATEMENT_TYPE.to_owned(), subject, predicate_type: predicate_type.to_owned(), predicate }
    }
}

/// Something named by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// A name that tells the subjects of one statement apart.
    pub name: String,
    /// The digest of its bytes.
    pub digest: SubjectDigest,
}

/// A digest in in-toto's form: `{"sha256": "<hex>"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Sha256Hex", try_from = "Sha256Hex")]
pub struct SubjectDigest(pub Digest);

impl Subject {
    /// The subject of this name with this digest.
    pub fn new(name: impl Into<String>, digest: Digest) -> Self {
        Self { name: name.into(), digest: SubjectDigest(digest) }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sha256Hex {
    sha256: String,
}

impl From<SubjectDigest> for Sha256Hex {
    fn from(digest: SubjectDigest) -> Self {
        Self { sha256: digest.0.hex() }
    }
}

impl TryFrom<Sha256Hex> for SubjectDigest {
    type Error = DigestError;

    fn try_from(hex: Sha256Hex) -> Result<Self, DigestError> {
        Digest::from_hex(&hex.sha256).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_the_members_in_toto_asks_for() {
        let subject = vec![Subject::new("firmware.bin", Digest::of(b"abc"))];
        let statement =
            InTotoStatement::new(crate::predicate::ARTEFACT, subject, serde_json::json!({"length": 3}));
        let text = serde_json::to_string(&statement).unwrap();
        assert_eq!(
            text,
            "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"firmware.bin\",\"digest\":\
             {\"sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}}],\
             \"predicateType\":\"urn:assay:artefact:v1\",\"predicate\":{\"length\":3}}"
        );
        assert_eq!(serde_json::from_str::<InTotoStatement<serde_json::Value>>(&text).unwrap(), statement);
    }
}
