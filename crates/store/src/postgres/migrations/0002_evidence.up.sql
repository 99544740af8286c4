-- Evidence: bytes in pieces, so that a file of any size takes the same memory.
-- content says which pieces belong to a digest; blob is an index over contents whose bytes fit their digest.

CREATE TABLE content (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    number bigint NOT NULL UNIQUE
);

CREATE SEQUENCE content_number AS bigint OWNED BY content.number;

CREATE TABLE piece (
    number bigint NOT NULL,
    place integer NOT NULL CHECK (place >= 0),
    bytes bytea NOT NULL,
    PRIMARY KEY (number, place)
);

CREATE TABLE blob (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    length bigint NOT NULL CHECK (length >= 0)
);
