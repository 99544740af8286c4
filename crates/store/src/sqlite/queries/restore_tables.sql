CREATE INDEX IF NOT EXISTS leaf_by_kind ON leaf (kind, seq);

CREATE TABLE IF NOT EXISTS checkpoint (
    size INTEGER PRIMARY KEY CHECK (size > 0),
    last_seq INTEGER NOT NULL GENERATED ALWAYS AS (size - 1) STORED REFERENCES leaf (seq),
    note TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS blob (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    length INTEGER NOT NULL CHECK (length >= 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS leaf_goes_at_the_end BEFORE INSERT ON leaf
WHEN NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM leaf)
BEGIN
    SELECT raise(ABORT, 'a leaf goes at the end of the ledger');
END;

CREATE TRIGGER IF NOT EXISTS leaf_is_never_changed BEFORE UPDATE OF seq, body ON leaf
BEGIN
    SELECT raise(ABORT, 'a leaf is never changed');
END;

CREATE TRIGGER IF NOT EXISTS leaf_is_never_deleted BEFORE DELETE ON leaf
BEGIN
    SELECT raise(ABORT, 'a leaf is never deleted');
END;

CREATE TRIGGER IF NOT EXISTS checkpoint_is_never_changed BEFORE UPDATE ON checkpoint
BEGIN
    SELECT raise(ABORT, 'a checkpoint is never changed');
END;

CREATE TRIGGER IF NOT EXISTS checkpoint_is_never_deleted BEFORE DELETE ON checkpoint
BEGIN
    SELECT raise(ABORT, 'a checkpoint is never deleted');
END;
