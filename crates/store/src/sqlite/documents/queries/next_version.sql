UPDATE version SET last = last + 1 RETURNING last;
