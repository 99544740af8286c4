-- The ledger: leaves, the checkpoints over them, and the list of blobs.
-- Bodies, positions and notes are written once; kind, recorded_at, leaf_hash and blob are an index over bodies and files.

PRAGMA application_id = 1095979865; -- "ASSY"

CREATE TABLE leaf (
    seq INTEGER PRIMARY KEY CHECK (seq >= 0),
    kind TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    body BLOB NOT NULL,
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32)
) STRICT;

CREATE INDEX leaf_by_kind ON leaf (kind, seq);

CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY CHECK (size > 0),
    last_seq INTEGER NOT NULL GENERATED ALWAYS AS (size - 1) STORED REFERENCES leaf (seq),
    note TEXT NOT NULL
) STRICT;

CREATE TABLE blob (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    length INTEGER NOT NULL CHECK (length >= 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER leaf_goes_at_the_end BEFORE INSERT ON leaf
WHEN NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM leaf)
BEGIN
    SELECT raise(ABORT, 'a leaf goes at the end of the ledger');
END;

CREATE TRIGGER leaf_is_never_changed BEFORE UPDATE OF seq, body ON leaf
BEGIN
    SELECT raise(ABORT, 'a leaf is never changed');
END;

CREATE TRIGGER leaf_is_never_deleted BEFORE DELETE ON leaf
BEGIN
    SELECT raise(ABORT, 'a leaf is never deleted');
END;

CREATE TRIGGER checkpoint_is_never_changed BEFORE UPDATE ON checkpoint
BEGIN
    SELECT raise(ABORT, 'a checkpoint is never changed');
END;

CREATE TRIGGER checkpoint_is_never_deleted BEFORE DELETE ON checkpoint
BEGIN
    SELECT raise(ABORT, 'a checkpoint is never deleted');
END;
