"""Background work runs only while nobody waits for anything, and is never lost."""

import asyncio
import select
import threading

import pytest

from backend.process.foreground import Foreground
from backend.process.threads import cancellation, run_detached_to_its_end

PATIENCE_S = 60.0


class Job:
    """Background work that ends when it is told to."""

    def __init__(self) -> None:
        self.starts = 0
        self.begun, self.end = asyncio.Event(), asyncio.Event()

    async def work(self) -> int:
        self.starts += 1
        self.begun.set()
        try:
            await self.end.wait()
        finally:
            self.begun.clear()
        return self.starts


def test_background_work_stops_while_somebody_waits_and_starts_anew() -> None:
    async def story() -> None:
        foreground, job = Foreground(), Job()
        with foreground.work():
            task = asyncio.create_task(foreground.run_in_background(job.work))
            await asyncio.sleep(0)
            assert job.starts == 0
        await job.begun.wait()
        with foreground.work(), foreground.work():
            while job.begun.is_set():
                await asyncio.sleep(0)
            assert not task.done()
        await job.begun.wait()
        job.end.set()
        assert await task == 2

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_background_work_is_done_one_after_another() -> None:
    async def story() -> None:
        foreground, first, second = Foreground(), Job(), Job()
        tasks = [asyncio.create_task(foreground.run_in_background(job.work)) for job in (first, second)]
        await first.begun.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        assert second.starts == 0
        first.end.set()
        await second.begun.wait()
        second.end.set()
        assert await asyncio.gather(*tasks) == [1, 1]

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_an_error_of_background_work_reaches_who_asked_and_the_next_runs() -> None:
    async def fail() -> int:
        raise ZeroDivisionError

    async def story() -> None:
        foreground, job = Foreground(), Job()
        with pytest.raises(ZeroDivisionError):
            await foreground.run_in_background(fail)
        job.end.set()
        assert await foreground.run_in_background(job.work) == 1

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_cancelled_work_has_ended_when_the_cancelled_call_returns() -> None:
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        ending = cancellation()
        assert ending is not None
        begun.set()
        select.select([ending], [], [], PATIENCE_S)
        ended.set()

    async def story() -> None:
        task = asyncio.create_task(run_detached_to_its_end(work))
        await asyncio.to_thread(begun.wait, PATIENCE_S)
        assert not ended.is_set()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))
