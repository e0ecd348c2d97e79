"""One run as the manager knows it: its files, what their lines amount to, and how its process fares. No torch, no server."""

import errno
import logging
import shutil
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import msgspec
from msgspec import Struct

from backend.errors import is_disk_full
from backend.runs.heartbeat import read_heartbeat
from backend.runs.journal import Journal
from backend.runs.run_folder import ACTIVE, DISK_FULL, FILES_GONE, REQUEST, RunFolder, RunRequest, RunState, describe, fold, now
from backend.runs.stopping import Escalation, escalate, wake_supervisor
from backend.runs.vitals import Limits, Vitals
from shared_py.protocol import Run, RunStatus

logger = logging.getLogger(__name__)

LOST = frozenset({errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ELOOP})
"""errors that do not pass by themselves: the files of a run are gone, or are not the server's to use"""
OWED_FOR_S = 1.0
"""between attempts to write an end that could not be written"""
DELETED_SUFFIX = ".deleted"
UNKILLABLE = "its process does not end even when killed, as when a disk or a device hangs; restart the machine if it stays so"


class TrackedRun(Struct):
    """A run as far as its lines have been read."""

    folder: RunFolder
    request: RunRequest
    vitals: Vitals
    state: RunState = msgspec.field(default_factory=RunState)
    offset: int = 0
    launched: bool = False
    """whether its process was started since it was queued"""
    stop: Escalation | None = None
    """since a stop was asked for, or since the run has ended and its process has not"""
    owed: tuple[RunStatus, str] | None = None
    """an end that is known and could not be written yet"""
    owed_until: float = 0.0
    """when to try to write it again"""
    is_in_trouble: bool = False
    """whether an error of its files has been logged"""
    is_settled: bool = False
    """whether the run has ended and no process is left, so that nothing more is written to its files"""
    _shown: Run | None = None

    @property
    def is_active(self) -> bool:
        """Whether the run is queued, running or paused, as far as its lines have been read."""
        return self.state.status in ACTIVE

    def refresh(self) -> RunState:
        """Take in the lines written since; a run whose files were taken away, or cannot be used, has failed.

        After any other error of the disk the state is that of the last look.
        """
        if self.is_settled:
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
            if error.errno not in LOST:
                self.note_trouble(error)
            elif self.is_active:
                self.state.status, self.state.reason = "failed", sentence_for(error)
        return self.state

    def is_held(self) -> bool:
        """Whether a trainer or its supervisor lives; OSError where that cannot be told."""
        try:
            return self.folder.is_locked()
        except (FileNotFoundError, NotADirectoryError):
            return False

    def note_trouble(self, error: Exception) -> None:
        """Log an error of this run's files, once."""
        if not self.is_in_trouble:
            self.is_in_trouble = True
            logger.error("run %s cannot be looked after: %s", self.request.id, error, exc_info=error)

    def fail_unusable(self, error: OSError) -> None:
        """End a run whose files this server may not use, in memory alone, since nothing can be written to them."""
        self.state.status, self.state.reason, self.state.ended_at = "failed", sentence_for(error), now()
        self.settle(True)

    def settle(self, is_settled: bool) -> None:
        """Note that nothing more will be written to the run's files, or that something may be again."""
        self.is_settled, self._shown, self.stop = is_settled, None, None

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
            self._owe(status, reason)

    def mark_interrupted(self) -> None:
        """End a run that nobody trains any more, with what its process could still say, if anything."""
        words, by_force = self.folder.last_words(), self.folder.stopped_by_force()
        if words is not None:
            self.end("failed", words)
        elif by_force is not None:
            self.end("stopped", by_force)
        elif self.state.status == "queued":
            self.end("failed", "the training process ended without a word; resume to try again")
        else:
            self.end("interrupted", "the training process is gone; resume to go on from the last checkpoint")

    def write_pending(self) -> None:
        """Try again to write the end that is owed, unless the process itself has written one meanwhile."""
        if self.owed is None or time.monotonic() < self.owed_until:
            return
        told, offset = RunState(), 0
        with suppress(FileNotFoundError):
            while (read := self.folder.read_lines(offset))[0]:
                lines, offset = read
                fold(told, lines, self.request.id)
        if told.status in ACTIVE:
            self.end(*self.owed)
        else:
            self.state, self.offset, self.owed = told, offset, None

    def look_after_process(self, limits: Limits, now_s: float, awake_since_s: float) -> bool:
        """Judge a living process by its heartbeat and go on with a stop; false when the process is to be left to itself."""
        pid, was_responding = self.folder.trainer_pid(), self.vitals.responding
        heartbeat = read_heartbeat(self.folder.heartbeat)
        if self.is_active:
            self.vitals.look(heartbeat, pid, now_s, awake_since_s)
            if was_responding and not self.vitals.responding and pid is not None:
                wake_supervisor(pid)
        elif self.stop is None:
            self.stop = Escalation(now_s, is_reminded=True)
        if self.stop is None:
            return True
        if not escalate(self.stop, self.folder, limits, heartbeat, now_s, self._by_force(limits)):
            return True
        if self.is_active:
            self._owe("stopped", UNKILLABLE)
        return False

    def show(self) -> Run:
        """The run as the API shows it."""
        if self._shown is not None:
            return self._shown
        run = describe(self.request, self.refresh())
        if self.is_settled:
            self._shown = run
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
        return f"it did not respond to a stop for {limits.stop_s:g} s and was killed after {moves}; resume to {way}"

    def _owe(self, status: RunStatus, reason: str) -> None:
        self.state.status, self.state.reason, self.state.ended_at = status, reason, now()
        self.owed, self.owed_until = (status, reason), time.monotonic() + OWED_FOR_S


