-- Leaves and the checkpoints over them.
-- Bodies, positions and notes are written once; kind, recorded_at and leaf_hash are an index over bodies.

CREATE TABLE leaf (
    seq bigint PRIMARY KEY CHECK (seq >= 0),
    kind text NOT NULL,
    recorded_at text NOT NULL,
    body bytea NOT NULL,
    leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32)
);

CREATE INDEX leaf_by_kind ON leaf (kind, seq);

CREATE TABLE checkpoint (
    size bigint PRIMARY KEY CHECK (size > 0),
    last_seq bigint NOT NULL GENERATED ALWAYS AS (size - 1) STORED REFERENCES leaf (seq),
    note text NOT NULL
);

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END
$$;

CREATE FUNCTION at_the_end() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    next bigint;
BEGIN
    EXECUTE format('SELECT coalesce(max(seq) + 1, 0) FROM %I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO next;
    IF NEW.seq <> next THEN
        RAISE EXCEPTION 'a leaf goes at the end of the ledger' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER leaf_goes_at_the_end BEFORE INSERT ON leaf
FOR EACH ROW EXECUTE FUNCTION at_the_end();

CREATE TRIGGER leaf_is_never_changed BEFORE UPDATE OF seq, body ON leaf
FOR EACH ROW EXECUTE FUNCTION refuse('a leaf is never changed');

CREATE TRIGGER leaf_is_never_deleted BEFORE DELETE ON leaf
FOR EACH ROW EXECUTE FUNCTION refuse('a leaf is never deleted');

CREATE TRIGGER leaves_are_never_emptied BEFORE TRUNCATE ON leaf
FOR EACH STATEMENT EXECUTE FUNCTION refuse('a leaf is never deleted');

CREATE TRIGGER checkpoint_is_never_changed BEFORE UPDATE ON checkpoint
FOR EACH ROW EXECUTE FUNCTION refuse('a checkpoint is never changed');

CREATE TRIGGER checkpoint_is_never_deleted BEFORE DELETE ON checkpoint
FOR EACH ROW EXECUTE FUNCTION refuse('a checkpoint is never deleted');

CREATE TRIGGER checkpoints_are_never_emptied BEFORE TRUNCATE ON checkpoint
FOR EACH STATEMENT EXECUTE FUNCTION refuse('a checkpoint is never deleted');
