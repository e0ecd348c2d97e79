"""Work that people wait for, and background work that runs only while nobody waits."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from backend.process.threads import first_to_end

T = TypeVar("T")


class Foreground:
    """Counts the compiles and exports that people wait for; for use on the event loop."""

    def __init__(self) -> None:
        self._count = 0
        self._idle, self._busy = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._background = asyncio.Lock()

    @contextmanager
    def work(self) -> Iterator[None]:
        """Mark that a person waits for what runs in this block; background work is cancelled meanwhile."""
        self._count += 1
        self._idle.clear()
        self._busy.set()
        try:
            yield
        finally:
            self._count -= 1
            if self._count == 0:
                self._busy.clear()
                self._idle.set()

    async def run_in_background(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run work while nobody waits, one after another.

        When a person's work begins, it is cancelled, and started anew when nobody waits any more.
        """
        async with self._background:
            while True:
                await self._idle.wait()
                working, _ = await first_to_end(work(), self._busy.wait())
                if not working.cancelled():
                    result: T = working.result()
                    return result
