UPDATE document SET version = $3, bytes = $4 WHERE collection = $1 AND key = $2 AND version = $5;
