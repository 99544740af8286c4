//! The SQL of the SQLite store, a file per statement; the tables of a rebuilt ledger are one file.

use crate::queries::queries;

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
    MOVE_BACK = "move_back.sql",
    MOVED_TO = "moved_to.sql",
    REINDEX_LEAF = "reindex_leaf.sql",
    RESTORE_TABLES = "restore_tables.sql",
    SIZE = "size.sql",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{FORMAT, checked::check};

    #[test]
    fn every_sql_file_is_in_use_and_prepares_on_a_migrated_empty_database() {
        check(&FORMAT, "src/sqlite", ALL);
    }
}
