//! Recording what a named person decided about a unit instance.

use std::path::{Path, PathBuf};

use catalogue::Catalogue;
use dossier::Dossier;
use model::{CriterionVerdict, Level, Period, Place, Statement, Timestamp, UnitId, Verdict};

use crate::folder::{self, FolderError};
use crate::privacy::Privacy;
use crate::records::{Records, RecordsError};
use crate::{TOOL, circumstances};

/// Why a statement was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The unit does not exist in the edition.
    #[error("state a verdict: {0}")]
    Unit(String),
    /// The entry does not exist, or is missing.
    #[error("state a verdict on {unit}: {why}")]
    Entry {
        /// The unit.
        unit: String,
        /// What is wrong.
        why: String,
    },
    /// The person, the reasoning or the verdict is missing.
    #[error("state a verdict: {0}")]
    Incomplete(&'static str),
    /// An artefact cannot be read.
    #[error("attach {}", at.display())]
    Artefact {
        /// The file.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The kind of an artefact is not known.
    #[error("attach a `{0}`: kinds are photo, screenshot, log, capture, document, value, report, sample")]
    Kind(String),
    /// It speaks of a time that has not come.
    #[error(
        "state a verdict: {0} is not over yet\n\nhint: a statement speaks of what was true, not of what will be"
    )]
    Future(Period),
}

/// Kinds of artefact that procedures ask for.
pub const KINDS: [&str; 8] = ["photo", "screenshot", "log", "capture", "document", "value", "report", "sample"];

/// What a person wants to state.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The unit: `5.1-2-1c`.
    pub unit: String,
    /// The IXIT entry, for units that range over a table.
    pub entry: Option<String>,
    /// Name of the person.
    pub person: String,
    /// Their role.
    pub role: String,
    /// The verdict on the unit as a whole, when no criteria are given.
    pub verdict: Option<Verdict>,
    /// Verdicts on criteria of the person's choice.
    pub criteria: Vec<CriterionVerdict>,
    /// Why. What stands in `[[private: …]]`, here and in a criterion, is withheld from the record's text.
    pub reasoning: String,
    /// The private key to sign with instead of the workspace's; the ledger has to have entered it.
    pub key: Option<PathBuf>,
    /// Files to attach, by kind.
    pub artefacts: Vec<(String, PathBuf)>,
    /// Files that were read already: kind, name and bytes.
    pub kept: Vec<(String, String, Vec<u8>)>,
    /// When what is stated was true; the moment of stating when left out.
    pub effective: Option<Period>,
    /// From where in the network the person looked.
    pub place: Option<String>,
}

/// A statement that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// Its position in the ledger.
    pub seq: u64,
    /// Milliseconds by which the clock was behind the record before it, if it was.
    pub clock_behind: Option<i64>,
    /// Kinds of artefact without which a pass stays open.
    pub lacks: Vec<String>,
    /// Whether a pass counts only once a second person has confirmed it.
    pub needs_second: bool,
}

