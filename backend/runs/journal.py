"""Creates the folder of a run and appends complete, numbered lines to its `metrics.jsonl`."""

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from backend.process.durable import sync_folder, write_durably
from backend.runs.failures import FILES_GONE
from backend.runs.run_folder import (
    ACTIVE,
    REQUEST,
    UNFINISHED_SUFFIX,
    Line,
    RunFolder,
    RunRequest,
    StatusLine,
    extended,
    now,
)
from shared_py.design import ModelArchitecture, canonical_bytes
from shared_py.protocol import CheckpointCreated, GeneratedSource, RunPhase, RunStatus
from shared_py.training_config import TrainConfig


class _Numbered(Struct):
    seq: int


_encoder = msgspec.json.Encoder()
_number_decoder = msgspec.json.Decoder(_Numbered)
_status_decoder = msgspec.json.Decoder(StatusLine)
_STATUS_LINE, _CHECKPOINT_LINE = b'{"type":"run_status",', b'{"type":"checkpoint_created",'


def _last_status(lines: bytes, run_id: str) -> StatusLine:
    """The last whole line of a run's status among lines, or one of a run that is queued if there is none."""
    end = len(lines)
    while (start := lines.rfind(_STATUS_LINE, 0, end)) >= 0:
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            status = _status_decoder.decode(lines[start : lines.index(b"\n", start)])
            if status.run_id == run_id:
                return status
        end = start
    return StatusLine(0, "", "queued", None, "")


def _first_number(lines: bytes) -> int:
    """The number of the first line: 1, except on a node of a cluster, whose file continues that of the server."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return max(1, _number_decoder.decode(lines[: lines.index(b"\n")]).seq)
    return 1


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
        """Truncate an incomplete last line left by a crash, count the complete lines and find the last status line."""
        text = self._path.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        os.ftruncate(self._file, len(whole))
        return _first_number(whole) - 1 + whole.count(b"\n"), _last_status(whole, self._request.id)

    def write(self, line: Line) -> None:
        """Number a line and append it.

        A status or a checkpoint is on the disk when this returns, with all lines before it. OSError if the line does not fit on
        the disk, and then no part of it stays; FileNotFoundError if the file was deleted.
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

    def append(self, lines: bytes) -> None:
        """Append whole lines that are numbered already and continue these; as durable as `write`. OSError."""
        size = os.fstat(self._file).st_size
        try:
            if os.write(self._file, lines) != len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
            if _STATUS_LINE in lines or _CHECKPOINT_LINE in lines:
                os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, size)
            raise
        self._seq += lines.count(b"\n")
        if _STATUS_LINE in lines:
            self._last = _last_status(lines, self._request.id)

    @property
    def head(self) -> bytes:
        """The first line of a file on another machine that continues this one: the last status, with the last number."""
        last = msgspec.structs.replace(self._last, seq=self._seq, run_id=self._request.id)
        return _encoder.encode(last) + b"\n"

    @property
    def has_ended(self) -> bool:
        """Whether the last status is a final one."""
        return self._last.status not in ACTIVE

    def status(self, status: RunStatus, reason: str | None = None, total_steps: int | None = None) -> None:
        """Append a status line; keeps the warning, and the phase if the run was active before and still is.

        `total_steps` increases the total of moves; later status lines repeat it.
        """
        phase: RunPhase | None = None
        if status in ACTIVE:
            before = self._last.phase if self._last.status in ("running", "paused") else None
            phase = "queued" if status == "queued" else before or "training"
        more = total_steps or self._last.total_steps
        self._append(StatusLine(0, "", status, reason, self._request.design_id, phase, self._last.warning, total_steps=more))

    @property
    def config(self) -> TrainConfig:
        """The settings of the run, with its current total of moves."""
        return extended(self._request.config, self._last.total_steps)

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
        """Append a warning, or with None that there is none any more."""
        self._append(msgspec.structs.replace(self._last, warning=warning))

    def _append(self, line: StatusLine) -> None:
        line = msgspec.structs.replace(line, at=now())
        self.write(line)
        self._last = line


def on_trainer_exit(path: str, _trainer: Any, _memory: Any, sentence: str, killed: bool) -> None:
    """Write the final status of a run whose trainer exited with an error or was killed; called by its supervisor.

    If the manager killed the trainer, the status is `stopped`. If the line cannot be written, the manager writes it later.
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
        folder.write_exit_reason(sentence)


def create_run_folder(path: Path, request: RunRequest, design: ModelArchitecture, generated: GeneratedSource) -> RunFolder:
    """Write the folder of a new, queued run, complete or not at all; FileExistsError if the id is taken."""
    if path.exists():
        raise FileExistsError(path)
    unfinished = path.with_name(f".{path.name}{UNFINISHED_SUFFIX}")
    unfinished.mkdir(parents=True)
    folder = RunFolder(unfinished)
    try:
        write_durably(unfinished / REQUEST, _encoder.encode(request))
        write_durably(folder.design, canonical_bytes(design))
        write_durably(folder.model, generated.source.encode())
        folder.lock.touch()
        with Journal(folder, request) as journal:
            journal.status("queued")
        unfinished.rename(path)
        sync_folder(path.parent)  # on journaling file systems this includes the names of the files written before
    except BaseException:
        shutil.rmtree(unfinished)
        raise
    return RunFolder(path)
