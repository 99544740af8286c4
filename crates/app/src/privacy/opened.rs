//! Records opened again: each mark checked and replaced by the value it stands for.

use std::collections::BTreeSet;

use ledger::{Openings, OpeningsError, marks};
use model::{Digest, Observation, for_each_text};
use serde_json::Value;

/// The kind of a commitment to the digest of a body.
pub(super) const BODY: &str = "body-digest";

/// Why a record does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenedError {
    /// A mark has no opening.
    #[error(transparent)]
    Openings(#[from] OpeningsError),
    /// The digest of a body has no opening.
    #[error("open the digest of a body {0}: there is no such opening")]
    Body(Digest),
    /// An opening belongs to no mark of the record.
    #[error("check the opening of {0}: the record has no such mark")]
    Stray(Digest),
    /// What came out is no such record.
    #[error("read the opened record")]
    Json(#[from] serde_json::Error),
}

/// An observation as it was before its values were withheld, but for the digest of its openings.
///
/// # Errors
/// [`OpenedError`] for the first mark that does not open.
pub fn opened(observation: &Observation, openings: &Openings) -> Result<Observation, OpenedError> {
    let mut record = serde_json::to_value(observation)?;
    open_bodies(&mut record, openings)?;
    let mut failed = None;
    for_each_text(&mut record, &mut |text| match openings.open(text) {
        Ok(open) => *text = open,
        Err(error) => failed = Some(error),
    });
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(serde_json::from_value(record)?),
    }
}

/// Checks that the openings of a record open each of its marks and nothing else. Returns how many they open.
///
/// # Errors
/// [`OpenedError`] for the first that does not fit.
pub fn check_marks(record: &Value, openings: &Openings) -> Result<usize, OpenedError> {
    let mut record = record.clone();
    let mut used = BTreeSet::new();
    let mut failed = None;
    for_each_text(&mut record, &mut |text| {
        used.extend(marks(text).into_iter().map(|(_, mark)| *mark.commitment()));
        failed = openings.open(text).err().or(failed.take());
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    used.extend(open_bodies(&mut record, openings)?);
    match openings.iter().find(|(commitment, _)| !used.contains(commitment)) {
        Some((commitment, _)) => Err(OpenedError::Stray(*commitment)),
        None => Ok(used.len()),
    }
}

/// Puts the digests of bodies back, and returns their commitments.
fn open_bodies(value: &mut Value, openings: &Openings) -> Result<Vec<Digest>, OpenedError> {
    let mut opened = Vec::new();
    match value {
        Value::Array(items) => {
            for item in items {
                opened.extend(open_bodies(item, openings)?);
            }
        }
        Value::Object(members) => {
            if members.get("fact").is_some_and(|fact| fact == "http")
                && members.remove("salted") == Some(Value::Bool(true))
            {
                let commitment: Digest = serde_json::from_value(members["body"].clone())?;
                let digest = openings.value(&commitment).ok_or(OpenedError::Body(commitment))?;
                members.insert("body".to_owned(), digest.into());
                opened.push(commitment);
            }
            for member in members.values_mut() {
                opened.extend(open_bodies(member, openings)?);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Ok(opened)
}
