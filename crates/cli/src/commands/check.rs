//! `assay check`: what is wrong or thin in a dossier, with the line, the carets and the mend.

use std::path::Path;

use dossier::Severity;
use report::notes::{NoteCounts, human, json, sarif};

use crate::args::NotesFormat;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Reads the dossier and prints its notes.
pub(crate) fn run(out: &mut Output, folder: &Path, format: NotesFormat, quiet: bool) -> Result<Exit, Failure> {
    let (dossier, notes) = app::folder::load(folder).map_err(|e| Failure::new(e, "nothing was checked"))?;
    let counts = NoteCounts::of(&notes);
    match format {
        NotesFormat::Human => {
            let shown: Vec<_> =
                notes.iter().filter(|n| !quiet || n.severity != Severity::Advice).cloned().collect();
            out.data(&human(&dossier.sources, &shown, out.colour()));
            out.say(&format!("{}: {counts}", folder.display()));
        }
        NotesFormat::Json => out.json(&json(&dossier.sources, &notes)),
        NotesFormat::Sarif => out.json(&sarif(&dossier.sources, &notes, env!("CARGO_PKG_VERSION"))),
    }
    Ok(if counts.errors > 0 { Exit::DossierErrors } else { Exit::Ok })
}
