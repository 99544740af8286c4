//! The supplier's dossier: text in, values and notes out, every value with its place.
//!
//! It reads no file system, knows no catalogue and does not judge whether a declaration suffices: whether a field
//! exists in an edition, or an answer agrees with a status, is the engine's business.
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bench;
mod changes;
mod checkpoints;
mod crypto_policy;
mod decode;
mod facts;
mod folder;
mod ixit;
mod note;
mod parts;
pub mod sbom;
pub mod schema;
mod source;
mod texts;

pub use bench::{
    Account, Bench, Canary, Capture, Consent, Expected, Interception, Limits, Means, Outage, Pattern, SecretRef,
    Standing, Target,
};
pub use changes::{DeclaredChange, declared_changes};
pub use checkpoints::{Asked, Checkpoint, Holds, USUAL};
pub use crypto_policy::{
    CRYPTO_POLICY, CryptoKind, CryptoLevel, CryptoList, CryptoPolicy, CryptoSource, read_crypto_policy, size_range,
};
pub use facts::*;
pub use folder::{Dossier, read};
pub use ixit::{Entry, FieldValue, IxitTable};
pub use note::{Note, Severity, nearest};
pub use parts::{
    AssociatedService, Carry, CarryWhen, Control, Ics, IcsRow, Person, Policy, Product, Release, Responsibility,
    Support,
};
pub use source::{Located, Position, SourceText, Span, position};
pub use texts::TextValue;
