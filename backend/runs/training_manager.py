"""Starts, stops, pauses and finds training runs; a run is a folder and a process that outlives this one. No torch, no server."""

import heapq
import logging
import os
import pickle
import shutil
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, TypeVar

import msgspec

from backend.designs.generated_files import write_generated
from backend.errors import AlreadyExists, InvalidRequest, NotFound, ProcessFailed, RunActive, RunEnding, RunNotActive, RunUnusable
from backend.ids import new_id
from backend.process.durable import sync_folder
from backend.process.process import start_detached
from backend.runs.capacity import refuse_large_rollout, refuse_what_cannot_fit
from backend.runs.journal import create_run_folder, on_trainer_exit
from backend.runs.line_file import line_start
from backend.runs.run_folder import ACTIVE, BUILT_IN_TRAINERS, FILES_GONE, REQUEST, RunRequest, decode_messages, now
from backend.runs.stopping import Escalation, ask_to_stop, signal_trainer
from backend.runs.tracked_run import LOST, TrackedRun, deleted_path, find_runs, sentence_for, take_lock_soon
from backend.runs.vitals import Limits, Vitals
from backend.training.trainer import Trainer
from shared_py.decoding import decode_design
from shared_py.design import ModelArchitecture
from shared_py.presets import DEFAULT_SETTINGS
from shared_py.protocol import LiveMessage, Run, RunStatus
from shared_py.training_config import TrainConfig

logger = logging.getLogger(__name__)

LAST_MOMENT_S = 5.0
"""for a process that has said its last word to be gone"""
BLIND_S = 5.0
"""without a look at the runs: then this process was suspended, and perhaps the whole machine"""
MAX_LAUNCH_S = 30.0

P = ParamSpec("P")
T = TypeVar("T")


def _needs_files(method: Callable[P, T]) -> Callable[P, T]:
    """Turn an error of files that the server may not use into RunUnusable."""

    @wraps(method)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except OSError as error:
            if error.errno not in LOST:
                raise
            raise RunUnusable(sentence_for(error)) from error

    return checked


