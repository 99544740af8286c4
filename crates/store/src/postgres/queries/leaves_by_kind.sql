SELECT seq, kind, recorded_at, body, leaf_hash FROM leaf WHERE kind = $1 ORDER BY seq;
