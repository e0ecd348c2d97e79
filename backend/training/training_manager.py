"""Starts, stops, pauses and finds training runs; a run is a folder and a process that outlives this one. No torch, no server."""

import logging
import os
import pickle
import shutil
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from backend.compile.generated_files import write_generated
from backend.errors import AlreadyExists, InvalidRequest, NotFound, ProcessFailed, RunNotActive, is_disk_full
from backend.ids import new_id
from backend.processes import start_detached
from backend.training.run_folder import (
    ACTIVE,
    BUILT_IN_TRAINERS,
    DISK_FULL,
    FILES_GONE,
    Journal,
    RunFolder,
    RunRequest,
    RunState,
    decode_messages,
    describe,
    fold,
    now,
    record_death,
)
from backend.training.trainer import Trainer
from shared_py.analysis import analyse
from shared_py.decoding import decode_design
from shared_py.design import ModelArchitecture
from shared_py.estimation import largest_microbatch, least_training_bytes
from shared_py.protocol import LiveMessage, Run, RunStatus
from shared_py.recipes import PPO
from shared_py.training_config import TrainConfig

logger = logging.getLogger(__name__)

LAST_MOMENT_S = 5.0
OWED_FOR_S = 1.0
"""between attempts to write an end for which there was no room"""
MAX_ROLLOUT_BOARDS = 1 << 24
"""about a gigabyte of kept moves"""


class _Tracked(Struct):
    """A run as far as its lines have been read."""

    folder: RunFolder
    request: RunRequest
    state: RunState
    offset: int = 0
    launched: bool = False
    """whether its process was started since it was queued"""
    owed: tuple[RunStatus, str] | None = None
    """an end that is known and could not be written yet"""
    owed_until: float = 0.0
    """when to try to write it again"""

    def refresh(self) -> RunState:
        """Take in the lines written since; a run whose files were taken away has failed."""
        try:
            while self.folder.metrics.stat().st_size > self.offset:
                lines, self.offset = self.folder.read_lines(self.offset)
                if not lines:
                    break
                fold(self.state, lines)
        except FileNotFoundError:
            if self.state.status in ACTIVE:
                self.state.status, self.state.reason = "failed", FILES_GONE
        return self.state

    def write_status(self, status: RunStatus, reason: str | None = None) -> None:
        """Add a line, after the one that is owed; only for who holds the lock or knows that nobody does."""
        with Journal(self.folder, self.request) as journal:
            if self.owed is not None:
                journal.status(*self.owed)
                self.owed = None
            journal.status(status, reason)
        self.refresh()

    def end(self, status: RunStatus, reason: str) -> None:
        """Say how a run ended whose process is gone; where it cannot be written now, later, and until then from memory."""
        is_new, self.owed = self.owed is None, None
        try:
            self.write_status(status, reason)
        except FileNotFoundError:
            self.refresh()
        except OSError as error:
            if is_new:
                logger.warning("the end of run %s cannot be written yet: %s", self.request.id, error)
            if is_disk_full(error) and not self.folder.last_words():
                status, reason = "failed", DISK_FULL
            self.state.status, self.state.reason, self.state.ended_at = status, reason, now()
            self.owed, self.owed_until = (status, reason), time.monotonic() + OWED_FOR_S

    def show(self) -> Run:
        """The run as the API shows it."""
        return describe(self.request, self.refresh())


