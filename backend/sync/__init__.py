"""Push and pull in one call: the server merges, the phone never does."""
