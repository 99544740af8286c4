UPDATE leaf SET kind = $2, recorded_at = $3, leaf_hash = $4 WHERE seq = $1;
