"""The files of a run: the request, `metrics.jsonl` and the lock that its trainer holds. Imports neither torch nor the server.

The state of a run is a fold over the lines of `metrics.jsonl`. Lines are written only while holding the lock: by the trainer
while it is alive, by its supervisor after it, by the manager before and after both.
"""

import logging
import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from backend.process.durable import write_atomically
from backend.process.file_lock import take_lock
from backend.runs.checkpoint_files import Summary, read_summary
from backend.runs.failures import failure_of
from backend.runs.line_file import read_lines
from shared_py.algorithms import ALGORITHMS, Algorithm
from shared_py.metrics import Count
from shared_py.protocol import (
    CheckpointCreated,
    Evaluation,
    LiveMessage,
    Run,
    RunLabels,
    RunPhase,
    RunStatus,
    RunStatusChanged,
    TrainingUpdate,
)
from shared_py.training_config import TrainConfig, algorithm_of

ACTIVE: frozenset[RunStatus] = frozenset({"queued", "running", "paused"})
BUILT_IN_TRAINERS: frozenset[str] = frozenset(algorithm.name for algorithm in ALGORITHMS)
"""names of the trainers that `algorithm` chooses from; no external trainer may have one of them"""
REQUEST = "run.json"
LEGACY_BUILTIN_NAME = "ppo"
"""what `run.json` called every built-in trainer before it had `adopted`"""
UNFINISHED_SUFFIX = ".new"
SPACED_NAME = re.compile("[0-9]{1,18}")
"""the moves of a spaced checkpoint; other files in their folder do not belong to the run"""


class RunRequest(Struct, frozen=True):
    """The request of a run, `run.json`."""

    id: str
    design_id: str
    design_hash: str
    created_at: str
    config: TrainConfig
    model_config: dict[str, int]
    """arguments of the generated constructor"""
    trainer: str = LEGACY_BUILTIN_NAME
    """name of the trainer; of a built-in one, the algorithm (older files say `ppo` for each of them)"""
    adopted: bool | None = None
    """whether the trainer is an external one; null in older files, where the name tells"""
    sequence: int = 0
    """counts the runs of a data folder in the order of their requests; 0 for runs of older versions, which come before all"""
    sweep_id: str | None = None
    """the sweep that the run belongs to; null for others"""

    @property
    def order(self) -> tuple[int, str, str]:
        """The place among all runs, the oldest first; a clock that was set back decides only among runs without a sequence."""
        return self.sequence, self.created_at, self.id

    @property
    def is_external(self) -> bool:
        """Whether an external trainer trains; otherwise the built-in one that `algorithm` chooses."""
        return self.trainer != LEGACY_BUILTIN_NAME if self.adopted is None else self.adopted

    @property
    def built_in_algorithm(self) -> Algorithm | None:
        """The algorithm of the run; None for an external trainer, whose algorithm is unknown."""
        return None if self.is_external else algorithm_of(self.config)


class StatusLine(RunStatusChanged, frozen=True, tag="run_status", tag_field="type"):
    """A change of status with the time it happened."""

    at: str | None = None


Line = TrainingUpdate | StatusLine | Evaluation | CheckpointCreated


class _LineSummary(Struct):
    """The few fields of a line that the state of a run depends on; the others are not decoded."""

    type: str
    run_id: str | None = None
    status: RunStatus = "queued"
    reason: str | None = None
    at: str | None = None
    steps: Count = 0
    score: float | None = None
    phase: RunPhase | None = None
    warning: str | None = None
    total_steps: Count | None = None


logger = logging.getLogger(__name__)
_glance_decoder = msgspec.json.Decoder(_LineSummary)
_message_decoder = msgspec.json.Decoder(LiveMessage)
_request_decoder = msgspec.json.Decoder(RunRequest)
_labels_decoder = msgspec.json.Decoder(RunLabels)


