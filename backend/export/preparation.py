"""Writes the ONNX of the best and the last network when a run has ended, so that a download starts at once."""

import asyncio
import logging
from collections.abc import Iterator

from backend.errors import NoInspection, NotFound, NothingTrained, StudioError
from backend.export.exporter import BEST, LAST
from backend.export.formats import FORMATS, INSPECTION
from backend.export.service import ExportService
from backend.runs.run_folder import ACTIVE
from backend.runs.service import RunService
from shared_py.protocol import RunStatusChanged

logger = logging.getLogger(__name__)
PREPARED = (FORMATS[0].suffix, INSPECTION.suffix)
"""formats, in the order in which they are written for each checkpoint"""


class ExportPreparation:
    """A queue of ended runs, worked through in the background: never while a person's compile or export waits or runs."""

    def __init__(self, exports: ExportService, training: RunService) -> None:
        self._exports = exports
        self._training = training
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is prepared or waits for it."""
        return bool(self._queued)

    def open(self) -> None:
        """Start in the background."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; a file that is being written is removed."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def on_status(self, message: RunStatusChanged) -> None:
        """Queue a run that has ended, unless it waits already."""
        if message.status not in ACTIVE and message.run_id not in self._queued and self._task is not None:
            self._queued.add(message.run_id)
            self._waiting.put_nowait(message.run_id)

    async def _run(self) -> None:
        while True:
            run_id = await self._waiting.get()
            try:
                await self.prepare(run_id)
            except Exception:
                logger.exception("the files of run %s could not be prepared; they are written when they are requested", run_id)
            finally:
                self._queued.discard(run_id)

    async def prepare(self, run_id: str) -> None:
        """Write the files of a run that are missing; stops where the run was deleted or continues."""
        for checkpoint, fmt in _wanted():
            try:
                run = await self._training.run(run_id)
                if run.status in ACTIVE:
                    return
                await self._exports.export(run.design_id, fmt, run_id, checkpoint, background=True)
            except (NotFound, NothingTrained):
                return
            except NoInspection:
                continue
            except StudioError as error:
                logger.warning("%s %s of run %s is not prepared: %s", checkpoint, fmt, run_id, error.detail)


def _wanted() -> Iterator[tuple[str, str]]:
    for checkpoint in (BEST, LAST):
        for fmt in PREPARED:
            yield checkpoint, fmt
