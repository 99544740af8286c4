SELECT key, version, bytes FROM document WHERE collection = $1 ORDER BY key;
