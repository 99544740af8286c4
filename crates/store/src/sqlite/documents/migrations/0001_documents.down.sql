DROP TABLE document;

DROP TABLE version;

PRAGMA application_id = 0;
