"""The service for paired devices: reads the registry on the event loop, writes on a thread, closes sockets of revoked devices.

The file is opened on first use: a server that only this machine can reach has none.
"""

import asyncio
import logging
import math
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from backend.errors import TooManyTries, WrongCode
from backend.pairing import database
from backend.pairing.registry import KnownDevice, PairingResult, Registry
from backend.process.threads import SingleThreadExecutor

P = ParamSpec("P")
T = TypeVar("T")
MAX_TRIES = 5
LOCKED_S = 60.0
POLL_S = 1.0
"""how often the file is checked for devices that the command line has revoked"""
RENEW_COOKIE_S = 30 * 24 * 3600.0
_log = logging.getLogger(__name__)


class AccessService:
    """Authenticates and pairs devices."""

    def __init__(
        self, data_dir: Path, now: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._data_dir = data_dir
        self._now = now
        self._monotonic = monotonic
        self._thread = SingleThreadExecutor("access")
        self._reader: Registry | None = None
        self._writer: Registry | None = None
        self._open_sockets: dict[str, set[asyncio.Event]] = {}
        self._revocation_watch: asyncio.Task[None] | None = None
        self._attempts = 0
        self._locked_until = float("-inf")
        self._being_stored: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def registry(self) -> Registry:
        """The registry for reading on the event loop."""
        if self._reader is None:
            self._reader = Registry(database.connect(self._data_dir), self._now)
        return self._reader

    async def change(self, work: Callable[Concatenate[Registry, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(registry, ...)` on the writing thread."""

        def run() -> T:
            if self._writer is None:
                self._writer = Registry(database.connect(self._data_dir), self._now)
            return work(self._writer, *args, **kwargs)

        return await self._thread.call(run)

    @property
    def is_used(self) -> bool:
        """Whether `access.db` exists."""
        return self._reader is not None or database.exists(self._data_dir)

    def device_of(self, token: str | None) -> KnownDevice | None:
        """The device with this token; None if there is none."""
        return None if token is None else self.registry.device_of(token)

    async def exchange(self, code: str, name: str, address: str) -> PairingResult:
        """Pair a device; TooManyTries, WrongCode, CodeExpired."""
        self._require_unlocked()
        self._attempts += 1  # counted before the code is looked up, since calls can run concurrently
        if self._attempts > MAX_TRIES:
            self._lock()
            self._require_unlocked()
        try:
            paired = await self.change(Registry.exchange, code, name, address)
        except WrongCode:
            if self._attempts >= MAX_TRIES:
                self._lock()
            raise
        except BaseException:
            self._attempts -= 1
            raise
        self._attempts = 0
        return paired

    def _lock(self) -> None:
        self._attempts, self._locked_until = 0, self._monotonic() + LOCKED_S

    def _require_unlocked(self) -> None:
        wait_s = self._locked_until - self._monotonic()
        if wait_s > 0:
            detail = "Five wrong codes in a row: pairing is locked for a minute"
            raise TooManyTries(detail, extra={"retry_after_s": math.ceil(wait_s)})

    def note_use(self, known: KnownDevice) -> bool:
        """Store the time of use, at most once a minute; returns whether the cookie should be sent again."""
        renews_cookie = self.registry.is_cookie_old(known, RENEW_COOKIE_S)
        if (renews_cookie or self.registry.is_use_new(known)) and known.id not in self._being_stored:
            self._being_stored.add(known.id)
            self._in_background(self._store_use(known.id, renews_cookie))
        return renews_cookie

    async def _store_use(self, device_id: str, renews_cookie: bool) -> None:
        try:
            await self.change(Registry.store_use, device_id, cookie_sent=renews_cookie)
        finally:
            self._being_stored.discard(device_id)

    def record(self, known: KnownDevice, request_id: str, changes: list[tuple[str, str]]) -> None:
        """Add entries to the audit log in the background."""
        self._in_background(self._record(known, request_id, changes))

    async def _record(self, known: KnownDevice, request_id: str, changes: list[tuple[str, str]]) -> None:
        for what, subject in changes:
            await self.change(Registry.record, known.id, known.name, request_id, what, subject)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("access.db could not be written: %s", error)

    async def revoke(self, device_id: str) -> str:
        """Remove a device and close its sockets; returns its name. NotFound."""
        name = await self.change(Registry.revoke, device_id)
        self._close_sockets({device_id})
        return name

    @contextmanager
    def socket_of(self, device_id: str) -> Iterator[asyncio.Event]:
        """Register an open socket of a device; the event is set when the device is revoked."""
        revoked = asyncio.Event()
        self._open_sockets.setdefault(device_id, set()).add(revoked)
        if self._revocation_watch is None or self._revocation_watch.done():
            self._revocation_watch = asyncio.get_running_loop().create_task(self._watch())
        try:
            yield revoked
        finally:
            sockets = self._open_sockets.get(device_id, set())
            sockets.discard(revoked)
            if not sockets:
                self._open_sockets.pop(device_id, None)

    def _close_sockets(self, device_ids: set[str]) -> None:
        for device_id in device_ids:
            for revoked in self._open_sockets.get(device_id, ()):
                revoked.set()

    async def _watch(self) -> None:
        """While sockets are open, close those of devices that the command line has revoked."""
        version = -1
        while self._open_sockets:
            try:
                if (newest := self.registry.data_version()) != version:
                    version = newest
                    self._close_sockets(set(self._open_sockets) - self.registry.ids())
            except sqlite3.Error as error:
                _log.error("access.db could not be read: %s", error)
            await asyncio.sleep(POLL_S)

    async def close(self) -> None:
        """Finish pending writes and close the file."""
        if self._revocation_watch is not None:
            self._revocation_watch.cancel()
            await asyncio.gather(self._revocation_watch, return_exceptions=True)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for registry in (self._reader, self._writer):
            if registry is not None:
                registry.close()
        self._reader = self._writer = None
        self._thread.close()
