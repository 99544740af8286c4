UPDATE content SET number = $2 WHERE digest = $1;
