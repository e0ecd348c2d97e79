"""The periodic cleanup removes the oldest telemetry above the limits, and nothing below them."""

import asyncio
from pathlib import Path

import msgspec
from support.telemetry import batch, numbered

from backend.retention.telemetry import TelemetryRetention
from backend.store.bounds import Bounds
from backend.store.database import Store
from backend.store.telemetry import Recorder, list_events, remove_oldest_events, store_events
from shared_py.protocol import TelemetryBatch

ROOM = Bounds(telemetry_per_device=50, telemetry_events=100)


async def stored(store: Store, device_id: str, count: int) -> None:
    events = msgspec.convert(batch(*numbered(count), device_id=device_id), TelemetryBatch).events
    assert await store.call(store_events, Recorder(device_id), events) == count


async def left(store: Store, device_id: str) -> list[str]:
    return [row.event.id for row in await store.call(list_events, Recorder(device_id), None, 500)]


def test_the_oldest_go_first_by_device_and_in_all(tmp_path: Path) -> None:
    async def story() -> None:
        store = Store(tmp_path, lambda _: None, ROOM)
        await store.open()
        for device_id, count in (("t1", 8), ("t2", 4), ("t3", 3)):
            await stored(store, device_id, count)
        await TelemetryRetention(store, None).clean_up()
        assert [len(await left(store, name)) for name in ("t1", "t2", "t3")] == [8, 4, 3]
        store._bounds = Bounds(telemetry_per_device=5, telemetry_events=9)
        await TelemetryRetention(store, None).clean_up()
        assert await left(store, "t1") == ["n7", "n6"]
        assert [len(await left(store, name)) for name in ("t2", "t3")] == [4, 3]
        assert await store.call(remove_oldest_events) == 0
        await store.close()

    asyncio.run(story())


def test_the_task_runs_while_the_server_runs(tmp_path: Path) -> None:
    async def story() -> None:
        store = Store(tmp_path, lambda _: None, ROOM)
        await store.open()
        await stored(store, "t1", 8)
        store._bounds = Bounds(telemetry_per_device=2)
        retention = TelemetryRetention(store, 0.0)
        retention.open()
        async with asyncio.timeout(30):
            while len(await left(store, "t1")) > 2:
                await asyncio.sleep(0.01)
        await retention.close()
        await store.close()

    asyncio.run(story())
