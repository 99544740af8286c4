UPDATE version SET last = max(last, ?1);
