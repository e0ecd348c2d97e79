"""Reads the telemetry of a database without a server, also of a damaged one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from backend.store.checks import check_usable, connect_to_read, find_damage
from backend.store.names import DATABASE
from backend.store.salvage import new_database, salvage
from backend.store.stored import text_of

_EVENTS = "SELECT number, device_id, paired_device, received_at, event FROM telemetry ORDER BY number"


class StoredEvent(Struct, frozen=True):
    """A row of the table; `event` is JSON unless it is damaged."""

    number: int
    device_id: str
    paired_device: str
    received_at: str
    event: str


def stored_events(data_dir: Path) -> Iterator[StoredEvent]:
    """The events of all devices, oldest first; none if there is no database or an older one. DataUnusable.

    A server may use the database meanwhile; of a damaged one, what can be read is returned.
    """
    path = data_dir / DATABASE
    if not path.exists():
        return
    check_usable(path)
    if find_damage(path) is None:
        with closing(connect_to_read(path)) as connection:
            yield from _rows(connection)
        return
    database = new_database()
    try:
        salvage(path, database)
        yield from _rows(database.conn)
    finally:
        database.close()


def _rows(connection: sqlite3.Connection) -> Iterator[StoredEvent]:
    tables = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'telemetry'").fetchall()
    for number, device_id, paired_device, received_at, event in connection.execute(_EVENTS) if tables else ():
        yield StoredEvent(number, text_of(device_id), text_of(paired_device), text_of(received_at), text_of(event))