def now() -> str:
    """The time in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class RunState(Struct):
    """The state that the lines read so far add up to."""

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
    total_steps: int | None = None
    """moves of the whole run, where it was given more than it began with"""

    def add(self, line: bytes, run_id: str) -> None:
        """Apply one line; one of another run changes nothing."""
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
            self.total_steps = seen.total_steps or self.total_steps
            if seen.status == "stopped" and self.saved_steps is not None:
                self.steps = self.saved_steps  # it continues from there, and moves of an unfinished rollout are played again
            if seen.status == "running" and self.started_at is None:
                self.started_at = seen.at
            self.ended_at = None if seen.status in ACTIVE else seen.at


class RunFolder:
    """The files of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.design, self.model, self.metrics = path / "design.json", path / "model.py", path / "metrics.jsonl"
        self.lock, self.stop_marker, self.log = path / "lock", path / "stop", path / "log.txt"
        self.heartbeat, self.progress = path / "heartbeat", path / "progress.json"
        self.checkpoint, self.best, self._spaced = path / "checkpoint.pt", path / "best.pt", path / "spaced"
        self.previous, self.exports = path / "previous.pt", path / "exports"
        self._labels, self._stop_reason = path / "labels.json", path / "stop_reason"

    @staticmethod
    def is_unfinished(path: Path) -> bool:
        """Whether a crash left this behind while a run was written."""
        return path.name.startswith(".") and path.name.endswith(UNFINISHED_SUFFIX) and path.is_dir()

    @property
    def request(self) -> RunRequest:
        """The request; msgspec.DecodeError if the file is damaged."""
        return _request_decoder.decode((self.path / REQUEST).read_bytes())

    def read_labels(self) -> RunLabels:
        """What a person wrote about the run; empty where nothing was written, or it can no longer be read."""
        try:
            return _labels_decoder.decode(self._labels.read_bytes())
        except FileNotFoundError:
            return RunLabels()
        except (OSError, UnicodeDecodeError, msgspec.DecodeError):
            logger.warning("the labels in %s cannot be read", self._labels, exc_info=True)
            return RunLabels()

    def write_labels(self, labels: RunLabels) -> None:
        """Store what a person wrote about the run; OSError."""
        write_atomically(self._labels, msgspec.json.encode(labels))

    def spaced_at(self, steps: int) -> Path:
        """The path of the spaced checkpoint of a number of steps; creates its folder."""
        self._spaced.mkdir(exist_ok=True)
        return self._spaced / f"{steps}.pt"

    def spaced(self) -> dict[int, Path]:
        """The checkpoints spaced over the run by their steps, rising."""
        by_steps = {int(path.stem): path for path in self._spaced.glob("*.pt") if SPACED_NAME.fullmatch(path.stem)}
        return dict(sorted(by_steps.items()))

    def summary(self, checkpoint: Path) -> Summary | None:
        """The summary of a checkpoint, from its archive or from a spaced one that is the same file; None if neither has one."""
        if (summary := read_summary(checkpoint)) is not None:
            return summary
        for steps, path in self.spaced().items():
            with suppress(FileNotFoundError):
                if path.samefile(checkpoint):
                    return Summary(steps)
        return self._reported_best() if checkpoint == self.best else None

    def _reported_best(self) -> Summary | None:
        """The summary of the best checkpoint of versions that wrote none: the first that was reported with the highest score."""
        best: _LineSummary | None = None
        with suppress(FileNotFoundError), self.metrics.open("rb") as file:
            for line in file:
                with suppress(msgspec.DecodeError, UnicodeDecodeError):
                    seen = _glance_decoder.decode(line) if b"checkpoint_created" in line else _LineSummary("")
                    if seen.score is not None and (best is None or best.score is None or seen.score > best.score):
                        best = seen
        return None if best is None else Summary(best.steps)

    def checkpoints(self) -> list[Path]:
        """Every checkpoint, the one to continue from first, then those with the most moves; some are links to one file."""
        moves = {}
        for path in (self.previous, self.best, *self.spaced().values()):
            with suppress(FileNotFoundError):  # a run that continues thins them out
                summary = self.summary(path)
                moves[path] = (-1 if summary is None else summary.steps, path.stat().st_mtime_ns)
        others = sorted(moves, key=moves.__getitem__, reverse=True)
        return [self.checkpoint, *others] if self.checkpoint.exists() else others

    @staticmethod
    def set_aside(checkpoint: Path) -> Path:
        """The path to which a damaged checkpoint is moved; it is kept, since somebody may be able to repair it."""
        return checkpoint.with_name(f"{checkpoint.name}.damaged")

    @property
    def is_exportable(self) -> bool:
        """Whether there is a checkpoint, or a file that was exported from one."""
        names = (self.checkpoint, self.best, self.previous)
        return any(path.exists() for path in names) or bool(self.spaced()) or any(self.exports.glob("*/*"))

    def take_lock(self) -> int | None:
        """Open and lock the lock file; None if another process holds it. Close the descriptor to release it."""
        return take_lock(self.lock)

    def is_locked(self) -> bool:
        """Whether a trainer or its supervisor is alive."""
        descriptor = self.take_lock()
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def trainer_pid(self) -> int | None:
        """The trainer's process id, if it has been written and the lock is held, so that no other process can have the id."""
        text = self.lock.read_text(errors="replace")
        return int(text) if text.isdecimal() and self.is_locked() else None

    def write_exit_reason(self, sentence: str) -> None:
        """Write why the run failed in place of the process id: a full disk has room for that, but not for a new line."""
        with self.lock.open("r+b") as file:
            file.write(sentence.encode())
            file.truncate()

    def exit_reason(self) -> str | None:
        """Why the run failed, where no line could be written."""
        text = self.lock.read_text(errors="replace")
        return None if not text or text.isdecimal() else text

    def stop_by_force(self, sentence: str) -> None:
        """Record, before the process is killed, that the kill belongs to a requested stop, and the reason to show."""
        self.stop_marker.write_text(sentence, encoding="utf-8")

    def stopped_by_force(self) -> str | None:
        """The reason that `stop_by_force` recorded."""
        with suppress(OSError):
            return self.stop_marker.read_text(encoding="utf-8") or None
        return None

    def write_stop_reason(self, sentence: str) -> None:
        """Record why the manager asks the run to stop, which becomes the reason of its final status."""
        with suppress(OSError):  # on a full disk it stops without one
            self._stop_reason.write_text(sentence, encoding="utf-8")

    def stop_reason(self) -> str | None:
        """The reason that `write_stop_reason` recorded; None where a person stopped the run."""
        with suppress(OSError):
            return self._stop_reason.read_text(encoding="utf-8") or None
        return None

    def forget_stop(self) -> None:
        """Remove what an earlier stop left, since the run continues."""
        self.stop_marker.unlink(missing_ok=True)
        self._stop_reason.unlink(missing_ok=True)

    def mark_start(self) -> None:
        """Note that the run trains from now on, as after a pause."""
        with suppress(OSError):
            os.utime(self.lock)

    def seconds_since_start(self) -> float:
        """Seconds since the process was started or continued after a pause, by the time of its lock file."""
        with suppress(OSError):
            return time.time() - self.lock.stat().st_mtime
        return 0.0

    def read_lines(self, offset: int) -> tuple[list[bytes], int]:
        """Whole lines from a byte offset and the offset after them, as `line_file.read_lines`."""
        return read_lines(self.metrics, offset)


