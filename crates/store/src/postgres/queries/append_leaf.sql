INSERT INTO leaf (seq, kind, recorded_at, body, leaf_hash) VALUES ($1, $2, $3, $4, $5);
