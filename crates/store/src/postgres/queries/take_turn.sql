SELECT moved_to FROM format FOR UPDATE;
