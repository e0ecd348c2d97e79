"""The ingest loop: reads new lines of all runs, numbers and stores them; the store then publishes them to the phones."""

import asyncio
import logging
import time
from collections.abc import Callable

from backend.runs.deletion import finish_deletions
from backend.runs.service import RunService
from backend.store.database import Store
from backend.store.messages import (
    announce,
    append_unless_deleted,
    last_announced_responding,
    run_offsets,
    set_offsets,
    take_run_messages,
)
from shared_py.protocol import Run, RunStatusChanged

_log = logging.getLogger(__name__)
PAUSE_AFTER_ERROR_S = 1.0
DELETIONS_EVERY_S = 60.0


class MessageIngest:
    """Polls the runs while the server is up; after a restart it continues at the offsets in the database."""

    def __init__(
        self,
        store: Store,
        training: RunService,
        interval_s: float,
        on_status: Callable[[RunStatusChanged], None] = lambda _: None,
    ) -> None:
        """`on_status` is called with the newest status of a run once it is stored."""
        self._on_status = on_status
        self._store = store
        self._training = training
        self._interval_s = interval_s
        self._is_aligned = False
        self._next_deletions_s = 0.0
        self._announced_responding: dict[str, bool] = {}
        """`responding` of the newest status message of each active run"""

    async def align(self) -> None:
        """Load the read offsets from the database; must run before any new line is written. After an error, `run` retries."""
        try:
            await self._align()
        except Exception:
            _log.exception("the runs cannot be read yet")

    async def run(self) -> None:
        """Ingest until cancelled; an error is logged and does not end the loop."""
        while True:
            try:
                if not self._is_aligned:
                    await self._align()
                while True:
                    await self._finish_deletions()
                    await self.poll_once()
                    await asyncio.sleep(self._interval_s)
            except Exception:
                _log.exception("the ingest loop failed and starts again")
                self._is_aligned = False
                await asyncio.sleep(PAUSE_AFTER_ERROR_S)

    async def _finish_deletions(self) -> None:
        """Remove what is left of deleted runs: at the start, and once a minute what could not be removed since."""
        if time.monotonic() >= self._next_deletions_s:
            self._next_deletions_s = time.monotonic() + DELETIONS_EVERY_S
            await finish_deletions(self._store, self._training)

    async def poll_once(self) -> None:
        """Store the new lines of the runs, and publish the progress of test games and each change of `responding`."""
        polled = await self._training.poll_runs()
        for lines in polled.lines:
            if lines.messages or self._training.has_new_offset(lines):
                await self._store.call(take_run_messages, lines.run_id, lines.messages, lines.offset)
            await self._training.mark_stored(lines)
            statuses = [message for message in lines.messages if isinstance(message, RunStatusChanged)]
            if statuses:
                self._announced_responding[lines.run_id] = statuses[-1].responding
                self._on_status(statuses[-1])
        for progress in polled.progress:
            await self._store.call(announce, progress)
        for run in polled.active:
            await self._announce_responding(run)
        self._announced_responding = {run.id: self._announced_responding[run.id] for run in polled.active}

    async def _align(self) -> None:
        corrected = await self._training.resume_reading_at(await self._store.call(run_offsets))
        if corrected:
            await self._store.call(set_offsets, corrected)
        self._is_aligned = True
        self._announced_responding = {}

    async def _announce_responding(self, run: Run) -> None:
        """Publish a change of `responding`, which the run cannot write itself: a process that hangs writes nothing."""
        if run.id not in self._announced_responding:
            self._announced_responding[run.id] = await self._store.call(last_announced_responding, run.id)
        if self._announced_responding[run.id] == run.responding:
            return
        message = RunStatusChanged(
            seq=0,
            run_id=run.id,
            status=run.status,
            reason=run.reason,
            design_id=run.design_id,
            phase=run.phase,
            warning=run.warning,
            responding=run.responding,
            last_heartbeat_step=run.last_heartbeat_step,
        )
        await self._store.call(append_unless_deleted, message)
        self._announced_responding[run.id] = run.responding
