"""Writes the ONNX of the best and the last network when a run has ended, so that a download starts at once."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from backend.errors import NoInspection, NotFound, NothingTrained, StudioError
from backend.export.exporter import BEST, LAST
from backend.export.formats import FORMATS, INSPECTION
from backend.export.service import ExportService
from backend.runs.run_folder import ACTIVE, RunFolder
from backend.runs.service import RunService
from shared_py.protocol import RunStatusChanged

logger = logging.getLogger(__name__)
PREPARED = (FORMATS[0].suffix, INSPECTION.suffix)
"""formats, in the order in which they are written for each checkpoint"""
MARKER = ".to_prepare"
"""a file among the exports of a run whose files are still to be prepared; after a stop of the server it goes on with these"""


class ExportPreparation:
    """A queue of ended runs, worked through in the background: never while a person's compile or export waits or runs."""

    def __init__(self, exports: ExportService, training: RunService) -> None:
        self._exports = exports
        self._training = training
        self._ended: asyncio.Queue[str] = asyncio.Queue()
        self._marked: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        """in one of the two queues, or being prepared"""
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def is_busy(self) -> bool:
        """Whether something is prepared or waits for it."""
        return bool(self._queued)

    def open(self) -> None:
        """Start in the background, with the runs that were not done when the server stopped."""
        self._tasks = [asyncio.create_task(work) for work in (self._mark_ended(), self._prepare_marked())]

    async def close(self) -> None:
        """Stop; a file that is being written is removed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def on_status(self, message: RunStatusChanged) -> None:
        """Queue a run that has ended, unless it waits already."""
        if message.status not in ACTIVE and self._tasks:
            self._queue(message.run_id)

    def _queue(self, run_id: str) -> None:
        if run_id not in self._queued:
            self._queued.add(run_id)
            self._ended.put_nowait(run_id)

    async def _mark_ended(self) -> None:
        """Mark each run that has ended before it waits for its turn, which may come after the server has stopped."""
        try:
            for run_id in await self._left_over():
                self._queue(run_id)
        except Exception:
            logger.exception("what was not prepared before the server stopped is written when it is requested")
        while True:
            run_id = await self._ended.get()
            await self._change_mark(run_id, _write_mark)
            self._marked.put_nowait(run_id)

    async def _prepare_marked(self) -> None:
        while True:
            run_id = await self._marked.get()
            try:
                await self.prepare(run_id)
            except Exception:
                logger.exception("the files of run %s could not be prepared; they are written when they are requested", run_id)
            await self._change_mark(run_id, _remove_mark)
            self._queued.discard(run_id)

    async def _left_over(self) -> list[str]:
        """The marked runs."""
        found = []
        for run in await self._training.runs():
            with suppress(NotFound):
                if await asyncio.to_thread(_marker(await self._training.folder(run.id)).exists):
                    found.append(run.id)
        return found

    async def _change_mark(self, run_id: str, change: Callable[[Path], None]) -> None:
        """Write or remove the mark of a run, unless it was deleted."""
        try:
            await asyncio.to_thread(change, await self._training.folder(run_id))
        except NotFound:
            return
        except OSError:
            logger.exception("the marker file of run %s cannot be changed", run_id)

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


def _marker(folder: Path) -> Path:
    return RunFolder(folder).exports / MARKER


def _write_mark(folder: Path) -> None:
    marker = _marker(folder)
    with suppress(FileNotFoundError):  # the run was deleted
        marker.parent.mkdir(exist_ok=True)
        marker.touch()


def _remove_mark(folder: Path) -> None:
    _marker(folder).unlink(missing_ok=True)


def _wanted() -> Iterator[tuple[str, str]]:
    for checkpoint in (BEST, LAST):
        for fmt in PREPARED:
            yield checkpoint, fmt
