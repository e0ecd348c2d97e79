"""The manager's view of one run: its files, its state computed from `metrics.jsonl`, and its process.

Imports neither torch nor the server.
"""

import errno
import logging
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, TypeVar

import msgspec
from msgspec import Struct

from backend.errors import RunNotActive, RunUnusable, is_disk_full
from backend.runs.capacity import RunBounds
from backend.runs.executors import RESUMES, count_automatic_resume
from backend.runs.failures import DIED_AT_START, DISK_FULL, FILES_GONE, FILES_UNUSABLE, IGNORED_STOP, UNKILLABLE
from backend.runs.heartbeat import read_heartbeat
from backend.runs.journal import Journal
from backend.runs.run_folder import (
    ACTIVE,
    NO_LABELS,
    REQUEST,
    RunFolder,
    RunRequest,
    RunState,
    describe,
    extended,
    fold,
    now,
)
from backend.runs.stopping import Escalation, ask_to_stop, escalate, wake_supervisor
from backend.runs.vitals import Limits, Vitals
from shared_py.protocol import Run, RunLabels, RunStatus
from shared_py.training_config import TrainConfig

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

PERMANENT_FILE_ERRORS = frozenset({errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ELOOP})
"""errors that a retry cannot fix: the files of a run are missing, or the server has no permission"""
RETRY_END_S = 1.0
"""between attempts to write a final status"""
DELETED_SUFFIX = ".deleted"
NO_CHECKPOINT = "this run has no checkpoint left to go on from; train the design anew"


