//! For the tests of the lists of SQL files.

use std::path::Path;

use rusqlite::fallible_iterator::FallibleIterator as _;

use super::migrate::{self, Format};
use crate::folder::{files, files_of, names};

/// The statements and steps are those in the folder, and each statement prepares on a migrated empty database.
pub(super) fn check(format: &Format, folder: &str, statements: &[(&str, &str)]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    assert_eq!(files(&folder.join("queries")), names(statements));
    let steps: Vec<String> = format.steps.iter().flat_map(files_of).collect();
    assert_eq!(files(&folder.join("migrations")), steps);
    let failed = |error| panic!("{error}");
    let mut connection = rusqlite::Connection::open_in_memory().unwrap();
    let pending = migrate::pending(format, &connection, Path::new(":memory:"), failed).unwrap();
    migrate::run(format, &mut connection, pending, failed).unwrap();
    for (file, sql) in statements {
        let mut batch = rusqlite::Batch::new(&connection, sql);
        let mut count = 0;
        while batch.next().unwrap_or_else(|error| panic!("{file}: {error}")).is_some() {
            count += 1;
        }
        assert!(count == 1 || (count > 1 && *file == "restore_tables.sql"), "{file}: {count} statements");
    }
}
