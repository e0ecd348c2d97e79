"""The names of the files in the data directory."""

DATABASE = "studio.db"
EPOCH = "epoch"
"""the name of this line of history; it lies outside the database, so that a restored backup can be told from it"""
LOCK = "server.lock"
"""held by the one server that uses the directory, freed by the system when that server ends in any way"""
