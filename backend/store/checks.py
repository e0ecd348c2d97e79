"""Checks a database file before anything is written to it: of which program and version it is, and whether it is damaged."""

import sqlite3
from pathlib import Path

from backend.errors import DataUnusable
from backend.store.migrations import migrations
from backend.store.names import RESTORING

MAGIC = b"SQLite format 3\0"
APPLICATION_ID = slice(68, 72)
"""of the file header (https://www.sqlite.org/fileformat.html#the_database_header)"""
HEADER_BYTES = 100
UNCHANGED = "Nothing was changed"
_NAMED_TABLES = 3
_CANNOT_READ = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS)


def check_usable(path: Path) -> None:
    """Raise DataUnusable if the file is no database of this program and version; the file is only read."""
    if path.with_name(RESTORING).exists():
        raise DataUnusable(
            f"A restore of {path.parent} was interrupted, and its data is incomplete: run `model-studio restore FILE` again; what"
            f" was there before is in the folder that {RESTORING} names"
        )
    try:
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
    except FileNotFoundError:
        return
    if not header:
        raise DataUnusable(
            f"{path} is empty (0 bytes), so a copy of it was cut short or the disk was full: put a backup in its place, or delete"
            f" it to start without designs. {UNCHANGED}"
        )
    if not header.startswith(MAGIC):
        raise DataUnusable(
            f"{path} is not a database: put a backup in its place, save what is left in it with `model-studio rescue --out DIR`,"
            f" or choose another folder with --data-dir. {UNCHANGED}"
        )
    try:
        _check_content(path, int.from_bytes(header[APPLICATION_ID], "big"))
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise


def _check_content(path: Path, application_id: int) -> None:
    connection = connect_to_read(path)
    try:
        tables = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if application_id or (tables and migrations.migrations_table not in tables):
            named = ", ".join(sorted(tables)[:_NAMED_TABLES]) or "none"
            raise DataUnusable(
                f"{path} belongs to another program (its tables: {named}): choose another folder with --data-dir. {UNCHANGED}"
            )
        applied = "SELECT name FROM _sqlite_migrations WHERE migration_set = ?"
        done = [str(name) for (name,) in connection.execute(applied, [migrations.name])] if tables else []
    finally:
        connection.close()
    known = {migration.name for migration in migrations._migrations}
    if unknown := [name for name in done if name not in known]:
        raise DataUnusable(
            f"{path} was written by a newer version of Model Studio (it has the migration {unknown[0]}): install that version or"
            f" a newer one, or choose another folder with --data-dir. {UNCHANGED}"
        )


def find_damage(path: Path) -> str | None:
    """The first problem that `PRAGMA quick_check` finds, or None; about 0.1 s for 100 MB."""
    try:
        connection = connect_to_read(path)
        try:
            result = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return str(error)
    return None if result == "ok" else result.splitlines()[-1]


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a database without changing it or leaving files beside it; text that is not UTF-8 keeps its bytes as surrogates."""
    has_log = path.with_name(path.name + "-wal").exists()
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?{'mode=ro' if has_log else 'immutable=1'}", uri=True)
    connection.text_factory = lenient_text
    return connection


def lenient_text(data: bytes) -> str:
    """A stored text; bytes that are not UTF-8 become surrogates, since an error would hide the other rows of a query."""
    return data.decode("utf-8", "surrogateescape")


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether an error says that the file is damaged, or that the disk cannot read a part of it."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or code in _CANNOT_READ
