//! Whether anything about a product has changed, told without reading it: names, lengths, times and numbers of its files,
//! and the size of a ledger that lies in a database.
//!
//! The time of the last change of a file (`ctime`) is one of them where the system has it: nobody sets that back.

use std::fs::{self, Metadata};
use std::path::Path;
#[cfg(not(unix))]
use std::time::SystemTime;

use model::{Digest, DigestStream};

use crate::database;
use crate::records::FOLDER;

/// What is compared: a digest over all of it, so that a thousand products take little room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    files: Digest,
    /// Number of records of a ledger that lies in a database.
    size: Option<u64>,
}

impl Marks {
    /// The marks of a dossier folder as it is now.
    pub(super) fn of(folder: &Path) -> Self {
        Self { files: of_files(folder), size: database::size(&folder.join(FOLDER)) }
    }

    /// Whether the ledger lies in a database, of which the number of its records is all that these know.
    pub(super) fn is_of_database(&self) -> bool {
        self.size.is_some()
    }

    /// Whether the files are as they were. It asks no database: what lies in one is looked for in the background.
    pub(super) fn has_files_of(&self, folder: &Path) -> bool {
        self.files == of_files(folder)
    }
}

fn of_files(folder: &Path) -> Digest {
    let mut marks = Vec::new();
    let of_dossier = |name: &str| name.ends_with(".toml");
    take(folder, "", &of_dossier, &mut marks);
    take(&folder.join("ixit"), "ixit/", &of_dossier, &mut marks);
    // The keys too: whose a ledger has to be hangs on them.
    let of_ledger = |name: &str| name.starts_with("ledger") || name == database::POINTER || name.ends_with(".pem");
    take(&folder.join(FOLDER), ".assay/", &of_ledger, &mut marks);
    marks.sort_unstable();
    let mut stream = DigestStream::new();
    for mark in marks {
        stream.update(mark.as_bytes());
        stream.update(b"\n");
    }
    stream.finish()
}

fn take(folder: &Path, before: &str, wanted: &dyn Fn(&str) -> bool, marks: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // The shared memory of SQLite changes when somebody reads, and its log is there, empty, while somebody does.
        if wanted(&name)
            && !name.ends_with("-shm")
            && let Ok(data) = entry.metadata()
            && !(name.ends_with("-wal") && data.len() == 0)
        {
            marks.push(format!("{before}{name:?} {} {:?} {:?}", data.len(), data.modified().ok(), changed(&data)));
        }
    }
}

/// Which file it is, and when it was changed last in any way.
#[cfg(unix)]
fn changed(data: &Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt as _;
    (data.ino(), data.ctime(), data.ctime_nsec())
}

#[cfg(not(unix))]
fn changed(data: &Metadata) -> Option<SystemTime> {
    data.created().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_shows_although_length_and_time_are_as_before() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("assay.toml");
        fs::write(&at, "edition = \"3.1.3\"\n").unwrap();
        let (before, time) = (Marks::of(folder.path()), fs::metadata(&at).unwrap().modified().unwrap());
        assert!(before.has_files_of(folder.path()));
        fs::write(&at, "edition = \"2.1.1\"\n").unwrap();
        fs::File::options().write(true).open(&at).unwrap().set_modified(time).unwrap();
        assert_eq!(fs::metadata(&at).unwrap().modified().unwrap(), time);
        assert!(!before.has_files_of(folder.path()));
    }

    #[test]
    fn somebody_who_reads_a_ledger_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(FOLDER)).unwrap();
        let before = Marks::of(folder.path());
        for name in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
            fs::write(folder.path().join(FOLDER).join(name), "").unwrap();
        }
        assert_eq!(Marks::of(folder.path()), before);
        fs::write(folder.path().join(FOLDER).join("ledger.sqlite-wal"), "more").unwrap();
        assert_ne!(Marks::of(folder.path()), before);
    }
}
