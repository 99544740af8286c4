SELECT nextval('content_number');
