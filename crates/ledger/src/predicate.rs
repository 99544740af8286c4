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
/// A public key entered, replaced or revoked: [`crate::KeyRecord`].
pub const KEY: &str = "urn:assay:key:v1";
/// A release of the product: its firmware by digest, its software components.
pub const RELEASE: &str = "urn:assay:release:v1";
/// A review checkpoint that a named person signed.
pub const REVIEW: &str = "urn:assay:review:v1";
/// What a second person says about a statement.
pub const CONFIRMATION: &str = "urn:assay:confirmation:v1";
/// What happened to tasks: opened, closed, opened again, given to a person. No verdict rests on it.
pub const TASKS: &str = "urn:assay:tasks:v1";
/// What happened to the people of a workspace and their roles: invited, joined, given, taken, removed. No verdict rests
/// on it.
pub const PEOPLE: &str = "urn:assay:people:v1";
/// What happened at checkpoints: signed off by a person, or taken back. No verdict rests on it.
pub const CHECKPOINTS: &str = "urn:assay:checkpoints:v1";
/// What happened to requests for evidence: asked, answered, accepted, returned, withdrawn. No verdict rests on it.
pub const REQUESTS: &str = "urn:assay:requests:v1";
/// The manifest of a bundle: signed beside the log, never a record of it.
pub const BUNDLE: &str = "urn:assay:bundle:v1";
/// The verdict on one unit instance, for readers who take verdicts one by one.
pub const UNIT_VERDICT: &str = "urn:assay:unit-verdict:v1";
/// An RFC 3161 token of a time-stamping authority over a checkpoint of this log.
pub const TIMESTAMP: &str = "urn:assay:timestamp:v1";
/// in-toto's own form of a test result, for tools that know no other of these kinds.
pub const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// Every kind of record, in the order reports list them.
pub const ALL: [&str; 16] = [
    OBSERVATION,
    STATEMENT,
    ARTEFACT,
    ASSESSMENT,
    DOSSIER_REVISION,
    KEY,
    RELEASE,
    REVIEW,
    CONFIRMATION,
    TASKS,
    PEOPLE,
    CHECKPOINTS,
    REQUESTS,
    UNIT_VERDICT,
    TIMESTAMP,
    TEST_RESULT,
];
