DROP TABLE checkpoint;

DROP TABLE leaf;

DROP FUNCTION at_the_end;

DROP FUNCTION refuse;
