"""A run on disk: what was asked, the lines that tell what happened, and the lock its trainer holds; no torch, no server.

The state of a run is a fold over the lines of `metrics.jsonl`. Only who holds the lock writes lines: the trainer while it
lives, its supervisor after it, the manager before and after both.
"""

import errno
import fcntl
import logging
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import Struct

from backend.process.durable import sync_folder, write_durably
from backend.runs.checkpoint_files import Summary, read_summary
from backend.runs.line_file import read_lines
from shared_py.design import ModelArchitecture, canonical_bytes
from shared_py.protocol import (
    CheckpointCreated,
    Count,
    Evaluation,
    GeneratedSource,
    LiveMessage,
    Run,
    RunPhase,
    RunStatus,
    RunStatusChanged,
    TrainingUpdate,
)
from shared_py.training_config import Algorithm, TrainConfig

ACTIVE: frozenset[RunStatus] = frozenset({"queued", "running", "paused"})
DISK_FULL = "no space left on the server's disk; free some and resume"
FILES_GONE = "the files of this run are gone"
BUILT_IN_TRAINERS: frozenset[str] = frozenset(get_args(Algorithm))
"""names of the trainers that `algorithm` chooses from; no adopted trainer may have one of them"""
REQUEST = "run.json"
LEGACY_BUILTIN_NAME = "ppo"
"""what `run.json` called every built-in trainer before it had `adopted`"""
UNFINISHED_SUFFIX = ".new"


class RunRequest(Struct, frozen=True):
    """What was asked for, `run.json`."""

    id: str
    design_id: str
    design_hash: str
    created_at: str
    config: TrainConfig
    model_config: dict[str, int]
    """what the generated constructor takes"""
    trainer: str = LEGACY_BUILTIN_NAME
    """name of the trainer; of a built-in one, the algorithm (older files say `ppo` for each of them)"""
    adopted: bool | None = None
    """whether the trainer was adopted; null in older files, where the name tells"""
    sequence: int = 0
    """counts the runs of a data folder in the order of their requests; 0 for runs of older versions, which come before all"""

    @property
    def order(self) -> tuple[int, str, str]:
        """The place among all runs, the oldest first; a clock that was set back decides only among runs without a sequence."""
        return self.sequence, self.created_at, self.id

    @property
    def is_adopted(self) -> bool:
        """Whether an adopted trainer trains; otherwise the built-in one that `algorithm` chooses."""
        return self.trainer != LEGACY_BUILTIN_NAME if self.adopted is None else self.adopted

    @property
    def values_boards(self) -> bool:
        """Whether the network learned to value boards after a move."""
        return not self.is_adopted and self.config.algorithm == "afterstate_td"


class StatusLine(RunStatusChanged, frozen=True, tag="run_status", tag_field="type"):
    """A change of status with the time it happened."""

    at: str | None = None


Line = TrainingUpdate | StatusLine | Evaluation | CheckpointCreated


class _Glance(Struct):
    """The few fields of any line that the state of a run is folded from; the others are skipped unread."""

    type: str
    run_id: str | None = None
    status: RunStatus = "queued"
    reason: str | None = None
    at: str | None = None
    steps: Count = 0
    score: float | None = None
    phase: RunPhase | None = None
    warning: str | None = None


logger = logging.getLogger(__name__)
_encoder = msgspec.json.Encoder()
_glance_decoder = msgspec.json.Decoder(_Glance)
_status_decoder = msgspec.json.Decoder(StatusLine)
_STATUS_LINE = b'{"type":"run_status",'
_message_decoder = msgspec.json.Decoder(LiveMessage)
_request_decoder = msgspec.json.Decoder(RunRequest)


