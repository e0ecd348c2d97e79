"""Round-robin turns among clients, so that many requests of one client delay the others by no more than what is running."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(eq=False)
class _Waiting:
    client: str
    name: str
    is_alone: bool
    granted: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Turns:
    """Gives turns to clients round-robin: at most `at_once`, at most one for each client, and one for each name."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._running: list[_Waiting] = []
        self._waiting: dict[str, list[_Waiting]] = {}
        self._served: dict[str, float] = {}
        """by client that waits or has a turn: the number of turns before its last one, or before it came; the lowest is next"""
        self._turns = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(queue) for queue in self._waiting.values())

    @asynccontextmanager
    async def turn(self, client: str, name: str, *, is_alone: bool = False) -> AsyncIterator[bool]:
        """Wait for a turn and hold it; yields whether nothing else is running. When cancelled it leaves the queue.

        `is_alone` waits until nothing else runs, and lets nothing else start.
        """
        entry = _Waiting(client, name, is_alone)
        self._waiting.setdefault(client, []).append(entry)
        self._served.setdefault(
            client, self._turns - 0.5
        )  # behind all that wait; otherwise a client that returns at once would always be first
        self._grant()
        try:
            await entry.granted
            yield self._running == [entry]
        finally:
            self._leave(entry)
            self._grant()

    def _grant(self) -> None:
        while (entry := self._next()) is not None:
            self._running.append(entry)
            self._remove(entry)
            self._turns += 1
            self._served[entry.client] = self._turns
            if not entry.granted.done():  # a cancelled one leaves by itself
                entry.granted.set_result(None)

    def _next(self) -> _Waiting | None:
        if len(self._running) >= self._at_once or any(running.is_alone for running in self._running):
            return None
        for client in sorted(self._waiting, key=self._served.__getitem__):
            first = self._waiting[client][0]
            if first.is_alone:
                return None if self._running else first
            if not any(first.client == running.client or first.name == running.name for running in self._running):
                return first
        return None

    def _leave(self, entry: _Waiting) -> None:
        if entry in self._running:
            self._running.remove(entry)
        else:
            self._remove(entry)
        if entry.client not in self._waiting and all(entry.client != running.client for running in self._running):
            self._served.pop(entry.client, None)

    def _remove(self, entry: _Waiting) -> None:
        queue = self._waiting[entry.client]
        queue.remove(entry)
        if not queue:
            del self._waiting[entry.client]
