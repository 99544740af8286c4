DROP TABLE blob;

DROP TABLE checkpoint;

DROP TABLE leaf;

PRAGMA application_id = 0;
