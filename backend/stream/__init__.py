"""From the files of runs to the sockets of phones, numbered and without gaps."""
