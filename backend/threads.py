"""Blocking work beside the event loop: on one thread that owns what may not be shared, or on one nobody waits for."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class OneThread:
    """Runs calls one after another, in the order they were made, on a thread of its own."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def call(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` on the thread and wait for it without blocking the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, partial(work, *args, **kwargs))

    def close(self) -> None:
        """Finish what was begun, then end the thread."""
        self._executor.shutdown(wait=True)


async def in_passing(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run work that may take minutes on a thread that does not hold up the end of the server, as `asyncio.to_thread` would."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(set_outcome: Callable[[Any], None], outcome: Any) -> None:
        if not future.done():
            set_outcome(outcome)

    def run() -> None:
        try:
            report = partial(settle, future.set_result, work(*args, **kwargs))
        except Exception as error:
            report = partial(settle, future.set_exception, error)
        with suppress(RuntimeError):  # the loop has ended meanwhile, and nobody waits any more
            loop.call_soon_threadsafe(report)

    threading.Thread(target=run, daemon=True).start()
    return await future
