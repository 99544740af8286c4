-- Documents: what a workspace keeps that is no evidence.
-- One row counts the versions of all documents, so that none comes back when a document is made again.

PRAGMA application_id = 1095979863; -- "ASSW"

CREATE TABLE document (
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    bytes BLOB NOT NULL,
    PRIMARY KEY (collection, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE version (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    last INTEGER NOT NULL
) STRICT;

INSERT INTO version (only, last) VALUES (1, 0);
