"""Work that is repeated in the background while the server runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from msgspec import Struct


class Schedule(Struct, frozen=True):
    """When work is repeated, in seconds."""

    first_after_s: float | None
    """from the start to the first pass; None disables the task"""
    every_s: float


class PeriodicTask:
    """Calls a function again and again, from `open` to `close`; an error is logged, and the next pass follows as usual."""

    def __init__(self, work: Callable[[], Awaitable[object]], schedule: Schedule, log: logging.Logger, failure: str) -> None:
        """`failure` is the log message of a pass that raised an error."""
        self._work, self._schedule, self._log, self._failure = work, schedule, log, failure
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Start the task."""
        if self._schedule.first_after_s is not None:
            self._task = asyncio.create_task(self._run(self._schedule.first_after_s))

    async def close(self) -> None:
        """Stop the task and wait until it has ended; the next start continues its work."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, first_after_s: float) -> None:
        await asyncio.sleep(first_after_s)
        while True:
            try:
                await self._work()
            except Exception:
                self._log.exception(self._failure)
            await asyncio.sleep(self._schedule.every_s)
