"""The pump: what runs write goes into the database under one number, and from there to whoever listens."""

import asyncio
import logging

from backend.store.database import Store
from backend.store.messages import run_offsets, take_run_messages
from backend.training.desk import TrainingDesk

_log = logging.getLogger(__name__)
PAUSE_AFTER_ERROR_S = 1.0


class Pump:
    """Looks after the runs for as long as the server lives; after a restart it goes on where the database says."""

    def __init__(self, store: Store, training: TrainingDesk, interval_s: float) -> None:
        self._store = store
        self._training = training
        self._interval_s = interval_s

    async def run(self) -> None:
        """Pump until cancelled; an error is reported and does not end it."""
        while True:
            try:
                await self._training.resume_reading_at(await self._store.call(run_offsets))
                while True:
                    await self.turn()
                    await asyncio.sleep(self._interval_s)
            except Exception:
                _log.exception("the pump stumbled")
                await asyncio.sleep(PAUSE_AFTER_ERROR_S)

    async def turn(self) -> None:
        """Take what the runs wrote since the last turn."""
        for lines in await self._training.tend():
            if lines.messages:
                await self._store.call(take_run_messages, lines.run_id, lines.messages, lines.offset)
            await self._training.taken(lines)
