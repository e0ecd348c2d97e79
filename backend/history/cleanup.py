"""Thins versions and deletes obsolete messages in the background, in small transactions with pauses between them."""

import asyncio
import logging

from backend.process.periodic_task import PeriodicTask, Schedule
from backend.store.database import Store
from backend.store.designs import design_ids
from backend.store.pruning import ChartDownsampler, prune_messages
from backend.store.revisions import thin_revisions

_log = logging.getLogger(__name__)
EVERY_S = 3600.0
PAUSE_S = 0.05
POINTS_PER_RUN = 1_000


class HistoryCleanup(PeriodicTask):
    """The background task."""

    def __init__(self, store: Store, first_after_s: float | None, points_per_run: int = POINTS_PER_RUN) -> None:
        """`first_after_s` is the time from the start to the first pass; None disables the task."""
        super().__init__(
            lambda: clean_up(store, PAUSE_S, points_per_run),
            Schedule(first_after_s, EVERY_S),
            _log,
            "older versions and messages could not be removed; it is tried again later",
        )


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