/// Records the statement.
///
/// # Errors
/// [`StateError`]; then nothing was recorded.
pub fn state(folder: &Path, draft: Draft, at: Timestamp) -> Result<Stated, StateError> {
    let (dossier, _) = folder::load(folder)?;
    let edition = dossier.edition();
    let catalogue = Catalogue::of(edition);
    let unit = catalogue.unit_named(&draft.unit).ok_or_else(|| unknown(catalogue, &draft.unit))?;
    let entry = entry(&dossier, catalogue, unit, draft.entry)?;
    if draft.person.trim().is_empty() {
        return Err(StateError::Incomplete("name the person who decides"));
    }
    if draft.reasoning.trim().is_empty() {
        return Err(StateError::Incomplete("give the reasoning"));
    }
    let mut criteria = draft.criteria;
    if let Some(verdict) = draft.verdict {
        criteria.insert(0, CriterionVerdict { criterion: unit.summary.clone(), verdict });
    }
    if criteria.is_empty() {
        return Err(StateError::Incomplete("give a verdict, on the unit or per criterion"));
    }
    if let Some(period) = draft.effective.filter(|period| period.until > at) {
        return Err(StateError::Future(period));
    }
    let mut files = Vec::new();
    for (kind, path) in draft.artefacts {
        if !KINDS.contains(&kind.as_str()) {
            return Err(StateError::Kind(kind));
        }
        let bytes = std::fs::read(&path).map_err(|source| StateError::Artefact { at: path.clone(), source })?;
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        files.push((kind, name, bytes));
    }
    files.extend(draft.kept);
    let mut records = Records::open_sound(folder)?;
    let (privacy, _) = Privacy::of_folder(&dossier, folder);
    records.withhold(files.iter().fold(privacy, |privacy, (kind, _, bytes)| privacy.and_attached(kind, bytes)));
    let author = draft.key.as_deref().map(|file| records.author(file)).transpose()?;
    records.revision(&dossier.sources, at)?;
    if let Some(author) = author {
        records.sign_as(author);
    }
    let mut artefacts = Vec::new();
    for (kind, name, bytes) in files {
        artefacts.push(records.artefact(&kind, &name, &bytes)?);
    }
    let statement = Statement {
        edition,
        unit: unit.id.to_string(),
        entry,
        release: dossier.release_version().to_owned(),
        person: draft.person.trim().to_owned(),
        role: draft.role.trim().to_owned(),
        stated: at,
        effective: Some(draft.effective.unwrap_or(Period::moment(at))),
        criteria,
        reasoning: draft.reasoning,
        level: Some(Level::of_statement(&artefacts)),
        valid_until: circumstances::statement_valid_until(&dossier, draft.effective.map_or(at, |p| p.until)),
        dut: Some(circumstances::declared(&dossier)),
        place: draft.place.map(Place),
        tool: Some(TOOL.to_owned()),
        openings: None,
        artefacts,
    };
    let seq = records.state(&statement, at)?;
    let has = |kind: &String| statement.artefacts.iter().any(|a| a.kind == *kind);
    let lacks = engine::required_artefacts(catalogue, unit).iter().filter(|kind| !has(kind)).cloned().collect();
    let needs_second = engine::wants_second(&dossier, catalogue, unit);
    Ok(Stated { seq, clock_behind: records.clock_behind(), lacks, needs_second })
}

pub(crate) fn unknown(catalogue: &Catalogue, text: &str) -> StateError {
    let form = UnitId::new(catalogue.edition, text).err().map(|e| e.to_string());
    let near = catalogue.find(text).err().map(|e| e.near).unwrap_or_default();
    let near = match near.is_empty() {
        true => String::new(),
        false => format!("\n\nhint: did you mean {}?", near.join(", ")),
    };
    let why = form.unwrap_or_else(|| format!("{} has no unit {text}", catalogue.edition.citation()));
    StateError::Unit(format!("{why}{near}"))
}

pub(crate) fn entry(
    dossier: &Dossier,
    catalogue: &Catalogue,
    unit: &catalogue::Unit,
    entry: Option<String>,
) -> Result<Option<String>, StateError> {
    let tables: Vec<&str> = unit
        .for_each
        .iter()
        .chain(&unit.for_each_also)
        .filter_map(|id| catalogue.table(id))
        .map(|t| t.name.as_str())
        .collect();
    let ids: Vec<&str> = tables.iter().flat_map(|t| dossier.entries(t)).map(|e| e.id.value.as_str()).collect();
    let refuse = |why: String| Err(StateError::Entry { unit: unit.id.to_string(), why });
    match entry {
        None if tables.is_empty() || ids.is_empty() => Ok(None),
        None => refuse(format!("it is judged per entry\n\nhint: add `--entry`, one of {}", ids.join(", "))),
        Some(entry) if tables.is_empty() => refuse(format!("it is judged once, not for `{entry}`")),
        Some(entry) if ids.contains(&entry.as_str()) => Ok(Some(entry)),
        Some(entry) => refuse(format!("`{entry}` is not declared\n\nhint: entries are {}", ids.join(", "))),
    }
}