class TrackedRun(Struct):
    """A run as far as its lines have been read."""

    folder: RunFolder
    request: RunRequest
    vitals: Vitals
    state: RunState = msgspec.field(default_factory=RunState)
    labels: RunLabels = NO_LABELS
    offset: int = 0
    launched: bool = False
    """whether its process was started since it was queued"""
    stop: Escalation | None = None
    """progress of ending the process: set when a stop was requested, or when the run has ended but its process has not"""
    pending_end: tuple[RunStatus, str] | None = None
    """a final status, with its reason, that could not be written yet"""
    retry_at_s: float = 0.0
    """when to try to write it again"""
    has_logged_error: bool = False
    """whether an error of its files has been logged, which is done once"""
    is_final: bool = False
    """whether the run has ended and no process is left, so that nothing more is written to its files"""
    _cached: Run | None = None

    @property
    def is_active(self) -> bool:
        """Whether the run is queued, running or paused, as far as its lines have been read."""
        return self.state.status in ACTIVE

    @property
    def is_waiting(self) -> bool:
        """Whether the run is queued, and no process has been started for it."""
        return self.state.status == "queued" and not self.launched

    def refresh(self) -> RunState:
        """Read the lines written since the last call; a run whose files are missing, or cannot be used, has failed.

        After any other error of the disk the state stays as it was.
        """
        if self.is_final:
            return self.state
        try:
            size = self.folder.metrics.stat().st_size
            if size < self.offset:
                self.state, self.offset = RunState(), 0
            while size > self.offset:
                lines, self.offset = self.folder.read_lines(self.offset)
                if not lines:
                    break
                fold(self.state, lines, self.request.id)
        except OSError as error:
            if error.errno not in PERMANENT_FILE_ERRORS:
                self.log_error_once(error)
            elif self.is_active:
                self.state.status, self.state.reason = "failed", sentence_for(error)
        return self.state

    @property
    def config(self) -> TrainConfig:
        """The settings of the run, with its current total of moves."""
        return extended(self.request.config, self.state.total_steps)

    def require_resumable(self, total_steps: int | None = None) -> None:
        """RunNotActive if the run cannot be resumed, or with `total_steps` not given as many moves."""
        status, name = self.refresh().status, self.request.id
        if status in ACTIVE or (status == "finished" and total_steps is None):
            raise RunNotActive(f"run {name} is {status} and cannot be resumed")
        if not self.folder.path.is_dir():
            raise RunNotActive(f"{FILES_GONE}; it cannot be resumed")
        if total_steps is None:
            return
        if total_steps <= self.config.total_steps:
            raise RunNotActive(f"run {name} has {self.config.total_steps:,} moves already; give it more than that")
        if not self.folder.checkpoints():
            raise RunNotActive(NO_CHECKPOINT)

    def queue_again(self, total_steps: int | None = None) -> None:
        """Queue a run that has ended, with `total_steps` for more moves; the caller holds its lock. OSError."""
        self.set_final(False)
        self.folder.forget_stop()
        (self.folder.path / RESUMES).unlink(missing_ok=True)
        self.write_status("queued", total_steps=total_steps)
        self.folder.lock.write_text("")
        self.launched = False

    def is_held(self) -> bool:
        """Whether a trainer or its supervisor is alive; OSError where that cannot be found out."""
        try:
            return self.folder.is_locked()
        except (FileNotFoundError, NotADirectoryError):
            return False

    def log_error_once(self, error: Exception) -> None:
        """Log an error of this run's files, once."""
        if not self.has_logged_error:
            self.has_logged_error = True
            logger.error("run %s cannot be checked: %s", self.request.id, error, exc_info=error)

    def fail_unusable(self, error: OSError) -> None:
        """End a run whose files this server may not use; only in memory, since nothing can be written to them."""
        self.state.status, self.state.reason, self.state.ended_at = "failed", sentence_for(error), now()
        self.set_final(True)

    def set_final(self, is_final: bool) -> None:
        """Note whether the run has ended and no process is left, so that its files will not change any more."""
        self.is_final, self._cached, self.stop = is_final, None, None

    def write_status(self, status: RunStatus, reason: str | None = None, total_steps: int | None = None) -> None:
        """Append a status line after the pending one; the caller holds the lock, or knows that no process holds it."""
        with Journal(self.folder, self.request) as journal:
            if self.pending_end is not None:
                journal.status(*self.pending_end)
                self.pending_end = None
            journal.status(status, reason, total_steps)
        self.refresh()

    def end(self, status: RunStatus, reason: str) -> None:
        """Write the final status of a run whose process has exited; if that fails it is kept in memory and tried again later."""
        is_new, self.pending_end = self.pending_end is None, None
        try:
            self.write_status(status, reason)
        except FileNotFoundError:
            self.refresh()
        except OSError as error:
            if is_new:
                logger.warning("the end of run %s cannot be written yet: %s", self.request.id, error)
            if is_disk_full(error) and not self.folder.exit_reason():
                status, reason = "failed", DISK_FULL
            self._set_pending_end(status, reason)

    def mark_interrupted(self) -> None:
        """End a run whose process has exited without a final status, with the reason that the process left, if any."""
        reason, by_force = self.folder.exit_reason(), self.folder.stopped_by_force()
        if reason is not None:
            self.end("failed", reason)
        elif by_force is not None:
            self.end("stopped", by_force)
        elif self.state.status == "queued":
            self.end("failed", f"{DIED_AT_START}; resume to try again")
        else:
            self.end("interrupted", "the training process exited; resume to continue from the last checkpoint")

    def is_to_launch(self) -> bool:
        """Whether the run is queued and no process was started for it; one with an exit reason could not write how it ended."""
        return self.is_waiting and not self.folder.exit_reason()

    def resume_lost(self, most: int) -> bool:
        """Queue a run whose process has disappeared; false after `most` automatic resumes, or if it was stopped. OSError."""
        folder = self.folder
        if not most or self.state.status not in ("running", "paused"):
            return False
        if folder.exit_reason() is not None or folder.stop_marker.exists():
            return False
        if (count := count_automatic_resume(folder.path, most)) is None:
            return False
        self.write_status("queued", f"the process that followed its training is gone; resumed automatically ({count} of {most})")
        folder.lock.write_text("")
        self.launched = False
        return True

    def write_pending_end(self) -> None:
        """Try again to write the pending final status, unless the process itself has written one meanwhile."""
        if self.pending_end is None or time.monotonic() < self.retry_at_s:
            return
        state, offset = RunState(), 0
        with suppress(FileNotFoundError):
            while (lines_and_offset := self.folder.read_lines(offset))[0]:
                lines, offset = lines_and_offset
                fold(state, lines, self.request.id)
        if state.status in ACTIVE:
            self.end(*self.pending_end)
        else:
            self.state, self.offset, self.pending_end = state, offset, None

    def check_process(self, limits: Limits, now_s: float, awake_since_s: float) -> bool:
        """Check a live process by its heartbeat and continue a requested stop; returns false when even SIGKILL failed."""
        pid, was_responding = self.folder.trainer_pid(), self.vitals.responding
        heartbeat = read_heartbeat(self.folder.heartbeat)
        if self.is_active:
            self.vitals.update(heartbeat, pid, now_s, awake_since_s)
            if was_responding and not self.vitals.responding and pid is not None:
                wake_supervisor(pid)
        elif self.stop is None:
            self.stop = Escalation(now_s, second_request_sent=True)
        if self.stop is None:
            return True
        if not escalate(self.stop, self.folder, limits, heartbeat, now_s, self._by_force(limits)):
            return True
        if self.is_active:
            self._set_pending_end("stopped", UNKILLABLE)
        return False

    def stop_if_too_long(self, bounds: RunBounds) -> None:
        """Stop a run that has trained for longer than the limit."""
        if self.stop is not None or self.state.status != "running":
            return
        reason = bounds.reason_to_stop(self.folder.seconds_since_start())
        if reason is not None:
            self.folder.write_stop_reason(reason)
            with suppress(OSError):  # on a full disk the signal has to be enough
                self.folder.stop_marker.touch()
            self.stop = Escalation(time.monotonic())
            ask_to_stop(self.folder)

    def label(self, labels: RunLabels) -> None:
        """Store what a person wrote about the run; OSError."""
        self.folder.write_labels(labels)
        self.labels, self._cached = labels, None

    def show(self) -> Run:
        """The run as the API returns it."""
        if self._cached is not None:
            return self._cached
        run = describe(self.request, self.refresh(), self.labels)
        if self.is_final:
            self._cached = run
        elif self.is_active and self.vitals.heartbeat is not None:
            beat = self.vitals.heartbeat
            run = msgspec.structs.replace(
                run, responding=self.vitals.responding, last_heartbeat_step=beat.steps, last_heartbeat_at=beat.at
            )
        elif self.is_active:
            run = msgspec.structs.replace(run, responding=self.vitals.responding)
        return run

    def _by_force(self, limits: Limits) -> str:
        way = "go on from the last checkpoint" if self.folder.checkpoint.exists() else "begin again"
        steps = self.vitals.heartbeat.steps if self.vitals.heartbeat is not None else self.state.steps
        moves = f"{steps:,} move" if steps == 1 else f"{steps:,} moves"
        return f"{IGNORED_STOP} for {limits.stop_s:g} s and was killed after {moves}; resume to {way}"

    def _set_pending_end(self, status: RunStatus, reason: str) -> None:
        self.state.status, self.state.reason, self.state.ended_at = status, reason, now()
        self.pending_end, self.retry_at_s = (status, reason), time.monotonic() + RETRY_END_S


