SELECT coalesce(sum(octet_length(bytes)), 0)::bigint FROM piece WHERE number = $1;
