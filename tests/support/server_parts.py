"""The parts of a server without HTTP: runs on disk, the database, and the message ingest, which a test steps by itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from backend.runs.service import RunService
from backend.runs.training_manager import TrainingManager
from backend.store.database import Store
from backend.stream.ingest import MessageIngest

INTERVAL_S = 0.01
PATIENCE_S = 60.0


class Inside:
    """The parts, and the messages they have published."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.published: list[dict[str, Any]] = []
        self._published = asyncio.Event()
        self.store = Store(root, self._publish)
        self.manager = TrainingManager(root / "runs", root / "generated", **options)
        self.run_service = RunService(lambda: self.manager, root / "runs")
        self.ingest = MessageIngest(self.store, self.run_service, INTERVAL_S)

    def _publish(self, messages: Sequence[bytes]) -> None:
        self.published += [msgspec.json.decode(message) for message in messages]
        self._published.set()

    async def until(self, **members: Any) -> dict[str, Any]:
        """Step the ingest until a message with these members has been published, and return it."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in self.published:
                    if members.items() <= message.items():
                        return message
                await self.poll_once()
                await asyncio.sleep(INTERVAL_S)

    async def poll_once(self) -> None:
        """One step of the ingest, with what it publishes."""
        await self.ingest.poll_once()
        await asyncio.sleep(0)


@asynccontextmanager
async def opened(root: Path, **options: Any) -> AsyncIterator[Inside]:
    """Open the parts as the server does at its start, and close them."""
    inside = Inside(root, **options)
    await inside.store.open()
    await inside.run_service.open()
    await inside.ingest.align()
    try:
        yield inside
    finally:
        await inside.run_service.close()
        await inside.store.close()


def inside(root: Path, work: Callable[[Inside], Awaitable[Any]], **options: Any) -> Any:
    """Run a coroutine function with the parts open, and return its result."""

    async def story() -> Any:
        async with opened(root, **options) as parts:
            return await work(parts)

    return asyncio.run(story())
