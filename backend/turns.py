"""Who may compute next: every client in turn, so that one that asks for much delays others by no more than what is running."""

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
        """for each client that waits or has a turn, after how many turns its last one began, or it came: the lowest is next"""
        self._turns = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(queue) for queue in self._waiting.values())

    @asynccontextmanager
    async def turn(self, client: str, name: str, *, is_alone: bool = False) -> AsyncIterator[bool]:
        """Wait for a turn and hold it; gives whether nothing else is running. One that is cancelled leaves the queue.

        `is_alone` waits until nothing else runs, and lets nothing else begin.
        """
        asked = _Waiting(client, name, is_alone)
        self._waiting.setdefault(client, []).append(asked)
        self._served.setdefault(client, self._turns - 0.5)  # behind all who wait, or one that keeps coming back is always first
        self._grant()
        try:
            await asked.granted
            yield self._running == [asked]
        finally:
            self._leave(asked)
            self._grant()

    def _grant(self) -> None:
        while (asked := self._next()) is not None:
            self._running.append(asked)
            self._remove(asked)
            self._turns += 1
            self._served[asked.client] = self._turns
            if not asked.granted.done():  # one that was cancelled just now leaves by itself
                asked.granted.set_result(None)

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

    def _leave(self, asked: _Waiting) -> None:
        if asked in self._running:
            self._running.remove(asked)
        else:
            self._remove(asked)
        if asked.client not in self._waiting and all(asked.client != running.client for running in self._running):
            self._served.pop(asked.client, None)

    def _remove(self, asked: _Waiting) -> None:
        queue = self._waiting[asked.client]
        queue.remove(asked)
        if not queue:
            del self._waiting[asked.client]