class TrainingManager:
    """All runs below one folder. Methods may be called from any thread; `poll_runs` is to be called about ten times a second."""

    def __init__(
        self,
        runs_dir: Path,
        generated_dir: Path,
        *,
        max_concurrent: int = 1,
        memory_limit_bytes: int | None = None,
        limits: Limits | None = None,
    ) -> None:
        """`memory_limit_bytes` is what each run may take beside a loaded torch; None, as beside a card: all there is."""
        self._runs_dir, self._generated_dir = runs_dir, generated_dir
        self._max_concurrent, self._memory_limit_bytes = max_concurrent, memory_limit_bytes
        self._limits = limits or Limits()
        self._mutex = threading.RLock()
        self._trainers: dict[str, bytes] = {}
        self._adopted: str | None = None
        self._launches: list[threading.Thread] = []
        self._tended_s, self._awake_since_s = time.monotonic(), 0.0
        self._queue: list[tuple[tuple[int, str, str], str]] = []
        """a heap of the order and the name of runs that wait; some may have left it since"""
        self._changed: set[str] = set()
        """runs that may have lines nobody has asked for yet"""
        runs_dir.mkdir(parents=True, exist_ok=True)
        found, self._deleted = find_runs(runs_dir, self._limits)
        self._last_sequence = max((tracked.request.sequence for tracked in found), default=0)
        self._runs = {tracked.folder.path.name: tracked for tracked in found}
        """the oldest first"""
        self._watched = {name: tracked for name, tracked in self._runs.items() if tracked.is_active}
        """runs that have, or may have, a process, and those with an end to be written; all others cost nothing"""

    def start(self, design: ModelArchitecture, config: TrainConfig = DEFAULT_SETTINGS, *, run_id: str | None = None) -> Run:
        """Write a new run and start it, or leave it queued behind others; InvalidDesign, InvalidRequest, AlreadyExists."""
        refuse_large_rollout(config)
        generated = write_generated(design, self._generated_dir)
        if self._memory_limit_bytes is not None:
            refuse_what_cannot_fit(design, config, self._memory_limit_bytes)
        with self._mutex:
            name, sequence = run_id or new_id("r"), self._last_sequence + 1
            trainer, adopted = self._adopted or config.algorithm, self._adopted is not None
            asked = (name, design.id, generated.design_hash, now(), config, generated.config)
            request = RunRequest(*asked, trainer, adopted, sequence)
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

        A process that does not end is reminded and then killed by `poll_runs`, within the `Limits`.
        """
        with self._mutex:
            tracked = self._active(run_id)
            with suppress(OSError):  # on a full disk the signal must do
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
        """Ask a running run to hold still; RunNotActive, also for one that does not respond, NotFound."""
        return self._switch(run_id, "running", signal.SIGUSR1)

    @_needs_files
    def resume(self, run_id: str, patience_s: float = LAST_MOMENT_S) -> Run:
        """Let a paused run go on, or queue a stopped, interrupted or failed one to go on from its checkpoint.

        A process that has written its last line may need a moment to exit: it is given `patience_s`. RunNotActive, RunEnding,
        RunUnusable, NotFound.
        """
        with self._mutex:
            tracked = self._find(run_id)
            if tracked.refresh().status == "paused":
                if self._busy() >= self._max_concurrent:
                    raise RunNotActive("another run trains now, and there is room for no more; pause or stop it first")
                return self._switch(run_id, "paused", signal.SIGUSR2)
            _refuse_resuming(tracked)
        if (lock := take_lock_soon(tracked.folder, patience_s)) is None:
            self._watch_again(tracked)
            raise RunEnding(f"the process of run {run_id} is still ending; try again in a moment")
        with self._mutex:
            try:
                _refuse_resuming(tracked)
                tracked.settle(False)
                tracked.folder.stop_marker.unlink(missing_ok=True)
                tracked.write_status("queued")
                tracked.folder.lock.write_text("")
                tracked.launched = False
            finally:
                os.close(lock)
            self._enqueue(run_id)
            self._poll_now()
            return tracked.show()

    def run(self, run_id: str) -> Run:
        """One run as it stands; NotFound."""
        with self._mutex:
            return self._find(run_id).show()

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
        """The runs that may have written lines since this was last called."""
        with self._mutex:
            changed, self._changed = self._changed.union(self._watched), set()
            return changed

    def line_start(self, run_id: str, offset: int) -> int:
        """Where in a run's lines reading can go on that had come to an offset: there, unless the file is no longer the same."""
        return line_start(self._find(run_id).folder.metrics, offset)

    @_needs_files
    def delete(self, run_id: str, patience_s: float = LAST_MOMENT_S) -> str:
        """Take a run that has ended out of the list, for good, and give its design; `empty_deleted` then frees its space.

        Its process is given `patience_s` to exit. RunActive, RunEnding, RunUnusable, NotFound.
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
                if lock is not None:
                    self.remove_deleted(run_id)  # what is left of an earlier run of that name
                    folder.path.rename(deleted_path(self._runs_dir, run_id))
                    sync_folder(self._runs_dir)
            finally:
                if lock is not None:
                    os.close(lock)
            self._deleted[run_id] = tracked.request.design_id
            del self._runs[run_id]
            self._watched.pop(run_id, None)
            return tracked.request.design_id

    def deleted_runs(self) -> list[tuple[str, str]]:
        """The deleted runs whose files are still there, also those a crash left behind, and their designs."""
        with self._mutex:
            return sorted(self._deleted.items())

    def empty_deleted(self, run_id: str) -> None:
        """Remove the files of a deleted run except `run.json`, from which a restart knows its design; OSError."""
        with suppress(FileNotFoundError):
            for path in deleted_path(self._runs_dir, run_id).iterdir():
                if path.is_dir():
                    _remove_tree(path)
                elif path.name != REQUEST:
                    path.unlink(missing_ok=True)

    def remove_deleted(self, run_id: str) -> None:
        """Remove the folder of a deleted run; OSError where that is not possible."""
        _remove_tree(deleted_path(self._runs_dir, run_id))
        with self._mutex:
            self._deleted.pop(run_id, None)

    def run_folder(self, run_id: str) -> Path:
        """Where a run's files are; NotFound."""
        with self._mutex:
            return self._find(run_id).folder.path

    def read_messages(self, run_id: str, offset: int) -> tuple[list[LiveMessage], int]:
        """The messages of a run from a byte offset on, and the offset to ask from next; NotFound."""
        lines, after = self._find(run_id).folder.read_lines(offset)
        return decode_messages(lines, run_id), after

    def poll_runs(self) -> None:
        """Look after the processes of active runs, and start queued ones; cheap, and never waits."""
        with self._mutex:
            now_s = time.monotonic()
            if now_s - self._tended_s > BLIND_S:
                self._awake_since_s = now_s
            self._tended_s = now_s
            self._launches = [thread for thread in self._launches if thread.is_alive()]
            self._changed.update(self._watched)
            self._watched = {name: run for name, run in self._watched.items() if self._look_after_safely(name, run, now_s)}
            free = self._max_concurrent - self._busy()
            while self._queue and free > 0:
                free -= self._launch_safely(self._runs.get(heapq.heappop(self._queue)[1]))

    def _poll_now(self) -> None:
        """Start what can be started after a request; the request is done, so an error here is no error of it."""
        try:
            self.poll_runs()
        except Exception:
            logger.exception("the runs could not be looked after")

    def _look_after_safely(self, name: str, tracked: TrackedRun, now_s: float) -> bool:
        """Look after one run; an error of its files concerns this run alone."""
        try:
            return self._look_after(name, tracked, now_s)
        except (OSError, ValueError, RecursionError, msgspec.DecodeError) as error:
            tracked.note_trouble(error)
            if isinstance(error, OSError) and error.errno in LOST:
                tracked.fail_unusable(error)
                return False
            return True

    def _launch_safely(self, tracked: TrackedRun | None) -> bool:
        """Start a run of the queue; where its files cannot be used, it fails and the next one has its turn."""
        try:
            return self._launch(tracked)
        except OSError as error:
            assert tracked is not None
            tracked.note_trouble(error)
            if error.errno not in LOST:
                self._enqueue(tracked.request.id)
                return True  # another time; it counts, so that this round ends
            tracked.fail_unusable(error)
            self._watched.pop(tracked.request.id, None)
            return False

    def _look_after(self, name: str, tracked: TrackedRun, now_s: float) -> bool:
        """Notice what became of a run's process; false when it needs no more looking after."""
        tracked.refresh()
        is_held = tracked.is_held()
        tracked.refresh()
        if is_held:
            is_watched = tracked.owed is not None or tracked.look_after_process(self._limits, now_s, self._awake_since_s)
            if is_watched or tracked.owed is not None:
                return True
        elif tracked.owed is not None:
            tracked.write_pending()
        elif tracked.state.status == "queued" and not tracked.launched and not tracked.folder.last_words():
            self._enqueue(name)
            return False
        elif tracked.is_active:
            tracked.mark_interrupted()
        if tracked.owed is None:
            tracked.settle(True)
        return tracked.owed is not None

    def _enqueue(self, name: str) -> None:
        heapq.heappush(self._queue, (self._runs[name].request.order, name))
        self._changed.add(name)

    def _watch_again(self, tracked: TrackedRun) -> None:
        """See to it that a process that has outlived its run ends."""
        with self._mutex:
            tracked.is_settled = False
            self._watched[tracked.request.id] = tracked

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
            thread.join(MAX_LAUNCH_S)

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

    def _busy(self) -> int:
        """How many processes compute, or are about to; a paused one does not."""
        busy = 0
        for tracked in self._watched.values():
            with suppress(OSError):  # `poll_runs` makes an end of such a run, or looks again
                busy += tracked.is_active and tracked.is_held() and tracked.refresh().status in ("queued", "running")
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
        """Start a run of the queue in a thread of its own, since the fork server may still be loading torch.

        False for one that has left the queue meanwhile.
        """
        if tracked is None or tracked.launched or tracked.refresh().status != "queued":
            return False
        self._watched[tracked.request.id] = tracked
        lock = tracked.folder.take_lock()
        if lock is None:
            return False
        tracked.launched = True
        tracked.vitals = Vitals(self._limits, time.monotonic())
        tracked.folder.heartbeat.unlink(missing_ok=True)
        tracked.folder.lock.write_text("")
        name = tracked.request.trainer
        if tracked.request.is_adopted and name not in self._trainers:
            tracked.end("failed", f"this run is trained by {name}, which has not been adopted")
            os.close(lock)
            return False
        trainer = self._trainers[name] if tracked.request.is_adopted else None
        limit = self._memory_limit_bytes
        thread = threading.Thread(target=_start_process, args=(tracked, lock, trainer, limit), daemon=True)
        self._launches.append(thread)
        thread.start()
        return True


