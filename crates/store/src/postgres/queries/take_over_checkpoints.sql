INSERT INTO checkpoint (size, note)
SELECT size, note FROM unnest($1::bigint[], $2::text[]) AS taken (size, note) ORDER BY size;
