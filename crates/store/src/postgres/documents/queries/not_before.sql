SELECT setval('version', greatest($1, (SELECT last_value FROM version)));
