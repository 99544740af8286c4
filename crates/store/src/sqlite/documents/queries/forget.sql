DELETE FROM document;
