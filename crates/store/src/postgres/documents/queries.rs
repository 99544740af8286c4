//! The SQL of the documents, a file per statement.

use crate::queries::queries;

queries! {
    CHANGE = "change.sql",
    DELETE = "delete.sql",
    EVERYTHING = "everything.sql",
    FORGET = "forget.sql",
    GET = "get.sql",
    LIST = "list.sql",
    MAKE = "make.sql",
    NEXT_VERSION = "next_version.sql",
    NOT_BEFORE = "not_before.sql",
    VERSION = "version.sql",
}
