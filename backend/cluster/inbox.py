"""Stores on the server what a worker sends, in the folder of the run, before it is acknowledged."""

import os
import re
import shutil
from pathlib import Path

from backend.cluster.batches import Batch, FileNames, Piece, Received
from backend.process.durable import sync_file, sync_folder
from backend.runs.checkpoint_files import thin_out
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder

INCOMING = "incoming"
"""the folder of contents that are being received, and of those that names refer to"""

CONTENT_ID, NAME = re.compile("[0-9]+-[0-9]+-[0-9]+"), re.compile("(checkpoint|best|previous|spaced/[0-9]{1,18})[.]pt")
"""of what a worker may write here"""


class Inbox:
    """What one worker has sent; `received` is acknowledged with the next call. A new worker begins with a new inbox."""

    def __init__(self, folder: RunFolder, journal: Journal) -> None:
        self._folder, self._journal = folder, journal
        self._contents = folder.path / INCOMING
        self.received = Received()
        self.close()
        self._contents.mkdir()

    def begin(self, names: FileNames) -> None:
        """Note the checkpoints that the worker has from this server, where they have the same names."""
        for name, content_id in names.items():
            if not (content := self._content(content_id)).exists():
                os.link(self._target(name), content)
        self.received.names = names

    def close(self) -> None:
        """Remove what was received for no name."""
        shutil.rmtree(self._contents, ignore_errors=True)

    def store(self, batch: Batch) -> None:
        """Store a batch that begins where `received` ends. OSError, and then nothing more of it counts as received."""
        if batch.piece is not None:
            self._store_piece(batch.piece)
        if batch.names is not None:
            self._store_names(batch.names)
        if batch.lines:
            self._journal.append(batch.lines)
            self.received.lines += len(batch.lines)
        if batch.log:
            with self._folder.log.open("ab") as file:
                file.write(batch.log)
            self.received.log += len(batch.log)
        if batch.progress is not None:
            unfinished = self._folder.progress.with_suffix(".tmp")
            unfinished.write_bytes(batch.progress)
            unfinished.replace(self._folder.progress)

    def _store_piece(self, piece: Piece) -> None:
        path = self._content(piece.content_id)
        with path.open("r+b" if piece.offset else "wb") as file:
            file.seek(piece.offset)
            file.write(piece.content)
        end = piece.offset + len(piece.content)
        if end == piece.size:
            sync_file(path)
        self.received.content_id, self.received.content_bytes = piece.content_id, end

    def _store_names(self, names: FileNames) -> None:
        """Give checkpoints their names, the newest last; older spaced ones of this server stay, as far as there is room."""
        for name, content_id in names.items():
            target = self._target(name)
            if self.received.names.get(name) != content_id or not target.exists():
                target.parent.mkdir(exist_ok=True)
                self._link(self._content(content_id), target)
        thin_out(self._folder.spaced())
        sync_folder(self._folder.path)
        for path in self._contents.iterdir():
            if path.name not in names.values():
                path.unlink()
        self.received.names = names

    def _content(self, content_id: str) -> Path:
        if not CONTENT_ID.fullmatch(content_id):
            raise ValueError(f"a worker sent a checkpoint called {content_id!r}")
        return self._contents / content_id

    def _target(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError(f"a worker sent a checkpoint for {name!r}")
        return self._folder.path / name

    def _link(self, content: Path, target: Path) -> None:
        unfinished = self._contents / "link"
        unfinished.unlink(missing_ok=True)
        os.link(content, unfinished)
        unfinished.replace(target)