def find_runs(runs_dir: Path, limits: Limits) -> tuple[list[TrackedRun], dict[str, str]]:
    """The runs of a folder, the oldest first, and the designs of deleted runs of which a crash has left files.

    What a crash left unfinished is removed.
    """
    found, deleted = [], {}
    for path in runs_dir.iterdir():
        if RunFolder.is_unfinished(path):
            shutil.rmtree(path, onerror=_log_what_stays)
        elif path.name.startswith(".") and path.name.endswith(DELETED_SUFFIX):
            deleted[path.name[1 : -len(DELETED_SUFFIX)]] = _design_of(path)
        elif (tracked := _find_run(path, limits)) is not None:
            found.append(tracked)
    return sorted(found, key=lambda tracked: tracked.request.order), deleted


def deleted_path(runs_dir: Path, run_id: str) -> Path:
    """What the folder of a run is called once it is deleted; no run can have that name."""
    return runs_dir / f".{run_id}{DELETED_SUFFIX}"


def _find_run(path: Path, limits: Limits) -> TrackedRun | None:
    """A run found on disk; None for what is not one or can no longer be read."""
    folder = RunFolder(path)
    try:
        if not (path / REQUEST).exists():
            return None
        tracked = TrackedRun(folder, folder.request, Vitals(limits))
        tracked.refresh()
        is_stopping = tracked.folder.stop_marker.exists()
    except (OSError, ValueError, RecursionError, msgspec.DecodeError):
        logger.exception("run %s cannot be read and is left out", path.name)
        return None
    if tracked.is_active and is_stopping:
        tracked.stop = Escalation(time.monotonic())
    tracked.is_settled = not tracked.is_active
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
    """Why the files of a run are lost to this server, and what to do."""
    if error.errno == errno.ENOENT:
        return FILES_GONE
    return f"the server cannot use the files of this run ({error.strerror}); make them its own, then restart the server"


def take_lock_soon(folder: RunFolder, patience_s: float) -> int | None:
    """The lock of a run whose process may need a moment to be gone; None where it is held for longer."""
    deadline = time.monotonic() + patience_s
    while (lock := folder.take_lock()) is None and time.monotonic() <= deadline:
        time.sleep(0.005)
    return lock
