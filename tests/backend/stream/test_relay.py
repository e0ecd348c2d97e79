"""A listener gets every message once and in order, whether it comes late, comes back, or is too slow."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from support.metric_messages import progress

from backend.store.database import Store
from backend.store.messages import announce, take_run_messages
from backend.stream.subscription import PAGE, relay
from shared_py.protocol import CheckpointCreated


class Listener:
    """Collects the numbers it is sent, and lets a test wait for one."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.live: asyncio.Queue[bytes] = asyncio.Queue()
        self._sent = asyncio.Event()

    async def send(self, message: bytes) -> None:
        self.numbers.append(msgspec.json.decode(message)["seq"])
        self._sent.set()

    async def events(self) -> AsyncIterator[bytes]:
        while True:
            yield await self.live.get()

    async def until(self, seq: int) -> None:
        async with asyncio.timeout(30):
            while not self.numbers or self.numbers[-1] < seq:
                self._sent.clear()
                await self._sent.wait()


async def write(store: Store, count: int) -> None:
    lines = [CheckpointCreated(seq=0, run_id="r1", steps=n, score=None) for n in range(count)]
    await store.call(take_run_messages, "r1", lines, 1)


def with_listener(
    folder: Path, stored: int, after: int | None, work: Callable[[Store, Listener, list[bytes]], Awaitable[None]]
) -> Listener:
    """Relay to a listener; `work` gets what the store publishes and decides what of it comes through live."""
    published: list[bytes] = []

    def publish(messages: Sequence[bytes]) -> None:
        published.extend(messages)

    async def all_of_it() -> Listener:
        listener = Listener()
        store = Store(folder, publish)
        await store.open()
        await write(store, stored)
        published.clear()
        task = asyncio.create_task(relay(store, listener.events(), listener.send, after))
        await work(store, listener, published)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.close()
        return listener

    return asyncio.run(all_of_it())


@pytest.mark.parametrize(("stored", "after"), [(5, 0), (5, 3), (PAGE * 2, 1), (PAGE * 2 + 7, 0)])
def test_stored_messages_come_first_then_live_ones(tmp_path: Path, stored: int, after: int) -> None:
    async def work(store: Store, listener: Listener, published: list[bytes]) -> None:
        await listener.until(stored)
        await write(store, 2)
        for message in published:
            listener.live.put_nowait(message)
        await listener.until(stored + 2)

    assert with_listener(tmp_path, stored, after, work).numbers == list(range(after + 1, stored + 3))


def test_a_message_that_is_not_stored_follows_the_one_whose_number_it_has(tmp_path: Path) -> None:
    async def work(store: Store, listener: Listener, published: list[bytes]) -> None:
        await listener.until(2)
        for done in range(2):
            await store.call(announce, progress(5, done))
        await write(store, 3)
        await store.call(announce, progress(5, 2))
        for message in (*published[:2], published[-1]):
            listener.live.put_nowait(message)
        await listener.until(5)
        listener.live.put_nowait(published[2])
        await write(store, 1)
        listener.live.put_nowait(published[-1])
        await listener.until(6)

    assert with_listener(tmp_path, 2, 0, work).numbers == [1, 2, 2, 2, 3, 4, 5, 5, 6]


def test_case_28_messages_dropped_on_the_way_are_read_from_the_database(tmp_path: Path) -> None:
    async def work(store: Store, listener: Listener, published: list[bytes]) -> None:
        await listener.until(3)
        await write(store, 10)
        listener.live.put_nowait(published[-1])
        await listener.until(13)
        listener.live.put_nowait(published[2])
        await write(store, 1)
        listener.live.put_nowait(published[-1])
        await listener.until(14)

    assert with_listener(tmp_path, 3, 0, work).numbers == list(range(1, 15))


@pytest.mark.parametrize("after", [None, 999])
def test_without_a_number_or_with_one_of_another_history_only_new_ones_come(tmp_path: Path, after: int | None) -> None:
    async def work(store: Store, listener: Listener, published: list[bytes]) -> None:
        while not listener.numbers:
            await write(store, 1)
            listener.live.put_nowait(published[-1])
            await asyncio.sleep(0)

    numbers = with_listener(tmp_path, 4, after, work).numbers
    assert numbers[0] > 4
    assert numbers == sorted(set(numbers))
