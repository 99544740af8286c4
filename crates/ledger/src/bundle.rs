//! The bundle: one file with everything that a stranger needs to check an assessment, as a container, a manifest and
//! its signature (`docs/reference/bundle.md`).
//!
//! It knows the form, not what a record or a verdict means; and it reads no file: bytes come from a [`Source`].

mod container;
mod header;
mod layout;
mod manifest;
mod opened;
mod source;

pub use container::{ContainerError, LIMITS, Limits, Member, encode, members};
pub use header::{BLOCK, END, PathError, header, padding};
pub use layout::{Part, dossier_path, leaves_path};
pub use manifest::{FORMAT, Listed, LogState, Manifest, ManifestError, VERSION, Withheld};
pub use opened::{Bundle, BundleError, PartReader};
pub use source::{Source, SourceError};

#[cfg(test)]
mod tests;
