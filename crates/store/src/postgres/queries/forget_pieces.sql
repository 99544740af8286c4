DELETE FROM piece WHERE number = $1;
