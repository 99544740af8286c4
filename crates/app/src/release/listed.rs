//! The releases that are declared or recorded, in the order of `assay.toml`.

use std::path::Path;
use std::sync::Arc;

use model::{Image, Timestamp};
use serde::Serialize;

use super::ReleaseError;
use crate::folder;
use crate::records::Records;

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Version designation.
    pub version: String,
    /// Date of release, where one is given.
    pub date: Option<String>,
    /// Whether it is the one under assessment.
    pub under_assessment: bool,
    /// Whether `assay.toml` names it.
    pub declared: bool,
    /// Number of its record; none while `assay release add` has not entered it.
    pub record: Option<u64>,
    /// The firmware image, where one was recorded.
    pub firmware: Option<Image>,
    /// Number of components in its SBOM; none where no SBOM was recorded.
    pub components: Option<usize>,
    /// Number of its newest recorded assessment and the moment that is for.
    pub assessed: Option<(u64, Timestamp)>,
}

/// Every release that `assay.toml` names, and then those that only the ledger knows.
///
/// # Errors
/// [`ReleaseError`] when the dossier or its ledger cannot be read.
pub fn list(folder: &Path) -> Result<Vec<Listed>, ReleaseError> {
    let (dossier, _) = folder::load(folder)?;
    let history = match Records::exist(folder) {
        true => Records::open(folder)?.history()?,
        false => Arc::default(),
    };
    let recorded = &history.evidence().releases;
    let mut all = Vec::new();
    let declared = dossier.releases.iter().filter_map(|r| Some((r.version.as_ref()?.value.clone(), Some(r))));
    let known: Vec<String> = declared.clone().map(|(version, _)| version).collect();
    let others = recorded.iter().map(|r| r.body.version.clone()).filter(|v| !known.contains(v)).map(|v| (v, None));
    for (version, row) in declared.chain(others) {
        let record = recorded.iter().rev().find(|r| r.body.version == version);
        let date = row.and_then(|r| r.date.as_ref()).map(|d| d.value.clone());
        let assessed = history.judged().iter().rev().find(|j| j.record.release == version);
        all.push(Listed {
            under_assessment: row.is_some() && dossier.release_version() == version,
            declared: row.is_some(),
            record: record.map(|r| r.seq),
            date: date.or_else(|| record.and_then(|r| r.body.date.clone())),
            firmware: record.and_then(|r| r.body.firmware.clone()),
            components: record.filter(|r| r.body.sbom.is_some()).map(|r| r.body.components.len()),
            assessed: assessed.map(|j| (j.seq, j.record.at)),
            version,
        });
    }
    Ok(all)
}
