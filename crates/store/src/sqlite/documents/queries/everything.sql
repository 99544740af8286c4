SELECT key, version, bytes, collection FROM document ORDER BY collection, key;
