/** Fills the cache of the Python pack. */
export {}
