"""Reads the designs of a database without a server, also of a damaged one."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from backend.errors import UnreadableDesign
from backend.store.checks import check_usable, connect_to_read, find_damage
from backend.store.names import DATABASE
from backend.store.salvage import Salvaged, new_database, salvage
from backend.store.stored import is_intact, read_document, text_of


class Dump(Struct, frozen=True):
    """The JSON of the designs that are not deleted, by id, and a sentence for each that is lost or doubtful."""

    documents: dict[str, bytes]
    losses: list[str]


def stored_documents(data_dir: Path) -> Dump:
    """Every design that is not deleted and can be read; empty when there is no database. DataUnusable."""
    path = data_dir / DATABASE
    if not path.exists():
        return Dump({}, [])
    check_usable(path)
    if find_damage(path) is None:
        connection = connect_to_read(path)
        try:
            return _dumped(connection, None)
        finally:
            connection.close()
    database = new_database()
    try:
        return _dumped(database.conn, salvage(path, database))
    finally:
        database.close()


def _dumped(connection: sqlite3.Connection, salvaged: Salvaged | None) -> Dump:
    documents: dict[str, bytes] = {}
    losses = [] if salvaged is None else [f"design {name}: nothing of it can be read" for name in salvaged.lost]
    for key, document, etag in connection.execute("SELECT id, document, etag FROM designs WHERE deleted = 0 ORDER BY id"):
        name, data = text_of(key), bytes_of(document)
        if is_json_object(data):
            documents[name] = data
        losses += doubts(name, document, etag, salvaged)
    return Dump(documents, losses)


def bytes_of(document: Any) -> bytes:
    """A stored document as the bytes it was read from."""
    return document if isinstance(document, bytes) else str(document).encode(errors="surrogateescape")


def doubts(name: str, document: Any, etag: Any, salvaged: Salvaged | None) -> Iterator[str]:
    """Sentences about what is uncertain of a design that was read."""
    try:
        read_document(name, document)
    except UnreadableDesign as error:
        yield f"design {name}: {error.detail}"
        return
    if not is_intact(document, etag):
        yield f"design {name}: it can be read, but it is not byte for byte what was stored; look at it"
    if salvaged is not None and not salvaged.from_history.get(name, True):
        yield f"design {name}: restored from its history; a newer version may be lost"


def is_json_object(data: bytes) -> bool:
    """Whether a stored document is JSON, also where this server does not know its version."""
    try:
        return isinstance(msgspec.json.decode(data), dict)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
