INSERT INTO leaf (seq, kind, recorded_at, body, leaf_hash)
SELECT seq, kind, recorded_at, body, leaf_hash
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[], $5::bytea[])
    AS taken (seq, kind, recorded_at, body, leaf_hash)
ORDER BY seq;
