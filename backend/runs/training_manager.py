"""Starts, stops, pauses and lists training runs; a run is a folder and a process that continues when the server exits.

Imports neither torch nor the server.
"""

import heapq
import logging
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from backend.designs.generated_files import write_generated
from backend.designs.validation import require_valid
from backend.errors import AlreadyExists, InvalidRequest, NotFound, RunActive, RunEnding, RunNotActive
from backend.ids import new_id
from backend.runs.capacity import RunBounds, refuse_large_rollout, refuse_unsuitable
from backend.runs.deleted_runs import DeletedRuns
from backend.runs.executors import Executor, LocalExecutor
from backend.runs.journal import create_run_folder
from backend.runs.launcher import Launcher
from backend.runs.line_file import line_start
from backend.runs.run_folder import ACTIVE, BUILT_IN_TRAINERS, RunRequest, decode_messages, now
from backend.runs.stopping import Escalation, ask_to_stop, signal_trainer
from backend.runs.tracked_run import PERMANENT_FILE_ERRORS, TrackedRun, find_runs, needs_files, take_lock_soon
from backend.runs.vitals import Limits, Vitals
from backend.training.trainer import Trainer
from shared_py.analysis import Analysis
from shared_py.decoding import decode_design
from shared_py.design import ModelArchitecture
from shared_py.presets import DEFAULT_SETTINGS
from shared_py.protocol import LiveMessage, Run, RunStatus
from shared_py.training_config import TrainConfig

logger = logging.getLogger(__name__)
EXIT_PATIENCE_S = 5.0
"""for the process of a run that has ended to exit"""
SUSPENDED_S = 5.0
"""without a poll: then this process, or the whole machine, was suspended"""


