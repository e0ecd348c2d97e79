"""Reading a database that no server need be running on."""

import sqlite3
from pathlib import Path

from backend.store.names import DATABASE


def stored_documents(data_dir: Path) -> dict[str, bytes]:
    """The JSON of every living design by its id; nothing when there is no database."""
    database_file = data_dir / DATABASE
    if not database_file.exists():
        return {}
    connection = sqlite3.connect(f"{database_file.resolve().as_uri()}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT id, document FROM designs WHERE deleted = 0 ORDER BY id").fetchall()
    finally:
        connection.close()
    return {str(key): str(document).encode() for key, document in rows}
