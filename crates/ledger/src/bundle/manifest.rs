//! The manifest: what a bundle is of, and every other file in it with size and digest, under one signature.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::in_toto::PAYLOAD_TYPE;
use crate::{
    Digest, Envelope, EnvelopeError, InTotoStatement, KeyId, KeySet, STATEMENT_TYPE, SigningKey, Subject,
    canonical, predicate,
};

/// The name of the format, as the manifest says it.
pub const FORMAT: &str = "assay-bundle";
/// The version of the format, raised whenever a reader of the last one could be misled.
pub const VERSION: u64 = 1;

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u64,
    /// The program that wrote the bundle.
    pub tool: String,
    /// The product's name, as the assessment says it.
    pub product: String,
    /// The release, as the assessment says it.
    pub release: String,
    /// The edition, as the assessment says it.
    pub edition: String,
    /// When the last leaf was recorded; a bundle has no other time.
    pub recorded: String,
    /// The log.
    pub log: LogState,
    /// Position of the assessment that the verdicts are of.
    pub assessment: u64,
    /// Whether private material was left out.
    pub redacted: bool,
    /// What was left out, by digest.
    pub withheld: Vec<Withheld>,
    /// Every file of the bundle but the manifest and its signature, by path.
    pub files: BTreeMap<String, Listed>,
}

/// The state of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogState {
    /// Its name.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

/// Kept bytes that a leaf names and the bundle does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withheld {
    /// The digest in the leaf.
    pub digest: Digest,
    /// What it is: `raw`, `openings`, or the kind of an artefact.
    pub kind: String,
    /// The first leaf that names it.
    pub leaf: u64,
}

/// A file of the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its length in bytes.
    pub size: u64,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// Why a manifest cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It does not read.
    #[error("read manifest.json")]
    Json(#[source] serde_json::Error),
    /// It is not in canonical form.
    #[error("read manifest.json: it is not in canonical form (RFC 8785)")]
    NotCanonical,
    /// It is of another format or version.
    #[error(
        "read manifest.json: it is `{format}` version {version}, this program knows `{FORMAT}` version {VERSION}"
    )]
    Format {
        /// The format's name.
        format: String,
        /// Its version.
        version: u64,
    },
    /// It cannot be written.
    #[error("write manifest.json")]
    Write(#[source] serde_json::Error),
    /// The envelope is not sound.
    #[error("verify manifest.dsse.json")]
    Envelope(#[source] EnvelopeError),
    /// The envelope holds something else than a statement on this manifest.
    #[error("verify manifest.dsse.json: {0}")]
    Statement(&'static str),
}

/// What the signature says of the manifest, beside its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    log: LogState,
    redacted: bool,
}

impl Manifest {
    /// The canonical bytes: `manifest.json`.
    ///
    /// # Errors
    /// [`ManifestError::Write`] when there are none.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ManifestError> {
        canonical::bytes(self).map_err(ManifestError::Write)
    }

    /// Reads `manifest.json`, which has one form.
    ///
    /// # Errors
    /// [`ManifestError`] when the bytes are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(ManifestError::Json)?;
        if manifest.format != FORMAT || manifest.version != VERSION {
            let (format, version) = (manifest.format.escape_debug().to_string(), manifest.version);
            return Err(ManifestError::Format { format, version });
        }
        if manifest.to_bytes()? == bytes { Ok(manifest) } else { Err(ManifestError::NotCanonical) }
    }

    /// Signs the manifest: `manifest.dsse.json`.
    ///
    /// # Errors
    /// [`ManifestError`] when it cannot be written.
    pub fn sign(&self, key: &SigningKey) -> Result<Vec<u8>, ManifestError> {
        let statement = self.statement(&self.to_bytes()?);
        let payload = canonical::bytes(&statement).map_err(ManifestError::Write)?;
        Envelope::sign(PAYLOAD_TYPE, &payload, key).to_bytes().map_err(ManifestError::Envelope)
    }

    /// Checks that `manifest.dsse.json` is one of these keys' word on this manifest, and says which.
    ///
    /// # Errors
    /// [`ManifestError::Envelope`] or [`ManifestError::Statement`].
    pub fn verify(&self, envelope: &[u8], keys: &KeySet) -> Result<KeyId, ManifestError> {
        let (_, signers) = self.read_envelope(envelope)?.verify(keys).map_err(ManifestError::Envelope)?;
        signers.first().copied().ok_or(ManifestError::Statement("nobody signed it"))
    }

    /// Checks that `manifest.dsse.json` says it is about this manifest, whoever signed it.
    ///
    /// # Errors
    /// [`ManifestError::Envelope`] or [`ManifestError::Statement`].
    pub fn is_what_was_signed(&self, envelope: &[u8]) -> Result<(), ManifestError> {
        self.read_envelope(envelope).map(|_| ())
    }

    /// One signature and no more: another beside it would not be noticed when it is dropped.
    fn read_envelope(&self, envelope: &[u8]) -> Result<Envelope, ManifestError> {
        let envelope = Envelope::from_bytes(envelope).map_err(ManifestError::Envelope)?;
        if envelope.signatures().len() != 1 {
            return Err(ManifestError::Statement("it has not exactly one signature"));
        }
        if envelope.payload_type() != PAYLOAD_TYPE {
            return Err(ManifestError::Statement("its payload is no in-toto statement"));
        }
        let statement = canonical::bytes(&self.statement(&self.to_bytes()?)).map_err(ManifestError::Write)?;
        match envelope.payload().map_err(ManifestError::Envelope)? == statement {
            true => Ok(envelope),
            false => Err(ManifestError::Statement("it is not the statement on this manifest.json")),
        }
    }

    fn statement(&self, bytes: &[u8]) -> InTotoStatement<Signed> {
        InTotoStatement {
            layout: STATEMENT_TYPE.to_owned(),
            subject: vec![Subject::new("manifest.json", Digest::of(bytes))],
            predicate_type: predicate::BUNDLE.to_owned(),
            predicate: Signed { log: self.log.clone(), redacted: self.redacted },
        }
    }
}