def now() -> str:
    """The time in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class RunState(Struct):
    """What the lines read so far amount to."""

    status: RunStatus = "queued"
    reason: str | None = None
    steps: int = 0
    score: float | None = None
    best_score: float | None = None
    started_at: str | None = None
    ended_at: str | None = None
    phase: RunPhase | None = None
    warning: str | None = None
    saved_steps: int | None = None
    """moves played at the newest checkpoint"""

    def add(self, line: bytes, run_id: str) -> None:
        """Take in one line; one of another run changes nothing."""
        seen = _glance_decoder.decode(line)
        if seen.run_id != run_id:
            return
        if seen.type == "training_update":
            self.steps, self.score = seen.steps, seen.score
        elif seen.type == "checkpoint_created":
            self.saved_steps, self.steps = seen.steps, max(self.steps, seen.steps)
            if seen.score is not None:
                self.best_score = max(seen.score, self.best_score or seen.score)
        elif seen.type == "run_status":
            self.status, self.reason, self.phase, self.warning = seen.status, seen.reason, seen.phase, seen.warning
            if seen.status == "stopped" and self.saved_steps is not None:
                self.steps = self.saved_steps  # it will go on from there, and moves of a rollout that was cut are played again
            if seen.status == "running" and self.started_at is None:
                self.started_at = seen.at
            self.ended_at = None if seen.status in ACTIVE else seen.at


class RunFolder:
    """The files of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.design, self.model, self.metrics = path / "design.json", path / "model.py", path / "metrics.jsonl"
        self.lock, self.stop_marker, self.log = path / "lock", path / "stop", path / "log.txt"
        self.heartbeat = path / "heartbeat"
        self.checkpoint, self.best, self._spaced = path / "checkpoint.pt", path / "best.pt", path / "spaced"
        self.previous, self.exports = path / "previous.pt", path / "exports"

    @classmethod
    def create(cls, path: Path, request: RunRequest, design: ModelArchitecture, generated: GeneratedSource) -> "RunFolder":
        """Write a new run, queued, so that it is there as a whole or not at all; FileExistsError if the id is taken."""
        if path.exists():
            raise FileExistsError(path)
        unfinished = path.with_name(f".{path.name}{UNFINISHED_SUFFIX}")
        unfinished.mkdir(parents=True)
        folder = cls(unfinished)
        try:
            write_durably(unfinished / REQUEST, _encoder.encode(request))
            write_durably(folder.design, canonical_bytes(design))
            write_durably(folder.model, generated.source.encode())
            folder.lock.touch()
            with Journal(folder, request) as journal:
                journal.status("queued")
            unfinished.rename(path)
            sync_folder(path.parent)  # and with it, on journaling file systems, the names of the files before it
        except BaseException:
            shutil.rmtree(unfinished)
            raise
        return cls(path)

    @staticmethod
    def is_unfinished(path: Path) -> bool:
        """Whether a crash left this behind while a run was written."""
        return path.name.startswith(".") and path.name.endswith(UNFINISHED_SUFFIX) and path.is_dir()

    @property
    def request(self) -> RunRequest:
        """What was asked for; msgspec.DecodeError if the file is damaged."""
        return _request_decoder.decode((self.path / REQUEST).read_bytes())

    def spaced_at(self, steps: int) -> Path:
        """The checkpoint of so many steps among those spaced over the run; its folder is made."""
        self._spaced.mkdir(exist_ok=True)
        return self._spaced / f"{steps}.pt"

    def spaced(self) -> dict[int, Path]:
        """The checkpoints spaced over the run by their steps, rising."""
        found = {int(path.stem): path for path in self._spaced.glob("*.pt")}
        return dict(sorted(found.items()))

    def summary(self, checkpoint: Path) -> Summary | None:
        """What a checkpoint is of, by what it says, or by a spaced one whose bytes it shares; none if neither tells."""
        if (summary := read_summary(checkpoint)) is not None:
            return summary
        for steps, path in self.spaced().items():
            with suppress(FileNotFoundError):
                if path.samefile(checkpoint):
                    return Summary(steps)
        return self._reported_best() if checkpoint == self.best else None

    def _reported_best(self) -> Summary | None:
        """The first checkpoint that was reported with the highest score: the best one of versions that wrote no summary."""
        best: _Glance | None = None
        with suppress(FileNotFoundError), self.metrics.open("rb") as file:
            for line in file:
                with suppress(msgspec.DecodeError, UnicodeDecodeError):
                    seen = _glance_decoder.decode(line) if b"checkpoint_created" in line else _Glance("")
                    if seen.score is not None and (best is None or best.score is None or seen.score > best.score):
                        best = seen
        return None if best is None else Summary(best.steps)

    def checkpoints(self) -> list[Path]:
        """Every checkpoint, the one to go on from first, then those of the most moves; some may be names of the same bytes."""
        moves = {}
        for path in (self.previous, self.best, *self.spaced().values()):
            with suppress(FileNotFoundError):  # a run that goes on thins them out
                summary = self.summary(path)
                moves[path] = (-1 if summary is None else summary.steps, path.stat().st_mtime_ns)
        others = sorted(moves, key=moves.__getitem__, reverse=True)
        return [self.checkpoint, *others] if self.checkpoint.exists() else others

    @staticmethod
    def set_aside(checkpoint: Path) -> Path:
        """Where a checkpoint goes that is found damaged: what cannot be read today may be saved by somebody."""
        return checkpoint.with_name(f"{checkpoint.name}.damaged")

    @property
    def is_exportable(self) -> bool:
        """Whether there is a checkpoint, or a file that was exported from one."""
        names = (self.checkpoint, self.best, self.previous)
        return any(path.exists() for path in names) or bool(self.spaced()) or any(self.exports.glob("*/*"))

    def take_lock(self) -> int | None:
        """Open and lock the lock file; None if someone holds it. Close the descriptor to let go."""
        descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def is_locked(self) -> bool:
        """Whether a trainer or its supervisor lives."""
        descriptor = self.take_lock()
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def trainer_pid(self) -> int | None:
        """The trainer's process id, if it has written it and the lock is held; then the id cannot be another's."""
        text = self.lock.read_text(errors="replace")
        return int(text) if text.isdecimal() and self.is_locked() else None

    def leave_last_words(self, sentence: str) -> None:
        """Write over the process id why the run failed: on a full disk there is room for that, and for no new line."""
        with self.lock.open("r+b") as file:
            file.write(sentence.encode())
            file.truncate()

    def last_words(self) -> str | None:
        """Why the run failed, where no line could say so."""
        text = self.lock.read_text(errors="replace")
        return None if not text or text.isdecimal() else text

    def stop_by_force(self, sentence: str) -> None:
        """Note, before the process is killed, that this is to end a stop, with the reason to be shown."""
        self.stop_marker.write_text(sentence, encoding="utf-8")

    def stopped_by_force(self) -> str | None:
        """The reason that `stop_by_force` noted."""
        with suppress(OSError):
            return self.stop_marker.read_text(encoding="utf-8") or None
        return None

    def read_lines(self, offset: int) -> tuple[list[bytes], int]:
        """Whole lines from a byte offset and the offset after them, as `line_file.read_lines`."""
        return read_lines(self.metrics, offset)


