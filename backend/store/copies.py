"""Copies the database while a server may be writing to it, and checks a copy before it is put in its place."""

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from backend.errors import DataUnusable, is_disk_full
from backend.store.checks import check_usable, connect_to_read, find_damage, is_damage
from backend.store.designs import IN_BIN
from backend.store.names import DATABASE, LOCK

FULL_BYTES = 64 * 1024
"""free space with which no database can be opened for writing"""


class DesignCounts(Struct, frozen=True):
    """How much a database contains."""

    designs: int
    deleted: int
    revisions: int


def copy_database(data_dir: Path, copy: Path) -> DesignCounts:
    """Copy the database with the changes in its log into a new file, and check it. DataUnusable, OSError if the disk is full."""
    source = data_dir / DATABASE
    if not source.exists():
        raise DataUnusable(f"There is no {DATABASE} in {data_dir}: name the folder of the server's data with --data-dir")
    try:
        check_usable(source)
        damage = _copy(source, copy)
    except sqlite3.Error as error:
        # SQLite reports an input or output error where the file beside the log does not fit
        if is_disk_full(error) or shutil.disk_usage(copy.parent).free < FULL_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(copy)) from error
        if not (isinstance(error, sqlite3.DatabaseError) and is_damage(error)):
            raise DataUnusable(
                f"{source} cannot be read ({error}): see that you may read it, or run this as its owner"
            ) from error
        damage = str(error)
    if damage is not None:
        raise DataUnusable(
            f"{source} is damaged ({damage}), so it was not copied: save what can be read with `model-studio rescue --out DIR`"
        )
    return _counts(copy)


def _copy(source: Path, copy: Path) -> str | None:
    """Copy in one step, since several steps would never end while a server writes; returns what is wrong with the copy."""
    with _stable(source.parent), closing(connect_to_read(source)) as reader, closing(sqlite3.connect(copy)) as writer:
        reader.backup(writer, pages=-1)
        _leave_telemetry_out(writer)
        result = str(writer.execute("PRAGMA integrity_check(1)").fetchone()[0])
    return None if result == "ok" else result.splitlines()[-1]


def _leave_telemetry_out(copy: sqlite3.Connection) -> None:
    """Delete the telemetry from a copy: it stays on the server, and a restore must not bring back what a person deleted."""
    if copy.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'telemetry'").fetchone() is None:
        return
    copy.execute("PRAGMA secure_delete=ON").fetchone()
    copy.execute("DELETE FROM telemetry")
    copy.commit()


@contextmanager
def _stable(data_dir: Path) -> Iterator[None]:
    """Keep a server from starting meanwhile, unless one runs: without a log, `connect_to_read` needs a file at rest."""
    try:
        lock = os.open(data_dir / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield
        return
    try:
        with suppress(BlockingIOError):  # a server runs, and its log exists as long as it does
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(lock)


def _counts(copy: Path) -> DesignCounts:
    with closing(connect_to_read(copy)) as database:
        (designs,) = database.execute("SELECT count(*) FROM designs WHERE deleted = 0").fetchone()
        (deleted,) = database.execute("SELECT count(*) FROM designs WHERE deleted = ?", [IN_BIN]).fetchone()
        (revisions,) = database.execute("SELECT count(*) FROM revisions WHERE document <> ''").fetchone()
    return DesignCounts(designs, deleted, revisions)


def check_copy(copy: Path) -> str | None:
    """Why this version cannot use a copy of a database: the end of a sentence about it; None if it can."""
    try:
        check_usable(copy)
        damage = find_damage(copy)
    except DataUnusable as error:
        return error.detail.removeprefix(f"{copy} ")
    except sqlite3.Error as error:
        damage = str(error)
    return None if damage is None else f"is damaged ({damage}): take another backup. Nothing was changed"
