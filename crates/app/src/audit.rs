//! Auditing a batch of passwords: the file is read into memory, and nothing of it is written anywhere.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use model::{Digest, Timestamp};
use probes::import::audit_passwords::DOCUMENT;
use probes::passwords::{Audit, BatchError, MOST_BYTES, audit, read};
use serde::Serialize;

/// Why a batch was not audited.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A file cannot be read.
    #[error("read {}", at.display())]
    Read {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is larger than what is read.
    #[error("read {}: it has more than {MOST_BYTES} bytes", .0.display())]
    TooLarge(PathBuf),
    /// It is no batch.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

/// An audit as a document that `assay import` takes up as evidence; no value of the batch is in it.
#[derive(Debug, Clone, Serialize)]
pub struct Audited {
    document: &'static str,
    version: &'static str,
    /// When it was audited.
    pub audited: Timestamp,
    /// The entry of 1-AuthMech whose values they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<String>,
    /// SHA-256 of the file with the batch.
    pub batch: Digest,
    /// What was found.
    #[serde(flatten)]
    pub audit: Audit,
}

/// Audits the batch in a file, with the salts of another one.
///
/// # Errors
/// [`AuditError`]; no text of the batch is in it.
pub fn audit_passwords(
    file: &Path,
    value: Option<&str>,
    salts: Option<&Path>,
    mechanism: Option<&str>,
    at: Timestamp,
) -> Result<Audited, AuditError> {
    let batch = bytes(file)?;
    let salts = match salts {
        Some(at) => String::from_utf8_lossy(&bytes(at)?).lines().map(str::to_owned).collect(),
        None => Vec::new(),
    };
    let salts: Vec<String> = salts.into_iter().filter(|salt| !salt.is_empty()).take(100).collect();
    let (document, version) = (DOCUMENT, env!("CARGO_PKG_VERSION"));
    let mechanism = mechanism.map(str::to_owned);
    let digest = Digest::of(&batch);
    let audit = audit(&read(&batch, value)?, &salts);
    Ok(Audited { document, version, audited: at, mechanism, batch: digest, audit })
}

fn bytes(at: &Path) -> Result<Vec<u8>, AuditError> {
    let failed = |source| AuditError::Read { at: at.to_owned(), source };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(at).map_err(failed)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES { Err(AuditError::TooLarge(at.to_owned())) } else { Ok(bytes) }
}