class TrainingManager:
    """All runs below one folder. Every method may be called from any thread; `tend` is to be called about ten times a second."""

    def __init__(
        self, runs_dir: Path, generated_dir: Path, *, max_concurrent: int = 1, memory_limit_bytes: int | None = None
    ) -> None:
        """`memory_limit_bytes` is what each run may take beside a loaded torch; None, as beside a card: all there is."""
        self._runs_dir, self._generated_dir = runs_dir, generated_dir
        self._max_concurrent, self._memory_limit_bytes = max_concurrent, memory_limit_bytes
        self._mutex = threading.RLock()
        self._trainers: dict[str, bytes] = {}
        self._adopted: str | None = None
        self._launches: list[threading.Thread] = []
        runs_dir.mkdir(parents=True, exist_ok=True)
        self._runs = {path.name: tracked for path in sorted(runs_dir.iterdir()) if (tracked := _track(path))}

    def start(self, design: ModelArchitecture, config: TrainConfig = PPO, *, run_id: str | None = None) -> Run:
        """Write a new run and start it, or leave it queued behind others; InvalidDesign, InvalidRequest, AlreadyExists."""
        boards = config.n_envs * config.n_steps
        if boards > MAX_ROLLOUT_BOARDS:
            raise InvalidRequest(f"n_envs × n_steps is {boards:,} boards; at most {MAX_ROLLOUT_BOARDS:,} are kept at once")
        generated = write_generated(design, self._generated_dir)
        if self._memory_limit_bytes is not None:
            _refuse_what_cannot_fit(design, config, self._memory_limit_bytes)
        with self._mutex:
            name = run_id or new_id("r")
            trainer, adopted = self._adopted or config.algorithm, self._adopted is not None
            request = RunRequest(name, design.id, generated.design_hash, now(), config, generated.config, trainer, adopted)
            try:
                folder = RunFolder.create(self._runs_dir / name, request, design, generated)
            except FileExistsError as error:
                raise AlreadyExists(f"run {name} exists already") from error
            self._runs[name] = _Tracked(folder, request, RunState())
            self.tend()
            return self._runs[name].show()

    def stop(self, run_id: str) -> Run:
        """Ask a run to write a checkpoint and end; one that is still queued ends at once. RunNotActive, NotFound."""
        with self._mutex:
            tracked = self._active(run_id)
            with suppress(OSError):  # on a full disk the signal must do
                tracked.folder.stop_marker.touch()
            if (lock := tracked.folder.take_lock()) is not None:
                try:
                    if tracked.refresh().status == "queued":
                        tracked.write_status("stopped")
                    elif tracked.state.status in ACTIVE:
                        _end_deserted(tracked)
                finally:
                    os.close(lock)
            else:
                _signal(tracked.folder, signal.SIGTERM)
            return tracked.show()

    def pause(self, run_id: str) -> Run:
        """Ask a running run to hold still; RunNotActive, NotFound."""
        return self._switch(run_id, "running", signal.SIGUSR1)

    def resume(self, run_id: str) -> Run:
        """Let a paused run go on, or queue a stopped, interrupted or failed one to go on from its checkpoint.

        A process that has said its last word may need a moment to be gone; that is waited for. RunNotActive, NotFound.
        """
        with self._mutex:
            tracked = self._find(run_id)
            if tracked.refresh().status == "paused":
                if self._busy() >= self._max_concurrent:
                    raise RunNotActive("another run trains now, and there is room for no more; pause or stop it first")
                return self._switch(run_id, "paused", signal.SIGUSR2)
            _refuse_resuming(tracked)
        lock = _take_lock_soon(tracked.folder)
        with self._mutex:
            try:
                _refuse_resuming(tracked)
                tracked.folder.stop_marker.unlink(missing_ok=True)
                tracked.write_status("queued")
                tracked.folder.lock.write_text("")
                tracked.launched = False
            finally:
                os.close(lock)
            self.tend()
            return tracked.show()

    def run(self, run_id: str) -> Run:
        """One run as it stands; NotFound."""
        with self._mutex:
            return self._find(run_id).show()

    def runs(self) -> list[Run]:
        """Every run, the newest first."""
        with self._mutex:
            shown = [tracked.show() for tracked in self._runs.values()]
        return sorted(shown, key=lambda run: (run.created_at, run.id), reverse=True)

    def run_folder(self, run_id: str) -> Path:
        """Where a run's files are; NotFound."""
        with self._mutex:
            return self._find(run_id).folder.path

    def read_messages(self, run_id: str, offset: int) -> tuple[list[LiveMessage], int]:
        """The messages of a run from a byte offset on, and the offset to ask from next; NotFound."""
        lines, after = self._find(run_id).folder.read_lines(offset)
        return decode_messages(lines), after

    def tend(self) -> None:
        """Notice runs whose process is gone without a word, and start queued ones; cheap, and never waits."""
        with self._mutex:
            self._launches = [thread for thread in self._launches if thread.is_alive()]
            for tracked in self._runs.values():
                if tracked.owed is not None and time.monotonic() >= tracked.owed_until:
                    tracked.end(*tracked.owed)
            busy, queued = 0, []
            for tracked in [tracked for tracked in self._runs.values() if tracked.state.status in ACTIVE]:
                if tracked.refresh().status not in ACTIVE:
                    continue
                held = tracked.folder.is_locked()
                status = tracked.refresh().status
                if held:
                    busy += status in ("queued", "running")
                elif status == "queued" and not tracked.launched and not tracked.folder.last_words():
                    queued.append(tracked)
                elif status in ACTIVE:
                    _end_deserted(tracked)
            queued.sort(key=lambda tracked: (tracked.request.created_at, tracked.request.id))
            for tracked in queued[: max(0, self._max_concurrent - busy)]:
                self._launch(tracked)

    def adopt_external_trainer(self, trainer: Trainer) -> None:
        """Train every run started from now on with this trainer; it must be picklable and importable from a fresh process.

        Its name is kept with the run; a run resumed after a restart needs the same trainer adopted again. InvalidRequest for the
        name of a built-in trainer.
        """
        if trainer.name in BUILT_IN_TRAINERS:
            raise InvalidRequest(f"a trainer may not be called {trainer.name!r}: a built-in trainer has that name")
        with self._mutex:
            self._trainers[trainer.name] = pickle.dumps(trainer)
            self._adopted = trainer.name

    def reset_to_fresh_model(self, run_id: str) -> Run:
        """Stop a run if it is active and start a new one of the same design and settings from fresh weights; NotFound."""
        with self._mutex:
            tracked = self._find(run_id)
            if tracked.refresh().status in ACTIVE:
                self.stop(run_id)
            design = decode_design(tracked.folder.design.read_bytes())
            return self.start(design, tracked.request.config)

    def close(self) -> None:
        """Let go; runs live on."""
        for thread in self._launches:
            thread.join()

    def _find(self, run_id: str) -> _Tracked:
        try:
            return self._runs[run_id]
        except KeyError:
            raise NotFound(f"there is no run {run_id}") from None

    def _active(self, run_id: str) -> _Tracked:
        tracked = self._find(run_id)
        status = tracked.refresh().status
        if status not in ACTIVE:
            raise RunNotActive(f"run {run_id} is {status}")
        return tracked

    def _busy(self) -> int:
        """How many processes compute, or are about to; a paused one does not."""
        held = (tracked for tracked in self._runs.values() if tracked.state.status in ACTIVE and tracked.folder.is_locked())
        return sum(tracked.refresh().status in ("queued", "running") for tracked in held)

    def _switch(self, run_id: str, expected: RunStatus, number: signal.Signals) -> Run:
        with self._mutex:
            tracked = self._active(run_id)
            if tracked.state.status != expected:
                raise RunNotActive(f"run {run_id} is {tracked.state.status}, not {expected}")
            _signal(tracked.folder, number)
            return tracked.show()

    def _launch(self, tracked: _Tracked) -> None:
        """Start a queued run in a thread of its own, since the fork server may still be loading torch."""
        lock = tracked.folder.take_lock()
        if lock is None:
            return
        tracked.launched = True
        tracked.folder.lock.write_text("")
        name = tracked.request.trainer
        if tracked.request.is_adopted and name not in self._trainers:
            tracked.end("failed", f"this run is trained by {name}, which has not been adopted")
            os.close(lock)
            return
        trainer = self._trainers[name] if tracked.request.is_adopted else None
        limit = self._memory_limit_bytes
        thread = threading.Thread(target=_start_process, args=(tracked, lock, trainer, limit), daemon=True)
        self._launches.append(thread)
        thread.start()


