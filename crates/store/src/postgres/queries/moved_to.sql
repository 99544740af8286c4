SELECT moved_to FROM format;
