INSERT INTO piece (number, place, bytes) VALUES ($1, $2, $3);