def decode_messages(lines: Iterable[bytes], run_id: str) -> list[LiveMessage]:
    """Lines as the messages the phone knows; a damaged line, or one of another run, is passed over, and said so in the log."""
    messages: list[LiveMessage] = []
    for line in lines:
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            message = _message_decoder.decode(line)
            if message.run_id == run_id:
                messages.append(message)
                continue
        logger.warning("a damaged line was passed over: %r", line[:80])
    return messages


def fold(state: RunState, lines: Iterable[bytes], run_id: str) -> None:
    """Take lines into the state of a run; a damaged line, or one of another run, changes nothing."""
    for line in lines:
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            state.add(line, run_id)


def describe(request: RunRequest, state: RunState) -> Run:
    """A run as the API shows it."""
    shown = msgspec.structs.asdict(state)
    del shown["saved_steps"]
    shown["phase"] = "queued" if state.status == "queued" else state.phase if state.status in ACTIVE else None
    return Run(
        id=request.id,
        design_id=request.design_id,
        design_hash=request.design_hash,
        total_steps=request.config.total_steps,
        created_at=request.created_at,
        config=msgspec.to_builtins(request.config),
        sequence=request.sequence,
        **shown,
    )


def _last_status(lines: bytes, run_id: str) -> StatusLine:
    """The last whole line of a run's status among lines, or one of a run that is queued if there is none."""
    end = len(lines)
    while (start := lines.rfind(_STATUS_LINE, 0, end)) >= 0:
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            found = _status_decoder.decode(lines[start : lines.index(b"\n", start)])
            if found.run_id == run_id:
                return found
        end = start
    return StatusLine(0, "", "queued", None, "")


