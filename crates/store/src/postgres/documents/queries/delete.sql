DELETE FROM document WHERE collection = $1 AND key = $2 AND version = $3;
