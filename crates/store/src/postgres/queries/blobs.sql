SELECT digest, length FROM blob ORDER BY digest;