class Journal:
    """Appends numbered lines to a run's metrics; each line is one write, so a reader never sees a mixture of two."""

    def __init__(self, folder: RunFolder, request: RunRequest) -> None:
        self._request, self._path = request, folder.metrics
        self._file = os.open(folder.metrics, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._seq, self._last = self._repair()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def _repair(self) -> tuple[int, StatusLine]:
        """Cut off a line torn by a crash, count the others and find the last one of status."""
        text = self._path.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        os.ftruncate(self._file, len(whole))
        return whole.count(b"\n"), _last_status(whole, self._request.id)

    def write(self, line: Line) -> None:
        """Number a line and append it.

        A status or a checkpoint is on the disk when this returns, with all lines before it. OSError if the line does not fit on
        the disk, and then no part of it stays; FileNotFoundError if the file was taken away, since nobody would read it there.
        """
        if os.fstat(self._file).st_nlink == 0:
            raise FileNotFoundError(errno.ENOENT, FILES_GONE, str(self._path))
        numbered = msgspec.structs.replace(line, seq=self._seq + 1, run_id=self._request.id)
        text = _encoder.encode(numbered) + b"\n"
        size = os.fstat(self._file).st_size
        try:
            if os.write(self._file, text) != len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
            if isinstance(line, StatusLine | CheckpointCreated):
                os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, size)
            raise
        self._seq += 1

    def status(self, status: RunStatus, reason: str | None = None) -> None:
        """Append a change of status; a warning stays, and so does the phase of a run that is active before and after."""
        phase: RunPhase | None = None
        if status in ACTIVE:
            before = self._last.phase if self._last.status in ("running", "paused") else None
            phase = "queued" if status == "queued" else before or "training"
        self._append(StatusLine(0, "", status, reason, self._request.design_id, phase, self._last.warning))

    @property
    def phase(self) -> RunPhase | None:
        """What the run does, as last written."""
        return self._last.phase

    def enter(self, phase: RunPhase) -> None:
        """Append a change of phase, if it is one."""
        if phase != self._last.phase:
            self._append(msgspec.structs.replace(self._last, phase=phase))

    @property
    def warning(self) -> str | None:
        """The warning that the run carries."""
        return self._last.warning

    def warn(self, warning: str | None) -> None:
        """Append a warning, or that the one there was no longer holds."""
        self._append(msgspec.structs.replace(self._last, warning=warning))

    def _append(self, line: StatusLine) -> None:
        line = msgspec.structs.replace(line, at=now())
        self.write(line)
        self._last = line


def on_trainer_exit(path: str, _trainer: Any, _memory: Any, sentence: str, killed: bool) -> None:
    """What a supervisor does when its trainer died: the run has failed, and here is why and what can be done.

    A trainer that was not killed has said so itself; one that the manager killed was stopped. Where no line can be written, the
    manager is left to write it.
    """
    folder = RunFolder(Path(path))
    status: RunStatus = "failed"
    if killed and (by_force := folder.stopped_by_force()):
        status, sentence = "stopped", by_force
    elif killed:
        sentence += "; resume to " + ("go on from the last checkpoint" if folder.checkpoint.exists() else "begin again")
    try:
        with Journal(folder, folder.request) as journal:
            journal.status(status, sentence)
    except OSError:
        folder.leave_last_words(sentence)