class TrainingManager:
    """All runs below one folder. Methods may be called from any thread; call `poll_runs` about ten times a second."""

    def __init__(
        self,
        runs_dir: Path,
        generated_dir: Path,
        *,
        executor: Executor = LocalExecutor(),  # noqa: B008  # frozen
        limits: Limits | None = None,
        bounds: RunBounds = RunBounds(),  # noqa: B008  # frozen
    ) -> None:
        self._runs_dir, self._generated_dir = runs_dir, generated_dir
        self._executor, self._limits, self._bounds = executor, limits or Limits(), bounds
        self._mutex = threading.RLock()
        self._launcher = Launcher(self._limits, executor)
        self._external_trainer: str | None = None
        self._polled_s, self._awake_since_s = time.monotonic(), 0.0
        self._queue: list[tuple[tuple[int, str, str], str]] = []
        """a heap of (order, run id) of queued runs; entries may be stale"""
        self._changed: set[str] = set()
        """runs that may have written lines since `changed_runs` was last called"""
        runs_dir.mkdir(parents=True, exist_ok=True)
        tracked_runs, deleted = find_runs(runs_dir, self._limits)
        self._deleted = DeletedRuns(runs_dir, deleted)
        self._last_sequence = max((tracked.request.sequence for tracked in tracked_runs), default=0)
        self._runs = {tracked.folder.path.name: tracked for tracked in tracked_runs}
        """the oldest first"""
        self._watched = {name: tracked for name, tracked in self._runs.items() if tracked.is_active}
        """runs that have, or may have, a process, and those with a status to be written; no other is looked at by a poll"""

    def start(self, design: ModelArchitecture, config: TrainConfig = DEFAULT_SETTINGS, *, run_id: str | None = None) -> Run:
        """Write a new run and start it, or leave it queued behind others; InvalidDesign and as `start_analysed`."""
        return self.start_analysed(require_valid(design), config, run_id=run_id)

    def start_analysed(
        self, analysis: Analysis, config: TrainConfig, *, run_id: str | None = None, sweep_id: str | None = None
    ) -> Run:
        """Start a run of a design that was analysed and is valid; InvalidRequest, AlreadyExists, TooManyRuns, OutOfSpace."""
        refuse_large_rollout(config)
        refuse_unsuitable(analysis, config)
        self._executor.refuse(analysis.sizes, config)
        design, generated = analysis.design, write_generated(analysis, self._generated_dir)
        with self._mutex:
            self._bounds.refuse(self._runs_dir, sum(run.is_waiting for run in self._runs.values()))
            name, sequence = run_id or new_id("r"), self._last_sequence + 1
            trainer, adopted = self._external_trainer or config.algorithm, self._external_trainer is not None
            request = RunRequest(
                name, design.id, generated.design_hash, now(), config, generated.config, trainer, adopted, sequence, sweep_id
            )
            try:
                folder = create_run_folder(self._runs_dir / name, request, design, generated)
            except FileExistsError as error:
                raise AlreadyExists(f"run {name} exists already") from error
            self._last_sequence = sequence
            self._runs[name] = TrackedRun(folder, request, Vitals(self._limits))
            self._enqueue(name)
            self._poll_now()
            return self._runs[name].show()

    def stop(self, run_id: str) -> Run:
        """Ask a run to write a checkpoint and end; one that is still queued ends at once. RunNotActive, NotFound.

        If the process does not end, `poll_runs` signals it a second time and then kills it, after the times in `Limits`.
        """
        with self._mutex:
            tracked = self._active(run_id)
            with suppress(OSError):  # on a full disk the signal has to be enough
                tracked.folder.stop_marker.touch()
            self._changed.add(run_id)
            if (lock := tracked.folder.take_lock()) is not None:
                try:
                    if tracked.refresh().status == "queued":
                        tracked.write_status("stopped")
                    elif tracked.is_active:
                        tracked.mark_interrupted()
                finally:
                    os.close(lock)
            else:
                tracked.stop = tracked.stop or Escalation(time.monotonic())
                ask_to_stop(tracked.folder)
            return tracked.show()

    def pause(self, run_id: str) -> Run:
        """Ask a running run to pause; RunNotActive, also for one that does not respond, NotFound."""
        return self._switch(run_id, "running", signal.SIGUSR1)

    @needs_files
    def resume(self, run_id: str, patience_s: float = EXIT_PATIENCE_S, total_steps: int | None = None) -> Run:
        """Continue a paused run, or queue a stopped, interrupted or failed one to continue from its checkpoint.

        With `total_steps`, any run that has ended and has a checkpoint continues until it has made as many moves. A process that
        has written its last line may need a moment to exit: it gets `patience_s`. RunNotActive, RunEnding, RunUnusable, NotFound.
        """
        with self._mutex:
            tracked = self._find(run_id)
            if tracked.refresh().status == "paused" and total_steps is None:
                if self._executor.room(self._busy(), waiting=0) <= 0:
                    raise RunNotActive("another run trains now, and there is room for no more; pause or stop it first")
                tracked.folder.mark_start()
                return self._switch(run_id, "paused", signal.SIGUSR2)
            tracked.require_resumable(total_steps)
            self._bounds.refuse(self._runs_dir, sum(run.is_waiting for run in self._runs.values()))
        if (lock := take_lock_soon(tracked.folder, patience_s)) is None:
            self._watch_again(tracked)
            raise RunEnding(f"the process of run {run_id} is still ending; try again in a moment")
        with self._mutex:
            try:
                tracked.require_resumable(total_steps)
                tracked.queue_again(total_steps)
            finally:
                os.close(lock)
            self._enqueue(run_id)
            self._poll_now()
            return tracked.show()

    def run(self, run_id: str) -> Run:
        """One run as it stands; NotFound."""
        with self._mutex:
            return self._find(run_id).show()

    @needs_files
    def label(self, run_id: str, changes: Mapping[str, Any]) -> Run:
        """Change what a person wrote about a run: some fields of `RunLabels`; RunUnusable, NotFound."""
        with self._mutex:
            tracked = self._find(run_id)
            tracked.label(msgspec.structs.replace(tracked.labels, **changes))
            return tracked.show()

    def runs(self) -> list[Run]:
        """Every run, the newest first."""
        with self._mutex:
            return [tracked.show() for tracked in reversed(self._runs.values())]

    def active_runs(self) -> list[Run]:
        """The runs that have a process."""
        with self._mutex:
            return [tracked.show() for tracked in self._watched.values() if tracked.is_active]

    def is_idle(self) -> bool:
        """Whether no run is training or about to."""
        with self._mutex:
            return not self._queue and not self._busy()

    def changed_runs(self) -> set[str]:
        """The runs that may have written lines since the last call."""
        with self._mutex:
            changed, self._changed = self._changed.union(self._watched), set()
            return changed

    def line_start(self, run_id: str, offset: int) -> int:
        """Where to continue reading a run's lines after an offset: at the offset, unless a shorter file has taken its place."""
        return line_start(self._find(run_id).folder.metrics, offset)

    @needs_files
    def delete(self, run_id: str, patience_s: float = EXIT_PATIENCE_S) -> str:
        """Remove a run that has ended from the list and return its design; `empty_deleted` then frees its space.

        Its process gets `patience_s` to exit. RunActive, RunEnding, RunUnusable, NotFound.
        """
        with self._mutex:
            folder = self._ended(run_id).folder
        lock = take_lock_soon(folder, patience_s) if folder.path.is_dir() else None
        with self._mutex:
            try:
                tracked = self._ended(run_id)
                if lock is None and folder.path.is_dir():
                    self._watch_again(tracked)
                    raise RunEnding(f"the process of run {run_id} is still ending; try again in a moment")
                if lock is None:
                    self._deleted.note(run_id, tracked.request.design_id)
                else:
                    self._deleted.add(folder.path, run_id, tracked.request.design_id)
            finally:
                if lock is not None:
                    os.close(lock)
            del self._runs[run_id]
            self._watched.pop(run_id, None)
            return tracked.request.design_id

    def deleted_runs(self) -> list[tuple[str, str]]:
        """The deleted runs whose files are still there, also those a crash left behind, and their designs."""
        return self._deleted.items()

    def empty_deleted(self, run_id: str) -> None:
        """Remove the files of a deleted run except `run.json`, from which a restart knows its design; OSError."""
        self._deleted.empty(run_id)

    def remove_deleted(self, run_id: str) -> None:
        """Remove the folder of a deleted run; OSError where that is not possible."""
        self._deleted.remove(run_id)

    def run_folder(self, run_id: str) -> Path:
        """Where a run's files are; NotFound."""
        with self._mutex:
            return self._find(run_id).folder.path

    def read_messages(self, run_id: str, offset: int) -> tuple[list[LiveMessage], int]:
        """The messages of a run from a byte offset on, and the offset to ask from next; NotFound."""
        lines, after = self._find(run_id).folder.read_lines(offset)
        return decode_messages(lines, run_id), after

    def poll_runs(self) -> None:
        """Check the processes of active runs, and start queued ones; cheap, and never waits."""
        with self._mutex:
            now_s = time.monotonic()
            if now_s - self._polled_s > SUSPENDED_S:
                self._awake_since_s = now_s
            self._polled_s = now_s
            self._changed.update(self._watched)
            self._watched = {name: run for name, run in self._watched.items() if self._check_run_safely(name, run, now_s)}
            free = self._executor.room(self._busy(), self._busy(("queued",)))
            while self._queue and free > 0:
                free -= self._launch_safely(self._runs.get(heapq.heappop(self._queue)[1]))

    def _poll_now(self) -> None:
        """Start what can be started after a request; the request itself has succeeded, so errors are only logged."""
        try:
            self.poll_runs()
        except Exception:
            logger.exception("the runs could not be polled")

    def _check_run_safely(self, name: str, tracked: TrackedRun, now_s: float) -> bool:
        """Check one run; an error of its files concerns this run alone."""
        try:
            return self._check_run(name, tracked, now_s)
        except (OSError, ValueError, RecursionError, msgspec.DecodeError) as error:
            tracked.log_error_once(error)
            if isinstance(error, OSError) and error.errno in PERMANENT_FILE_ERRORS:
                tracked.fail_unusable(error)
                return False
            return True

    def _launch_safely(self, tracked: TrackedRun | None) -> bool:
        """Start a run of the queue; where its files cannot be used, it fails and the next one is started."""
        try:
            return self._launch(tracked)
        except OSError as error:
            assert tracked is not None
            tracked.log_error_once(error)
            if error.errno not in PERMANENT_FILE_ERRORS:
                self._enqueue(tracked.request.id)
                return True  # tried again at the next poll; counted as started, so that this round ends
            tracked.fail_unusable(error)
            self._watched.pop(tracked.request.id, None)
            return False

    def _check_run(self, name: str, tracked: TrackedRun, now_s: float) -> bool:
        """Check a run's process; false when it need not be checked any more."""
        tracked.refresh()
        is_held = tracked.is_held()
        tracked.refresh()
        if is_held:
            tracked.stop_if_too_long(self._bounds)
            is_watched = tracked.pending_end is not None or tracked.check_process(self._limits, now_s, self._awake_since_s)
            if is_watched or tracked.pending_end is not None:
                return True
        elif tracked.pending_end is not None:
            tracked.write_pending_end()
        elif tracked.is_to_launch() or tracked.resume_lost(self._executor.automatic_resumes):
            self._enqueue(name)
            return False
        elif tracked.is_active:
            tracked.mark_interrupted()
        if tracked.pending_end is None:
            tracked.set_final(True)
        return tracked.pending_end is not None

    def _enqueue(self, name: str) -> None:
        heapq.heappush(self._queue, (self._runs[name].request.order, name))
        self._changed.add(name)

    def _watch_again(self, tracked: TrackedRun) -> None:
        """Watch a process that still runs though its run has ended, so that it is ended too."""
        with self._mutex:
            tracked.is_final = False
            self._watched[tracked.request.id] = tracked

    def adopt_external_trainer(self, trainer: Trainer) -> None:
        """Train every run started from now on with this trainer; it must be picklable and importable from a fresh process.

        Its name is kept with the run; a run resumed after a restart needs the same trainer registered again. InvalidRequest for
        the name of a built-in trainer.
        """
        if trainer.name in BUILT_IN_TRAINERS:
            raise InvalidRequest(f"a trainer may not be called {trainer.name!r}: a built-in trainer has that name")
        with self._mutex:
            self._launcher.add_trainer(trainer)
            self._external_trainer = trainer.name

    def reset_to_fresh_model(self, run_id: str) -> Run:
        """Stop a run if it is active and start a new one of the same design and settings from fresh weights; NotFound."""
        with self._mutex:
            tracked = self._find(run_id)
            if tracked.refresh().status in ACTIVE:
                self.stop(run_id)
            design = decode_design(tracked.folder.design.read_bytes())
            return self.start(design, tracked.config)

    def close(self) -> None:
        """Stop managing; the processes of runs continue."""
        self._launcher.close()

    def _find(self, run_id: str) -> TrackedRun:
        try:
            return self._runs[run_id]
        except KeyError:
            raise NotFound(f"there is no run {run_id}") from None

    def _ended(self, run_id: str) -> TrackedRun:
        tracked = self._find(run_id)
        if tracked.refresh().status in ACTIVE:
            raise RunActive(f"run {run_id} is {tracked.state.status}; stop it first")
        return tracked

    def _active(self, run_id: str) -> TrackedRun:
        tracked = self._find(run_id)
        status = tracked.refresh().status
        if status not in ACTIVE:
            raise RunNotActive(f"run {run_id} is {status}")
        return tracked

    def _busy(self, statuses: Sequence[RunStatus] = ("queued", "running")) -> int:
        """Number of runs that are training or starting; paused runs do not count."""
        busy = 0
        for tracked in self._watched.values():
            with suppress(OSError):  # `poll_runs` ends such a run, or tries again
                busy += tracked.is_active and tracked.is_held() and tracked.refresh().status in statuses
        return busy

    def _switch(self, run_id: str, expected: RunStatus, number: signal.Signals) -> Run:
        with self._mutex:
            tracked = self._active(run_id)
            if tracked.state.status != expected:
                raise RunNotActive(f"run {run_id} is {tracked.state.status}, not {expected}")
            if not tracked.vitals.responding:
                beat = tracked.vitals.heartbeat
                since = "its start" if beat is None else beat.at
                raise RunNotActive(f"run {run_id} has not responded since {since}; stop it, or try again when it responds")
            signal_trainer(tracked.folder, number)
            return tracked.show()

    def _launch(self, tracked: TrackedRun | None) -> bool:
        """Start a run of the queue; false for one that has left the queue meanwhile."""
        if tracked is None or tracked.launched or tracked.refresh().status != "queued":
            return False
        self._watched[tracked.request.id] = tracked
        lock = tracked.folder.take_lock()
        return lock is not None and self._launcher.launch(tracked, lock)
