SELECT seq, kind, recorded_at, body, leaf_hash FROM leaf WHERE seq >= $1 AND seq < $2 ORDER BY seq;
