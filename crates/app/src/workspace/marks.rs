//! Whether anything about a product has changed, told without reading it: names, lengths and times of its files, and
//! the size of a ledger that lies in a database.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::database;
use crate::records::FOLDER;

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Marks(Vec<(String, u64, Option<SystemTime>)>);

impl Marks {
    /// The marks of a dossier folder as it is now.
    pub(super) fn of(folder: &Path) -> Self {
        let mut marks = Vec::new();
        let at_top = |name: &str| name.ends_with(".toml");
        take(folder, "", &at_top, &mut marks);
        take(&folder.join("ixit"), "ixit/", &at_top, &mut marks);
        let of_ledger = |name: &str| name.starts_with("ledger") || name == "database.toml";
        take(&folder.join(FOLDER), ".assay/", &of_ledger, &mut marks);
        // Elsewhere than in a file it is its size that tells.
        if let Some(size) = database::size(&folder.join(FOLDER)) {
            marks.push(("ledger in its database".to_owned(), size, None));
        }
        marks.sort();
        Self(marks)
    }
}

fn take(
    folder: &Path,
    before: &str,
    wanted: &dyn Fn(&str) -> bool,
    marks: &mut Vec<(String, u64, Option<SystemTime>)>,
) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // The shared memory of SQLite changes when somebody reads.
        if wanted(&name)
            && !name.ends_with("-shm")
            && let Ok(data) = entry.metadata()
        {
            marks.push((format!("{before}{name}"), data.len(), data.modified().ok()));
        }
    }
}
