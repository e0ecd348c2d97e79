"""Blocking work beside the event loop: on a thread that owns something not to be shared, or on a detached thread."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class SingleThreadExecutor:
    """Runs calls one after another, in the order they were made, on a thread of its own."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def call(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` on the thread and wait for it without blocking the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, partial(work, *args, **kwargs))

    def close(self) -> None:
        """Finish what was begun, then end the thread."""
        self._executor.shutdown(wait=True)


async def first_to_end(*works: Coroutine[Any, Any, Any]) -> list[asyncio.Task[Any]]:
    """Run several coroutines until one of them ends; the others are cancelled. Returns the tasks, all of which have ended.

    They are cancelled too when the caller is, and no error of theirs is reported as never retrieved.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return tasks


class Cancellation:
    """Tells work on another thread that its result is no longer needed; its `fileno` can be read from then on."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self._lock = threading.Lock()
        self._is_closed = False

    def fileno(self) -> int:
        """The descriptor to wait for, for example with `select`."""
        return self._reader

    def cancel(self) -> None:
        """Ask the work to end; nothing happens when it has ended."""
        with self._lock:
            if not self._is_closed:
                os.write(self._writer, b"x")

    def close(self) -> None:
        """The work has ended."""
        with self._lock:
            self._is_closed = True
            os.close(self._reader)
            os.close(self._writer)


_cancellation: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


def cancellation() -> Cancellation | None:
    """The cancellation of the work on this thread; None on threads without one."""
    return _cancellation.get()


async def run_detached(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run work that may take minutes on a daemon thread; one of `asyncio.to_thread` would delay the end of the server.

    When the caller is cancelled, `cancellation()` is set for the work; `run_in_process` then ends its process.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    ending = Cancellation()

    def resolve(set_outcome: Callable[[Any], None], outcome: Any) -> None:
        if not future.done():
            set_outcome(outcome)

    def run() -> None:
        _cancellation.set(ending)
        try:
            report = partial(resolve, future.set_result, work(*args, **kwargs))
        except Exception as error:
            report = partial(resolve, future.set_exception, error)
        ending.close()
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(report)

    threading.Thread(target=run, daemon=True).start()
    try:
        return await future
    except asyncio.CancelledError:
        ending.cancel()
        raise


async def run_detached_to_its_end(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """The same, but when the caller is cancelled, this returns only after the work has ended and cleaned up."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def run() -> T:
        try:
            return work(*args, **kwargs)
        finally:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(ended.set)

    try:
        return await run_detached(run)
    except asyncio.CancelledError:
        await ended.wait()
        raise
