"""Thins versions and deletes obsolete messages in the background, in small transactions with pauses between them."""

import asyncio
import logging

from backend.store.database import Store
from backend.store.designs import design_ids
from backend.store.pruning import ChartDownsampler, prune_messages
from backend.store.revisions import thin_revisions

_log = logging.getLogger(__name__)
EVERY_S = 3600.0
PAUSE_S = 0.05
POINTS_PER_RUN = 1_000


class HistoryCleanup:
    """Runs while the server is up."""

    def __init__(self, store: Store, first_after_s: float | None, points_per_run: int = POINTS_PER_RUN) -> None:
        """`first_after_s` is the time from the start to the first pass; with None there is none."""
        self._store, self._first_after_s, self._points_per_run = store, first_after_s, points_per_run
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Start in the background."""
        if self._first_after_s is not None:
            self._task = asyncio.create_task(self._run(self._first_after_s))

    async def close(self) -> None:
        """Stop; what is left is done after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, first_after_s: float) -> None:
        await asyncio.sleep(first_after_s)
        while True:
            try:
                await clean_up(self._store, PAUSE_S, self._points_per_run)
            except Exception:
                _log.exception("older versions and messages could not be removed; it is tried again later")
            await asyncio.sleep(EVERY_S)


async def clean_up(store: Store, pause_s: float, points_per_run: int = POINTS_PER_RUN) -> None:
    """Thin the versions of every design and delete obsolete messages, if changes are stored at all."""
    if store.condition != "ok":
        return
    for design_id in await store.call(design_ids):
        while await store.call(thin_revisions, design_id):
            await asyncio.sleep(pause_s)
        await asyncio.sleep(pause_s)
    seen: int | None = 0
    downsampler = ChartDownsampler(points_per_run)
    while seen is not None:
        seen = await store.call(prune_messages, seen, downsampler)
        await asyncio.sleep(pause_s)