def _refuse_what_cannot_fit(design: ModelArchitecture, config: TrainConfig, limit: int) -> None:
    """InvalidRequest for a run that would surely be ended by its limit; what may fit is tried."""
    sizes = analyse(design).sizes
    least = least_training_bytes(sizes, config)
    if least > limit:
        fits = largest_microbatch(sizes, config, limit)
        way = f"a microbatch_size of {fits} fits" if fits else "a smaller network or rollout needs less"
        raise InvalidRequest(f"this run needs at least {least / 1e6:,.0f} MB and may take {limit / 1e6:,.0f} MB; {way}")


def _end_deserted(tracked: _Tracked) -> None:
    """End a run that nobody trains any more, with what its process could still say, if anything."""
    words = tracked.folder.last_words()
    if words is not None:
        tracked.end("failed", words)
    elif tracked.state.status == "queued":
        tracked.end("failed", "the training process ended without a word; resume to try again")
    else:
        tracked.end("interrupted", "the training process is gone; resume to go on from the last checkpoint")


def _refuse_resuming(tracked: _Tracked) -> None:
    status = tracked.refresh().status
    if status in ACTIVE or status == "finished":
        raise RunNotActive(f"run {tracked.request.id} is {status} and cannot be resumed")
    if not tracked.folder.path.is_dir():
        raise RunNotActive(f"{FILES_GONE}; it cannot be resumed")


def _take_lock_soon(folder: RunFolder) -> int:
    deadline = time.monotonic() + LAST_MOMENT_S
    while (lock := folder.take_lock()) is None:
        if time.monotonic() > deadline:
            raise RunNotActive(f"run {folder.path.name} is still ending; try again in a moment")
        time.sleep(0.005)
    return lock


def _start_process(tracked: _Tracked, lock: int, trainer: bytes | None, memory_limit_bytes: int | None) -> None:
    folder = tracked.folder
    try:
        start_detached(
            "backend.training.run_process:train",
            str(folder.path),
            trainer,
            memory_limit_bytes,
            lock=lock,
            log=folder.log,
            on_death="backend.training.run_folder:record_death",
        )
    except (OSError, EOFError, ProcessFailed) as error:
        logger.exception("run %s could not be started", tracked.request.id)
        sentence = f"the training process could not be started: {error}; resume to try again"
        record_death(str(folder.path), None, None, sentence, False)
    finally:
        os.close(lock)


def _signal(folder: RunFolder, number: signal.Signals) -> None:
    """Signal a trainer; one that has not come so far yet finds the stop marker, one that is gone needs nothing."""
    pid = folder.trainer_pid()
    if pid is not None:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            logger.info("trainer %d ended before the signal reached it", pid)


def _track(path: Path) -> _Tracked | None:
    """A run found on disk; None for what is not one or can no longer be read. A folder a crash left unfinished is removed."""
    if RunFolder.is_unfinished(path):
        shutil.rmtree(path)
        return None
    if not (path / "run.json").exists():
        return None
    folder = RunFolder(path)
    try:
        tracked = _Tracked(folder, folder.request, RunState())
        tracked.refresh()
    except (OSError, ValueError, msgspec.DecodeError):
        logger.exception("run %s cannot be read and is left out", path.name)
        return None
    return tracked
