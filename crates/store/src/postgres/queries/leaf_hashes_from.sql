SELECT leaf_hash FROM leaf WHERE seq >= $1 ORDER BY seq;
