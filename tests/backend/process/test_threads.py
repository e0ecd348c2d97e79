"""Blocking work beside the event loop."""

import asyncio
import select
import threading

import pytest

from backend.process.threads import SingleThreadExecutor, cancellation, run_detached


def test_calls_on_one_thread_keep_their_order() -> None:
    async def work() -> tuple[list[int], set[int]]:
        thread = SingleThreadExecutor("test")
        seen: list[int] = []

        def note(number: int) -> int:
            seen.append(number)
            return threading.get_ident()

        idents = await asyncio.gather(*(thread.call(note, number) for number in range(100)))
        thread.close()
        return seen, set(idents)

    seen, idents = asyncio.run(work())
    assert seen == list(range(100))
    assert len(idents) == 1
    assert threading.get_ident() not in idents


def test_work_in_passing_gives_its_result_or_its_error() -> None:
    async def work() -> int:
        with pytest.raises(ZeroDivisionError):
            await run_detached(lambda: 1 // 0)
        return await run_detached(lambda: 41 + 1)

    assert asyncio.run(work()) == 42


def test_work_in_passing_does_not_hold_up_the_end() -> None:
    go_on, ended = threading.Event(), threading.Event()

    def long() -> None:
        go_on.wait(60)
        ended.set()

    async def work() -> None:
        task = asyncio.create_task(run_detached(long))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(work())
    assert not ended.is_set()
    go_on.set()
    assert ended.wait(60)


def test_work_in_passing_is_told_when_nobody_waits_for_it() -> None:
    begun, told = threading.Event(), threading.Event()

    def long() -> None:
        ending = cancellation()
        assert ending is not None
        begun.set()
        select.select([ending], [], [], 60)
        told.set()

    async def work() -> None:
        task = asyncio.create_task(run_detached(long))
        assert await asyncio.to_thread(begun.wait, 60)
        assert not told.is_set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await asyncio.to_thread(told.wait, 60)

    asyncio.run(work())
    assert cancellation() is None
