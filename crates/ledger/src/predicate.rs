//! The names of the kinds of record a ledger holds, as in-toto predicate types.
//!
//! Invariant: a name never changes its meaning; a record of another shape gets the next version number.

/// Measured by a probe, or read from another tool's output (Observed).
pub const OBSERVATION: &str = "urn:assay:observation:v1";
/// Decided by a named person (Stated).
pub const STATEMENT: &str = "urn:assay:statement:v1";
/// A file kept as evidence, by its digest.
pub const ARTEFACT: &str = "urn:assay:artefact:v1";
/// The verdicts derived at one moment, with everything they were derived from.
pub const ASSESSMENT: &str = "urn:assay:assessment:v1";
/// A state of the dossier (Declared), by the digests of its files.
pub const DOSSIER_REVISION: &str = "urn:assay:dossier-revision:v1";
/// A public key and the person or role it stands for.
pub const KEY: &str = "urn:assay:key:v1";
/// The manifest of a bundle: signed beside the log, never a record of it.
pub const BUNDLE: &str = "urn:assay:bundle:v1";

/// Every kind, in the order reports list them.
pub const ALL: [&str; 6] = [OBSERVATION, STATEMENT, ARTEFACT, ASSESSMENT, DOSSIER_REVISION, KEY];
