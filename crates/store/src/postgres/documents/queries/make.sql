INSERT INTO document (collection, key, version, bytes) VALUES ($1, $2, $3, $4) ON CONFLICT (collection, key) DO NOTHING;
