-- Documents: what a workspace keeps that is no evidence.
-- One sequence counts the versions of all documents, so that none comes back when a document is made again.

CREATE TABLE document (
    collection text NOT NULL,
    key text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    bytes bytea NOT NULL,
    PRIMARY KEY (collection, key)
);

CREATE SEQUENCE version AS bigint;