def decode_messages(lines: Iterable[bytes], run_id: str) -> list[LiveMessage]:
    """Lines as messages for the phone; a damaged line, or one of another run, is skipped and logged."""
    messages: list[LiveMessage] = []
    for line in lines:
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            message = _message_decoder.decode(line)
            if message.run_id == run_id:
                messages.append(message)
                continue
        logger.warning("a damaged line was skipped: %r", line[:80])
    return messages


def fold(state: RunState, lines: Iterable[bytes], run_id: str) -> None:
    """Apply lines to the state of a run; a damaged line, or one of another run, changes nothing."""
    for line in lines:
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            state.add(line, run_id)


NO_LABELS = RunLabels()


def extended(config: TrainConfig, total_steps: int | None) -> TrainConfig:
    """The settings of a run that was given more moves than it began with; None where it was not."""
    return config if total_steps is None else msgspec.structs.replace(config, total_steps=total_steps)


def describe(request: RunRequest, state: RunState, labels: RunLabels = NO_LABELS) -> Run:
    """A run as the API returns it."""
    config = extended(request.config, state.total_steps)
    fields = msgspec.structs.asdict(state) | msgspec.structs.asdict(labels) | {"total_steps": config.total_steps}
    fields["failure"] = failure_of(state.status, state.reason)
    fields["phase"] = "queued" if state.status == "queued" else state.phase if state.status in ACTIVE else None
    return Run(
        id=request.id,
        design_id=request.design_id,
        design_hash=request.design_hash,
        created_at=request.created_at,
        config=msgspec.to_builtins(config),
        sequence=request.sequence,
        sweep_id=request.sweep_id,
        **fields,
    )
