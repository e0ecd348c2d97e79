"""Notices that a database file was deleted or replaced while it is open, and saves what the open connection still holds."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Literal

from backend.process.durable import replacing
from backend.store.names import SAVED
from backend.store.sqlite import Database

Loss = Literal["deleted", "replaced"]
Identity = tuple[int, int]


class Placement:
    """The path of an open database, and the identities of the file and its write-ahead log when it was opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(f"{path.name}-wal")
        self._file, self._log_file = _identity(path), _identity(self._log)

    def find_loss(self) -> Loss | None:
        """Whether the file was deleted or replaced; takes microseconds."""
        try:
            current = _identity(self._path)
        except OSError:
            return None  # the folder cannot be read at the moment, which says nothing about the file
        if current == self._file:
            return None
        return "deleted" if current is None else "replaced"

    def save(self, database: Database, loss: Loss) -> str:
        """Save what an open database holds in the same folder; returns a sentence that says what happened and what to do.

        The log of the old file is renamed, since SQLite would apply it to the new file at the next start.
        """
        happened = (
            f"The server's database file {self._path.name} was {loss} while the server ran: what the server had is shown, and"
            " nothing is stored; phones keep their changes and send them later"
        )
        try:
            saved: str | None = self._save(database).name
        except (sqlite3.Error, OSError) as error:
            saved, reason = None, str(error)
        with suppress(OSError):
            if (log := _identity(self._log)) is not None and log == self._log_file:
                self._log.rename(_free_name(self._log.with_name(f"{self._log.name}.orphan")))
        if saved is None:
            return (
                f"{happened}. Saving what it had in the data folder failed ({reason}): export the designs you need before you"
                " stop the server, since they are lost then"
            )
        return (
            f"{happened}. What it had is saved as {saved} in the data folder. Restart the server to go on with the"
            f" {self._path.name} that is there then (without any design if there is none), or stop it, rename {saved} to"
            f" {self._path.name} and start it to go on with what it had"
        )

    def _save(self, database: Database) -> Path:
        """Copy the database into a new file, complete before it gets its name; no existing file is overwritten."""
        path = _free_name(self._path.with_name(SAVED))
        with replacing(path) as unfinished:
            database.execute("VACUUM INTO ?", [str(unfinished)])
        return path


def _identity(path: Path) -> Identity | None:
    """Device and inode of a file; None if there is none."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_dev, status.st_ino


def _free_name(path: Path) -> Path:
    """This path, or the first of `<name>.2`, `<name>.3` and so on that does not exist."""
    number, free = 1, path
    while free.exists() or free.is_symlink():
        number += 1
        free = path.with_name(f"{path.name}.{number}")
    return free