def _refuse_resuming(tracked: TrackedRun) -> None:
    status = tracked.refresh().status
    if status in ACTIVE or status == "finished":
        raise RunNotActive(f"run {tracked.request.id} is {status} and cannot be resumed")
    if not tracked.folder.path.is_dir():
        raise RunNotActive(f"{FILES_GONE}; it cannot be resumed")


def _start_process(tracked: TrackedRun, lock: int, trainer: bytes | None, memory_limit_bytes: int | None) -> None:
    folder = tracked.folder
    try:
        start_detached(
            "backend.runs.trainer_process:train",
            str(folder.path),
            trainer,
            memory_limit_bytes,
            lock=lock,
            log=folder.log,
            on_death="backend.runs.journal:on_trainer_exit",
        )
    except (OSError, EOFError, ProcessFailed) as error:
        logger.exception("run %s could not be started", tracked.request.id)
        sentence = f"the training process could not be started: {error}; resume to try again"
        on_trainer_exit(str(folder.path), None, None, sentence, False)
    finally:
        os.close(lock)


def _remove_tree(path: Path) -> None:
    """Remove a folder; what another thread has removed meanwhile is no error."""

    def fail(_function: object, _path: str, error: tuple[type[BaseException], BaseException, TracebackType]) -> None:
        if not isinstance(error[1], FileNotFoundError):
            raise error[1]

    shutil.rmtree(path, onerror=fail)
