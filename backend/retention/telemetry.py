"""Removes the oldest telemetry events above the limits, in the background."""

import logging

from backend.process.periodic_task import PeriodicTask, Schedule
from backend.store.database import Store
from backend.store.telemetry import remove_oldest_events

_log = logging.getLogger(__name__)
EVERY_S = 3600.0


class TelemetryRetention(PeriodicTask):
    """The background task; the limits are those of the store."""

    def __init__(self, store: Store, first_after_s: float | None) -> None:
        """`first_after_s` is the time from the start to the first pass; None disables the task."""
        failure = "old telemetry could not be removed; it is tried again later"
        super().__init__(self.clean_up, Schedule(first_after_s, EVERY_S), _log, failure)
        self._store = store

    async def clean_up(self) -> None:
        """Run one pass, unless the database refuses changes."""
        if self._store.condition != "ok":
            return
        if (removed := await self._store.call(remove_oldest_events)) > 0:
            _log.info("%d telemetry events were removed, the oldest above the limits (--telemetry-events)", removed)
