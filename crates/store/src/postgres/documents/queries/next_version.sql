SELECT nextval('version');
