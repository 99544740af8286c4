DROP TABLE document;

DROP SEQUENCE version;
