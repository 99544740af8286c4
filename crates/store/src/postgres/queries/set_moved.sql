UPDATE format SET moved_to = $1;
