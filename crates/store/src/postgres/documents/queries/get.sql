SELECT key, version, bytes FROM document WHERE collection = $1 AND key = $2;
