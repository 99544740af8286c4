//! `assay check`: what is wrong or thin in a dossier, with the line, the carets and the mend.

use std::path::{Path, PathBuf};

use dossier::{Severity, SourceText};
use report::notes::{NoteCounts, human, json, sarif};

use crate::args::NotesFormat;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Reads the dossier and prints its notes.
pub(crate) fn run(out: &mut Output, folder: &Path, format: NotesFormat, quiet: bool) -> Result<Exit, Failure> {
    let (dossier, notes) =
        app::folder::load_at(folder, app::now()).map_err(|e| Failure::new(e, "nothing was checked"))?;
    let counts = NoteCounts::of(&notes);
    let sources = seen_from_here(dossier.sources, folder);
    match format {
        NotesFormat::Human => {
            let shown: Vec<_> =
                notes.iter().filter(|n| !quiet || n.severity != Severity::Advice).cloned().collect();
            out.data(&human(&sources, &shown, out.colour()));
            out.say(&format!("{}: {counts}", folder.display()));
        }
        NotesFormat::Json => out.json(&json(&sources, &notes)),
        NotesFormat::Sarif => out.json(&sarif(&sources, &notes, env!("CARGO_PKG_VERSION"))),
    }
    Ok(if counts.errors > 0 { Exit::DossierErrors } else { Exit::Ok })
}

/// The same texts under the paths by which a terminal, an editor or a code review finds them from the current folder.
fn seen_from_here(sources: Vec<SourceText>, folder: &Path) -> Vec<SourceText> {
    let shown = |path: &str| folder.components().chain(Path::new(path).components()).collect::<PathBuf>();
    let named = |path: &str| {
        let shown = shown(path);
        shown.strip_prefix(".").unwrap_or(&shown).display().to_string()
    };
    sources.into_iter().map(|s| SourceText { path: named(&s.path), ..s }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_as_the_current_folder_sees_it() {
        let seen = |folder: &str| {
            let source = SourceText { path: "ixit/1-AuthMech.toml".into(), text: String::new() };
            seen_from_here(vec![source], Path::new(folder)).remove(0).path
        };
        assert_eq!(seen("."), "ixit/1-AuthMech.toml");
        assert_eq!(seen("./dossier/"), "dossier/ixit/1-AuthMech.toml");
        assert_eq!(seen("/srv/dossier"), "/srv/dossier/ixit/1-AuthMech.toml");
        assert_eq!(seen("../dossier"), "../dossier/ixit/1-AuthMech.toml");
    }
}
