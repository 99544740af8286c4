SELECT digest, number FROM content WHERE digest > $1 ORDER BY digest LIMIT 1000;
