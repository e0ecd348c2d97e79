"""The one connection to the database and the one thread that owns it; every change is a transaction that reached the disk.

A database that is damaged is only read: what can be read of it is copied to a temporary one, which is served in its place.
A database whose file was deleted or replaced while it was open is only read as well, and saved as another file (`placement.py`).
"""

import asyncio
import fcntl
import logging
import os
import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from backend.errors import DatabaseDamaged, DatabaseReplaced, DataInUse, DataUnusable
from backend.process.durable import replacing
from backend.process.threads import SingleThreadExecutor
from backend.store.bounds import Bounds
from backend.store.checks import check_usable, find_damage, is_damage, lenient_text
from backend.store.epoch import read_epoch, write_new_epoch
from backend.store.migrations import migrations
from backend.store.names import DATABASE, EPOCH, LOCK
from backend.store.placement import Placement
from backend.store.salvage import new_database, salvage
from backend.store.sqlite import Database
from shared_py.protocol import VersionVector

NO_BOUNDS = Bounds()
P = ParamSpec("P")
T = TypeVar("T")
Publish = Callable[[Sequence[bytes]], None]
Refusal = DatabaseDamaged | DatabaseReplaced
Condition = Literal["ok", "damaged", "replaced"]
DAMAGED = (
    "The server's database is damaged: what can be read is shown, and nothing is stored. Stop the server, run `model-studio"
    " rescue --out DIR` and follow the report it writes, or put a backup in the database's place"
)
_log = logging.getLogger(__name__)


