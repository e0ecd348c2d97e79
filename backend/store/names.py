"""The names of the files in the data directory."""

DATABASE = "studio.db"
SAVED = "studio.db.saved"
"""what a server still held of a database whose file was deleted or replaced while it ran"""
EPOCH = "epoch"
"""the name of this line of history; it lies outside the database, so that a restored backup can be told from it"""
LOCK = "server.lock"
"""held by the one server that uses the directory, freed by the system when that server ends in any way"""
