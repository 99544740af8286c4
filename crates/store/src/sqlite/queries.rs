//! The SQL of the SQLite store, a file per statement; the tables of a rebuilt ledger are one file.

macro_rules! queries {
    ($($name:ident = $file:literal,)*) => {
        $(pub(super) const $name: &str = include_str!(concat!("queries/", $file));)*

        #[cfg(test)]
        const ALL: &[(&str, &str)] = &[$(($file, $name)),*];
    };
}

queries! {
    APPEND_CHECKPOINT = "append_checkpoint.sql",
    APPEND_LEAF = "append_leaf.sql",
    BLOBS = "blobs.sql",
    CHECKPOINT_AT = "checkpoint_at.sql",
    CHECKPOINTS = "checkpoints.sql",
    FORGET_BLOBS = "forget_blobs.sql",
    FORGET_CHECKPOINTS = "forget_checkpoints.sql",
    INDEX_BLOB = "index_blob.sql",
    LATEST_CHECKPOINT = "latest_checkpoint.sql",
    LEAF_HASHES_FROM = "leaf_hashes_from.sql",
    LEAVES = "leaves.sql",
    LEAVES_BY_KIND = "leaves_by_kind.sql",
    REINDEX_LEAF = "reindex_leaf.sql",
    RESTORE_TABLES = "restore_tables.sql",
    SIZE = "size.sql",
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::sqlite::migrate::{self, MIGRATIONS};

    fn files(folder: &str) -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sqlite").join(folder);
        let listing = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            listing.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn every_sql_file_prepares_on_a_migrated_empty_database() {
        let failed = |error| panic!("{error}");
        let mut connection = rusqlite::Connection::open_in_memory().unwrap();
        let pending = migrate::pending(&connection, Path::new(":memory:"), failed).unwrap();
        migrate::run(&mut connection, pending, failed).unwrap();
        for (file, sql) in ALL {
            let mut statements = rusqlite::Batch::new(&connection, sql);
            let mut count = 0;
            while rusqlite::fallible_iterator::FallibleIterator::next(&mut statements)
                .unwrap_or_else(|error| panic!("{file}: {error}"))
                .is_some()
            {
                count += 1;
            }
            assert!(count == 1 || (count > 1 && *file == "restore_tables.sql"), "{file}: {count} statements");
        }
    }

    #[test]
    fn every_sql_file_is_in_use() {
        assert_eq!(files("queries"), ALL.iter().map(|(file, _)| *file).collect::<Vec<_>>());
        assert_eq!(files("migrations"), MIGRATIONS.iter().map(|(file, _)| *file).collect::<Vec<_>>());
    }
}
