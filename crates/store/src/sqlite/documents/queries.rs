//! The SQL of the documents, a file per statement.

use crate::queries::queries;

queries! {
    DELETE = "delete.sql",
    EVERYTHING = "everything.sql",
    FORGET = "forget.sql",
    GET = "get.sql",
    LIST = "list.sql",
    NEXT_VERSION = "next_version.sql",
    NOT_BEFORE = "not_before.sql",
    PUT = "put.sql",
    VERSION = "version.sql",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::checked::check;
    use crate::sqlite::documents::FORMAT;

    #[test]
    fn every_sql_file_is_in_use_and_prepares_on_a_migrated_empty_database() {
        check(&FORMAT, "src/sqlite/documents", ALL);
    }
}
