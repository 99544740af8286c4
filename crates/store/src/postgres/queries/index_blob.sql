INSERT INTO blob (digest, length) VALUES ($1, $2) ON CONFLICT (digest) DO UPDATE SET length = excluded.length;