def needs_files(method: Callable[P, T]) -> Callable[P, T]:
    """Turn an error of files that the server may not use into RunUnusable."""

    @wraps(method)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except OSError as error:
            if error.errno not in PERMANENT_FILE_ERRORS:
                raise
            raise RunUnusable(sentence_for(error)) from error

    return checked


def find_runs(runs_dir: Path, limits: Limits) -> tuple[list[TrackedRun], dict[str, str]]:
    """The runs of a folder, the oldest first, and the designs of deleted runs whose files are still there.

    Unfinished folders, left by a crash, are removed.
    """
    runs, deleted = [], {}
    for path in runs_dir.iterdir():
        if RunFolder.is_unfinished(path):
            shutil.rmtree(path, onerror=_log_what_stays)
        elif path.name.startswith(".") and path.name.endswith(DELETED_SUFFIX):
            deleted[path.name[1 : -len(DELETED_SUFFIX)]] = _design_of(path)
        elif (tracked := _find_run(path, limits)) is not None:
            runs.append(tracked)
    return sorted(runs, key=lambda tracked: tracked.request.order), deleted


def deleted_path(runs_dir: Path, run_id: str) -> Path:
    """The path of the folder of a deleted run; no run can have that name."""
    return runs_dir / f".{run_id}{DELETED_SUFFIX}"


def _find_run(path: Path, limits: Limits) -> TrackedRun | None:
    """A run on disk; None for a folder that is not one, or cannot be read."""
    folder = RunFolder(path)
    try:
        if not (path / REQUEST).exists():
            return None
        tracked = TrackedRun(folder, folder.request, Vitals(limits), labels=folder.read_labels())
        tracked.refresh()
        is_stopping = tracked.folder.stop_marker.exists()
    except (OSError, ValueError, RecursionError, msgspec.DecodeError):
        logger.exception("run %s cannot be read and is left out", path.name)
        return None
    if tracked.is_active and is_stopping:
        tracked.stop = Escalation(time.monotonic())
    tracked.is_final = not tracked.is_active
    return tracked


def _design_of(path: Path) -> str:
    """The design of a run's folder; an empty text where it can no longer be read."""
    try:
        return RunFolder(path).request.design_id
    except (OSError, ValueError, RecursionError, msgspec.DecodeError):
        return ""


def _log_what_stays(_function: object, path: str, error: tuple[type[BaseException], BaseException, TracebackType]) -> None:
    logger.warning("%s, left by a crash, cannot be removed: %s", path, error[1])


def sentence_for(error: OSError) -> str:
    """Why this server cannot use the files of a run, and what to do."""
    if error.errno == errno.ENOENT:
        return FILES_GONE
    return f"{FILES_UNUSABLE} ({error.strerror}); make them its own, then restart the server"


def take_lock_soon(folder: RunFolder, patience_s: float) -> int | None:
    """The lock of a run whose process may need a moment to exit; None where it is held for longer."""
    deadline = time.monotonic() + patience_s
    while (lock := folder.take_lock()) is None and time.monotonic() <= deadline:
        time.sleep(0.005)
    return lock
