"""The pump: what runs write goes into the database under one number, and from there to whoever listens."""

import asyncio
import logging
import time

from backend.runs.deletion import finish_deletions
from backend.runs.service import RunService
from backend.store.database import Store
from backend.store.messages import append_status_unless_deleted, last_told_responding, run_offsets, set_offsets, take_run_messages
from shared_py.protocol import Run, RunStatusChanged

_log = logging.getLogger(__name__)
PAUSE_AFTER_ERROR_S = 1.0
DELETIONS_EVERY_S = 60.0


class MessageIngest:
    """Looks after the runs for as long as the server lives; after a restart it goes on where the database says."""

    def __init__(self, store: Store, training: RunService, interval_s: float) -> None:
        self._store = store
        self._training = training
        self._interval_s = interval_s
        self._is_aligned = False
        self._next_deletions_s = 0.0
        self._told_responding: dict[str, bool] = {}
        """what the newest status message says of each active run"""

    async def align(self) -> None:
        """Find out how far each file has been read, before anything is written to it; after an error `run` tries again."""
        try:
            await self._align()
        except Exception:
            _log.exception("the runs cannot be followed yet")

    async def run(self) -> None:
        """Pump until cancelled; an error is reported and does not end it."""
        while True:
            try:
                if not self._is_aligned:
                    await self._align()
                while True:
                    await self._finish_deletions()
                    await self.turn()
                    await asyncio.sleep(self._interval_s)
            except Exception:
                _log.exception("the pump stumbled")
                self._is_aligned = False
                await asyncio.sleep(PAUSE_AFTER_ERROR_S)

    async def _finish_deletions(self) -> None:
        """Remove what is left of deleted runs at the start, and now and then what could not be removed since."""
        if time.monotonic() >= self._next_deletions_s:
            self._next_deletions_s = time.monotonic() + DELETIONS_EVERY_S
            await finish_deletions(self._store, self._training)

    async def turn(self) -> None:
        """Take what the runs wrote since the last turn, and tell which of them have stopped or begun to respond."""
        tended = await self._training.poll_runs()
        for lines in tended.lines:
            if lines.messages or self._training.is_moved(lines):
                await self._store.call(take_run_messages, lines.run_id, lines.messages, lines.offset)
            await self._training.taken(lines)
            statuses = [message for message in lines.messages if isinstance(message, RunStatusChanged)]
            if statuses:
                self._told_responding[lines.run_id] = statuses[-1].responding
        for run in tended.active:
            await self._tell_whether_it_responds(run)
        self._told_responding = {run.id: self._told_responding[run.id] for run in tended.active}

    async def _align(self) -> None:
        corrected = await self._training.resume_reading_at(await self._store.call(run_offsets))
        if corrected:
            await self._store.call(set_offsets, corrected)
        self._is_aligned = True
        self._told_responding = {}

    async def _tell_whether_it_responds(self, run: Run) -> None:
        """Publish a change that the run cannot write itself: a process that hangs writes nothing."""
        if run.id not in self._told_responding:
            self._told_responding[run.id] = await self._store.call(last_told_responding, run.id)
        if self._told_responding[run.id] == run.responding:
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
        await self._store.call(append_status_unless_deleted, message)
        self._told_responding[run.id] = run.responding
