//! Telling a dossier in the other edition: a new folder, and a report of what became of everything.
//!
//! Nothing is overwritten, nothing is answered for the supplier, and no decision of a person is carried over: what has
//! no place stays as a comment, what is asked anew stays unsaid.

mod controls;
mod entry;
mod fields;
mod ics;
mod ixit;
mod merge;
mod moves;
mod report;
mod text;

pub use report::{Answer, Asked, Checked, Derived, EntryLine, Left, ProvisionLine, Report};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dossier::{Dossier, Severity, SourceText};
use engine::Evidence;
use model::Edition;

use crate::folder::{self, FolderError};
use crate::records::{Records, RecordsError};

use moves::Moves;

/// Why nothing was converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The folders.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A file cannot be rewritten because it cannot be read.
    #[error("read {path}: it is not valid TOML\n\nhint: `assay check` shows the place")]
    NotToml {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: Box<toml_edit::TomlError>,
    },
    /// The dossier is in that edition.
    #[error("convert the dossier: it is for V{0} already")]
    SameEdition(Edition),
    /// The new folder holds something.
    #[error("write {}: it is already there\n\nhint: choose another folder; nothing is overwritten", .0.display())]
    Exists(PathBuf),
}

/// Tells a dossier in the other edition: the texts of the new folder, and what became of everything but the evidence.
///
/// # Errors
/// [`ConvertError`] when a file is no TOML, or the dossier is in that edition.
pub fn rewrite(sources: &[SourceText], to: Edition) -> Result<(Vec<SourceText>, Report), ConvertError> {
    let (told, report, _) = tell(sources, to)?;
    Ok((told, report))
}

fn tell(sources: &[SourceText], to: Edition) -> Result<(Vec<SourceText>, Report, Moves), ConvertError> {
    for source in sources {
        text::document(source)?;
    }
    let (dossier, _) = dossier::read(sources.to_vec());
    if dossier.edition() == to {
        return Err(ConvertError::SameEdition(to));
    }
    let mut report = Report::new(to);
    let moves = Moves::of(&dossier, to);
    let names = moves.renamed();
    let named = |path: &str| sources.iter().find(|s| s.path == path);
    let tables: Vec<&SourceText> = sources.iter().filter(|s| s.path.starts_with("ixit/")).collect();
    let mut told = Vec::new();
    if let Some(source) = named("assay.toml") {
        told.push(controls::assay(source, &mut report)?);
    }
    let ixit = ixit::rewrite(&dossier, &tables, &moves, &names, &mut report)?;
    let shown = {
        let known: Vec<SourceText> = told.iter().chain(&ixit).cloned().collect();
        engine::bridge::shown(&dossier::read(known).0)
    };
    told.push(ics::rewrite(&dossier, named("ics.toml"), &names, &shown, &mut report)?);
    if let Some(source) = named("controls.toml") {
        told.push(controls::controls(source, &names, &mut report)?);
    }
    told.extend(named("bench.toml").cloned());
    told.extend(ixit);
    Ok((told, report, moves))
}

/// Tells the dossier of a folder in the other edition and writes it to a new folder.
///
/// # Errors
/// [`ConvertError`]; then nothing was written.
pub fn convert(folder: &Path, to: Edition, out: &Path) -> Result<Report, ConvertError> {
    let sources = folder::sources(folder)?;
    if out.exists() && std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(ConvertError::Exists(out.to_owned()));
    }
    let evidence = match Records::exist(folder) {
        true => Records::open(folder)?.evidence()?,
        false => Arc::default(),
    };
    let (told, mut report, moves) = tell(&sources, to)?;
    let (new, notes) = engine::lint::check(told.clone());
    for note in &notes {
        match note.severity {
            Severity::Error => report.checked.errors += 1,
            Severity::Warning => report.checked.warnings += 1,
            Severity::Advice => report.checked.advice += 1,
        }
    }
    report.observations = engine::bridge::observations(&evidence);
    report.statements = statements(&evidence, &new, &moves, to);
    folder::create(out, &told)?;
    Ok(report)
}

/// The statements with what could be confirmed: only unit instances that the new dossier has.
fn statements(
    evidence: &Evidence,
    new: &Dossier,
    moves: &Moves,
    to: Edition,
) -> Vec<engine::bridge::MovedStatement> {
    let none = Evidence::default();
    let view = engine::View {
        catalogue: catalogue::Catalogue::of(to),
        dossier: new,
        evidence: &none,
        at: model::Timestamp::from_seconds(0),
    };
    let planned: Vec<(String, Option<String>)> = engine::plan(&view)
        .into_iter()
        .filter(|p| matches!(p.applies, engine::InScope::Yes))
        .map(|p| (p.id.unit.to_string(), p.id.entry.map(|(_, id)| id)))
        .collect();
    let lead = |table: &str, id: &str| moves.of_entry(table, id).map(|m| m.to.clone()).unwrap_or_default();
    let mut all = engine::bridge::statements(to, evidence, &lead);
    for statement in &mut all {
        let had = !statement.confirm.is_empty();
        statement.confirm.retain(|instance| planned.contains(instance));
        if had && statement.confirm.is_empty() {
            statement.because = format!("the new dossier has no instance of what {} decides", statement.unit);
        }
    }
    all
}
