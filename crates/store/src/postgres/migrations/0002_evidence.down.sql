DROP TABLE blob;

DROP TABLE piece;

DROP TABLE content;
