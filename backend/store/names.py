"""The names of the files in the data directory."""

DATABASE = "studio.db"
SAVED = "studio.db.saved"
"""the copy of a database whose file was deleted or replaced while the server was running"""
EPOCH = "epoch"
"""the name of this history; it is outside of the database, so that a restored backup can be recognised"""
LOCK = "server.lock"
"""locked by the server that uses the directory; the system releases the lock when that server ends in any way"""
