"""Reads on a node what the server does not have yet of the files of a run; nothing is changed, so any batch can be made again.

A line about a checkpoint is sent after the checkpoint. Each checkpoint is one immutable file, which stays open until the server
has it: the trainer may replace its name meanwhile.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from backend.cluster.batches import Batch, FileNames, Piece, Received
from backend.runs.run_folder import RunFolder

MAX_LINE_BYTES = 4_000_000
"""of lines in one batch; a line is far shorter"""
MAX_LOG_BYTES = 64_000
MAX_PIECE_BYTES = 4_000_000
ABOUT_CHECKPOINT = b'{"type":"checkpoint_created"'


def named_checkpoints(folder: RunFolder) -> dict[str, Path]:
    """The checkpoints that a run may have, by their place in its folder."""
    paths = [folder.best, *folder.spaced().values(), folder.previous, folder.checkpoint]
    return {str(path.relative_to(folder.path)): path for path in paths if path.exists()}


class Outbox:
    """What one trainer has written; `first_byte` of `metrics.jsonl` is the first that the server does not have."""

    def __init__(self, folder: RunFolder, first_byte: int, names: FileNames) -> None:
        self._folder, self._first_byte = folder, first_byte
        self._known = names
        """the checkpoints that the server has"""
        self._next: FileNames | None = None
        """those that are being sent"""
        self._open: dict[str, BinaryIO] = {}
        self._sendable = first_byte
        """up to here, lines are about checkpoints that the server has"""
        self._progress_ns = 0

    def batch(self, received: Received, *, is_alive: bool) -> Batch:
        """What comes after what the server has. `is_alive`: whether the trainer was alive before this call. OSError."""
        if self._next is not None and received.names == self._next:
            self._known, self._next = self._next, None
            self._close_files()
        size = self._folder.metrics.stat().st_size
        if self._next is None:
            self._look_for_checkpoints()
        self._release_lines(size)
        piece, names = self._content(received)
        lines = self._read(self._folder.metrics, self._first_byte + received.lines, self._sendable, MAX_LINE_BYTES)
        lines = lines[: lines.rfind(b"\n") + 1]
        log = self._read_log(received.log)
        has_all = not (lines or log or piece or self._next is not None)
        return Batch(lines, log, piece, names, self._changed_progress(), has_ended=has_all and not is_alive)

    def _look_for_checkpoints(self) -> None:
        """Open the checkpoints that the server does not have, if there are any."""
        names: FileNames = {}
        opened: dict[str, BinaryIO] = {}
        with suppress(FileNotFoundError):  # one is being replaced: the next batch will find it
            for name, path in named_checkpoints(self._folder).items():
                file: BinaryIO = path.open("rb")
                status = os.fstat(file.fileno())
                content_id = names[name] = f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}"
                if content_id in self._known.values() or content_id in opened:
                    file.close()
                else:
                    opened[content_id] = file
            if names != self._known:
                self._next, self._open = names, opened
                return
        for unused in opened.values():
            unused.close()

    def _release_lines(self, size: int) -> None:
        """Let lines be sent, where a checkpoint is being sent only those before the next line about one."""
        if self._next is None:
            self._sendable = size
            return
        lines = self._read(self._folder.metrics, self._sendable, size, MAX_LINE_BYTES)
        if lines.startswith(ABOUT_CHECKPOINT):
            return
        found = lines.find(b"\n" + ABOUT_CHECKPOINT)
        self._sendable += len(lines) if found < 0 else found + 1

    def _content(self, received: Received) -> tuple[Piece | None, FileNames | None]:
        """The next part of the first checkpoint that the server does not have, or the names once it has all."""
        if self._next is None:
            return None, None
        if received.content_id in self._open and received.content_bytes == _size(self._open[received.content_id]):
            self._open.pop(received.content_id).close()
        if not self._open:
            return None, self._next
        content_id, file = next(iter(self._open.items()))
        offset = received.content_bytes if received.content_id == content_id else 0
        file.seek(offset)
        return Piece(content_id, offset, file.read(MAX_PIECE_BYTES), _size(file)), None

    def _read_log(self, offset: int) -> bytes:
        with suppress(FileNotFoundError):
            return self._read(self._folder.log, offset, self._folder.log.stat().st_size, MAX_LOG_BYTES)
        return b""

    def _changed_progress(self) -> bytes | None:
        with suppress(FileNotFoundError):
            written_ns = self._folder.progress.stat().st_mtime_ns
            if written_ns != self._progress_ns:
                self._progress_ns = written_ns
                return self._folder.progress.read_bytes()
        return None

    @staticmethod
    def _read(path: Path, start: int, end: int, most: int) -> bytes:
        if end <= start:
            return b""
        with path.open("rb") as file:
            file.seek(start)
            return file.read(min(end - start, most))

    def _close_files(self) -> None:
        for file in self._open.values():
            file.close()
        self._open = {}


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size
