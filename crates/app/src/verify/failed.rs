//! The first item of a bundle that is not sound, and how errors of the rooms below become one.

use std::fmt;

use ledger::Broken;
use ledger::Why;
use ledger::bundle::{BundleError, ContainerError, ManifestError};
use serde::Serialize;

use super::VerifyError;

/// The first item that is not sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// The step that found it.
    pub step: &'static str,
    /// What it is: `record 7`, or a path inside the bundle.
    pub item: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.item, self.why)
    }
}

/// Why the verification goes no further.
pub(super) enum Stop {
    Failed(Box<Failed>),
    Unreadable(Box<VerifyError>),
}

impl Stop {
    /// Something is not sound.
    pub(super) fn at(step: &'static str, item: impl Into<String>, why: impl Into<String>) -> Self {
        let (item, why) = (wire::text::visible_str(&item.into(), 200), wire::text::visible_str(&why.into(), 2000));
        Self::Failed(Box::new(Failed { step, item, why }))
    }

    /// What is wrong with the bundle's files; what only cannot be read says nothing about the bundle.
    pub(super) fn of(step: &'static str, error: BundleError) -> Self {
        let item = match &error {
            BundleError::Read { .. }
            | BundleError::TooLarge { .. }
            | BundleError::Container(ContainerError::Read { .. } | ContainerError::TooLarge(_)) => {
                return Self::Unreadable(Box::new(error.into()));
            }
            BundleError::Container(error) => container_item(error),
            BundleError::Manifest(error) => manifest_item(error).to_owned(),
            BundleError::Stray(path)
            | BundleError::Missing(path)
            | BundleError::Unlisted(path)
            | BundleError::SameButForCapitals(path)
            | BundleError::NotText(path)
            | BundleError::Leaves { path, .. }
            | BundleError::Altered { path } => path.clone(),
        };
        Self::at(step, item, chain(&error))
    }

    /// What is wrong with the log.
    pub(super) fn broken(step: &'static str, broken: &Broken) -> Self {
        let item = match broken.why {
            Why::Checkpoint(_) | Why::RootDiffers { .. } => "checkpoint.txt".to_owned(),
            Why::Earlier { .. } | Why::Forked { .. } | Why::RolledBack { .. } | Why::OtherLog { .. } => {
                "the checkpoint that was kept".to_owned()
            }
            _ => format!("record {}", broken.index),
        };
        Self::at(step, item, chain(&broken.why))
    }
}

impl From<VerifyError> for Stop {
    fn from(error: VerifyError) -> Self {
        Self::Unreadable(Box::new(error))
    }
}

fn container_item(error: &ContainerError) -> String {
    match error {
        ContainerError::Order { path, .. } | ContainerError::Padding(path) => path.clone(),
        ContainerError::Header { at, .. } => format!("the header at byte {at}"),
        ContainerError::Truncated(_) | ContainerError::Trailing { .. } => "the end of the bundle".to_owned(),
        ContainerError::NoBundle(_) => "the file".to_owned(),
        ContainerError::Read { .. } | ContainerError::TooLarge(_) => "the bundle".to_owned(),
    }
}

pub(super) fn manifest_item(error: &ManifestError) -> &'static str {
    match error {
        ManifestError::Envelope(_) | ManifestError::Statement(_) => "manifest.dsse.json",
        _ => "manifest.json",
    }
}

/// An error and its causes in one line, without hints.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let first = |error: &dyn std::error::Error| {
        let text = error.to_string();
        text.split_once("\n\n").map_or(text.clone(), |(first, _)| first.to_owned())
    };
    let mut text = first(error);
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {}", first(cause));
        next = cause.source();
    }
    text
}
