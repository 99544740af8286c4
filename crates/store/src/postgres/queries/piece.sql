SELECT bytes FROM piece WHERE number = $1 AND place = $2;