class Transaction:
    """A change in progress: the database, and the messages that go out once it is committed."""

    def __init__(self, db: Database, actor: str, refusal: Refusal | None = None, bounds: Bounds = NO_BOUNDS) -> None:
        self._db = db
        self._refusal = refusal
        self.bounds = bounds
        self.actor = actor
        """in version vectors, the client that stands for changes made on this server"""
        self.is_change = False
        """whether it stores something"""
        self.messages: list[bytes] = []
        self.now = now_text()

    def with_own_change(self, seen: Mapping[str, int]) -> VersionVector:
        """The version vector of a change made on this server, to a version with the vector `seen`."""
        return {**seen, self.actor: seen.get(self.actor, 0) + 1}

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row of a query, if there is one."""
        row: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        return row

    def unreadable(self) -> list[tuple[str, str]]:
        """The designs that could not be read, each with the reason."""
        rows = self.rows("SELECT design_id, problem FROM unreadable_designs ORDER BY design_id")
        return [(str(name), str(problem)) for name, problem in rows]

    def require_storing(self) -> None:
        """Raise DatabaseDamaged or DatabaseReplaced where a change would be lost, because the database is only read."""
        self.is_change = True
        if self._refusal is not None:
            raise type(self._refusal)(self._refusal.detail)

    def do(self, sql: str, *values: Any) -> None:
        """Run a statement that gives nothing back."""
        self._db.execute(sql, values)


class Store:
    """Runs transactions on the writer thread and hands their messages to `publish`, in the order they were committed."""

    def __init__(self, data_dir: Path, publish: Publish, bounds: Bounds = NO_BOUNDS) -> None:
        self._data_dir = data_dir
        self._bounds = bounds
        self._publish = publish
        self._lock: int | None = None
        self._thread = SingleThreadExecutor("store")
        self._db: Database | None = None
        self._placement: Placement | None = None
        """of the open file; None while a copy of a damaged database is served"""
        self._epoch = ""
        self._actor = "s" + secrets.token_hex(6)  # a new one each time, since the database may be put back from a copy
        self._refusal: Refusal | None = None
        """why nothing is stored"""
        self._unreadable: list[tuple[str, str]] = []
        self._looking: asyncio.Task[None] | None = None

    @property
    def epoch(self) -> str:
        """The name of this history of the database; a restored or new database has another one."""
        return self._epoch

    @property
    def actor(self) -> str:
        """The client that stands for this server in version vectors, another one after each start."""
        return self._actor

    @property
    def condition(self) -> Condition:
        """Whether changes are stored; the file is only read when it is damaged, or is no longer the one that was opened."""
        if self._refusal is None:
            return "ok"
        return "damaged" if isinstance(self._refusal, DatabaseDamaged) else "replaced"

    @property
    def problem(self) -> str | None:
        """Why nothing is stored and what to do; None while changes are stored."""
        return None if self._refusal is None else self._refusal.detail

    @property
    def unreadable(self) -> list[tuple[str, str]]:
        """The designs that could not be read after the last transaction, each with the reason; on any thread, without waiting."""
        return self._unreadable

    async def look(self, patience_s: float) -> None:
        """Notice that the file was damaged or replaced, unless the database is busy for longer than that."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self.call(_nothing))
        await asyncio.wait({self._looking}, timeout=patience_s)
        if self._looking.done():
            self._looking.result()

    async def open(self) -> None:
        """Open the database, migrate its tables and read the epoch; DataInUse, DataUnusable."""
        try:
            await self._thread.call(self._open)
        except sqlite3.Error as error:
            raise DataUnusable(
                f"{self._data_dir / DATABASE} cannot be opened ({error}): see that it can be read and written and that the disk"
                " has space, or choose another folder with --data-dir"
            ) from error

    def _open(self) -> None:
        path = self._data_dir / DATABASE
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._lock = take_lock(self._data_dir / LOCK)
        check_usable(path)
        fresh = not path.exists()
        if fresh:
            _create_database(path)
        if (damage := find_damage(path)) is None:
            self._db = open_database(path)
            self._placement = Placement(path)
        else:
            self._read_damaged(damage)
        stored = None if fresh else read_epoch(self._data_dir / EPOCH)
        self._epoch = stored or write_new_epoch(self._data_dir / EPOCH)

    def _read_damaged(self, damage: str) -> None:
        """Serve what can be read of the database from a temporary copy."""
        if self._db is not None:
            self._db.close()
        self._refusal, self._placement = DatabaseDamaged(DAMAGED), None
        self._db = new_database()
        salvaged = salvage(self._data_dir / DATABASE, self._db)
        _log.error("%s (%s); %d designs can be read", DAMAGED, damage, salvaged.rows["designs"] + len(salvaged.from_history))

    async def call(self, work: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(transaction, ...)`: all of it reaches the disk, or none when it raises.

        The file is checked before and after, so that no change is acknowledged that was written to a file which was deleted or
        replaced meanwhile; two calls of `stat` take microseconds.
        """
        loop = asyncio.get_running_loop()

        def transact() -> T:
            assert self._db is not None, "the store is not open"
            self._notice_replacement()
            transaction = Transaction(self._db, self._actor, self._refusal, self._bounds)
            with self._db.atomic():
                result = work(transaction, *args, **kwargs)
            if transaction.is_change and self._refusal is None:
                self._notice_replacement()
                Transaction(self._db, self._actor, self._refusal).require_storing()
            self._unreadable = transaction.unreadable()
            if transaction.messages:
                loop.call_soon_threadsafe(self._publish, transaction.messages)
            return result

        def transact_or_read_damaged() -> T:
            try:
                return transact()
            except sqlite3.DatabaseError as error:
                if self._refusal is not None or not is_damage(error):
                    raise
                self._read_damaged(str(error))
                return transact()

        return await self._thread.call(transact_or_read_damaged)

    def _notice_replacement(self) -> None:
        """Refuse changes once the file was deleted or replaced, and save what the open connection still holds."""
        if self._placement is None or self._db is None or self._refusal is not None:
            return
        if (loss := self._placement.find_loss()) is not None:
            self._refusal = DatabaseReplaced(self._placement.save(self._db, loss))
            _log.error("%s", self._refusal.detail)

    async def close(self) -> None:
        """Close the database and end its thread."""
        await self._thread.call(self._close)
        self._thread.close()

    def _close(self) -> None:
        self._notice_replacement()
        if self._db is not None:
            self._db.close()
            self._db = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _nothing(_: Transaction) -> None:
    """Change nothing: the file is checked before every transaction."""


def take_lock(path: Path) -> int:
    """Lock the data directory, so that no second server numbers messages in it; DataInUse."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise DataInUse(f"Another server uses {path.parent}; stop it, or choose another data directory") from None
    return lock


def _create_database(path: Path) -> None:
    """Create a new database completely before it gets its name, so that an interrupted start leaves no empty one."""
    log = path.with_name(path.name + "-wal")
    if log.exists():  # SQLite would apply the log of a deleted database to the new one
        log.replace(log.with_name(log.name + ".orphan"))
    with replacing(path) as unfinished:
        new_database(unfinished).close()


def open_database(path: Path) -> Database:
    """Open a database so that an acknowledged change survives a crash and a power cut, and apply the pending migrations."""
    db = Database(str(path))
    db.conn.text_factory = lenient_text
    db.execute("PRAGMA journal_mode=WAL").fetchone()
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("PRAGMA busy_timeout=5000").fetchone()
    migrations.apply(db)
    return db


def now_text() -> str:
    """The time in UTC as RFC 3339 text, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
