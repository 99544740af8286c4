SELECT number FROM content WHERE digest = $1;
