"""The runs of the server: calls the training manager on a thread of its own, and starts each run once."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from backend.errors import NotFound, RunEnding
from backend.process.threads import SingleThreadExecutor, run_detached
from backend.runs.log_tailer import LogTailer, RunLines
from backend.runs.progress import ProgressReader
from backend.runs.run_folder import ACTIVE, RunFolder
from backend.runs.thinned_metrics import thin_metrics
from shared_py.algorithms import algorithms_for
from shared_py.analysis import Analysis
from shared_py.presets import fill_defaults
from shared_py.protocol import EvaluationProgress, LiveMessage, Run
from shared_py.training_config import TrainConfig

T = TypeVar("T")
EXIT_PATIENCE_S, RETRY_S = 5.0, 0.02
"""how long a request waits for the process of a run to exit, and how often it checks"""


class Manager(Protocol):
    """What the server needs of a `TrainingManager`."""

    def start_analysed(self, analysis: Analysis, config: TrainConfig, *, run_id: str | None, sweep_id: str | None) -> Run: ...
    def stop(self, run_id: str) -> Run: ...
    def pause(self, run_id: str) -> Run: ...
    def resume(self, run_id: str, patience_s: float, total_steps: int | None, /) -> Run: ...
    def label(self, run_id: str, changes: Mapping[str, Any]) -> Run: ...
    def run(self, run_id: str) -> Run: ...
    def runs(self) -> list[Run]: ...
    def run_folder(self, run_id: str) -> Path: ...
    def read_messages(self, run_id: str, offset: int) -> tuple[list[LiveMessage], int]: ...
    def active_runs(self) -> list[Run]: ...
    def is_idle(self) -> bool: ...
    def changed_runs(self) -> set[str]: ...
    def line_start(self, run_id: str, offset: int) -> int: ...
    def delete(self, run_id: str, patience_s: float, /) -> str: ...
    def deleted_runs(self) -> list[tuple[str, str]]: ...
    def empty_deleted(self, run_id: str) -> None: ...
    def remove_deleted(self, run_id: str) -> None: ...
    def poll_runs(self) -> None: ...
    def close(self) -> None: ...


class PollResult(Struct, frozen=True):
    """What a poll of the runs found."""

    lines: Sequence[RunLines]
    """what runs have written since the last poll"""
    active: list[Run]
    """the active runs, with their state after these lines"""
    progress: list[EvaluationProgress]
    """of test games, where it has changed"""


class RunService:
    """Calls the manager in the order of the requests and never on the event loop, because it reads and writes files."""

    def __init__(self, make_manager: Callable[[], Manager], runs_dir: Path) -> None:
        self._make_manager = make_manager
        self._thread = SingleThreadExecutor("training")
        self._tail = LogTailer(runs_dir)
        self._progress = ProgressReader(runs_dir)
        self._opened: Manager | None = None

    @property
    def _manager(self) -> Manager:
        assert self._opened is not None, "the run service is not open"
        return self._opened

    async def open(self) -> None:
        """Read the existing runs from disk."""
        self._opened = await self._thread.call(self._make_manager)

    async def close(self) -> None:
        """Stop managing the runs; their processes continue."""
        if self._opened is not None:
            await self._thread.call(self._opened.close)
        self._thread.close()

    async def start_once(self, analysis: Analysis, settings: Mapping[str, Any], run_id: str, sweep_id: str | None = None) -> Run:
        """Start a run of a valid design, or return the run of that id if it was started before.

        `settings` have been validated; missing ones are taken from the preset (`presets.fill_defaults`).
        """

        def start() -> Run:
            try:
                return self._manager.run(run_id)
            except NotFound:
                self._tail.forget(run_id)
                default = algorithms_for(has_policy="policy" in analysis.roles)[0].name
                config = fill_defaults(settings, analysis.sizes, default)
                return self._manager.start_analysed(analysis, config, run_id=run_id, sweep_id=sweep_id)

        return await self._thread.call(start)

    async def run(self, run_id: str) -> Run:
        """One run; NotFound."""
        return await self._thread.call(self._manager.run, run_id)

    async def has(self, run_id: str) -> bool:
        """Whether there is a run of that id."""
        try:
            await self.run(run_id)
        except NotFound:
            return False
        return True

    async def runs(self) -> list[Run]:
        """Every run, the newest first."""
        return await self._thread.call(self._manager.runs)

    async def is_idle(self) -> bool:
        """Whether no run is training or about to."""
        return await self._thread.call(self._manager.is_idle)

    async def stop(self, run_id: str) -> Run:
        """Ask a run to end; RunNotActive, NotFound."""
        return await self._thread.call(self._manager.stop, run_id)

    async def pause(self, run_id: str) -> Run:
        """Ask a run to pause; RunNotActive, NotFound."""
        return await self._thread.call(self._manager.pause, run_id)

    async def resume(self, run_id: str, total_steps: int | None = None) -> Run:
        """Continue a run; with a larger `total_steps` also a finished one. RunNotActive, RunEnding, NotFound."""
        return await self._until_ended(partial(self._manager.resume, run_id, 0.0, total_steps))

    async def label(self, run_id: str, changes: Mapping[str, Any]) -> Run:
        """Change the name, the note or the tags of a run; RunUnusable, NotFound."""
        return await self._thread.call(self._manager.label, run_id, changes)

    async def folder(self, run_id: str) -> Path:
        """Where a run's files are; NotFound."""
        return await self._thread.call(self._manager.run_folder, run_id)

    async def delete(self, run_id: str) -> str:
        """Remove a run that has ended from the list and return its design; RunActive, RunEnding, NotFound."""

        def work() -> str:
            design_id = self._manager.delete(run_id, 0.0)
            self._tail.forget(run_id)
            return design_id

        return await self._until_ended(work)

    async def _until_ended(self, work: Callable[[], T]) -> T:
        """Retry while the process of a run needs a moment to exit; other calls about runs are served in between."""
        give_up_s = time.monotonic() + EXIT_PATIENCE_S
        while True:
            try:
                return await self._thread.call(work)
            except RunEnding:
                if time.monotonic() > give_up_s:
                    raise
            await asyncio.sleep(RETRY_S)

    async def deleted_runs(self) -> list[tuple[str, str]]:
        """The deleted runs whose files are still there, and their designs."""
        return await self._thread.call(self._manager.deleted_runs)

    async def empty_deleted(self, run_id: str) -> None:
        """Remove the files of a deleted run, but not its folder, on a thread of its own, since it may take a while; OSError."""
        await run_detached(self._manager.empty_deleted, run_id)

    async def remove_deleted(self, run_id: str) -> None:
        """Remove the folder of a deleted run; OSError."""
        await run_detached(self._manager.remove_deleted, run_id)

    async def poll_runs(self) -> PollResult:
        """Let the manager check the runs, and return the lines that have not been stored yet."""

        def work() -> PollResult:
            self._manager.poll_runs()
            lines = self._tail.read(self._manager.read_messages, self._manager.changed_runs())
            active = self._manager.active_runs()
            return PollResult(lines, active, self._progress.read(active))

        return await self._thread.call(work)

    async def mark_stored(self, lines: RunLines) -> None:
        """Note that the lines reached the database."""
        await self._thread.call(self._tail.mark_stored, lines)

    async def resume_reading_at(self, offsets: dict[str, int]) -> dict[str, int]:
        """Read each run from the offset in the database; returns corrections of offsets that a power cut has made wrong."""
        return await self._thread.call(self._tail.start_at, offsets, self._manager.line_start)

    async def thin_metrics(self, run_id: str, points: int) -> int | None:
        """Thin the chart in the files of a run that has ended; returns the new offset up to which the file counts as read.

        None where nothing was changed. NotFound, OSError.
        """

        def begin() -> tuple[RunFolder | None, int]:
            run = self._manager.run(run_id)
            folder = None if run.status in ACTIVE else RunFolder(self._manager.run_folder(run_id))
            return folder, self._tail.offset_of(run_id)

        folder, known = await self._thread.call(begin)
        size = None if folder is None else await run_detached(thin_metrics, folder, points, known)
        if size is None or not await self._thread.call(self._tail.move, run_id, known, size):
            return None
        return size

    def has_new_offset(self, lines: RunLines) -> bool:
        """Whether a run is read up to another place than before."""
        return self._tail.has_new_offset(lines)
