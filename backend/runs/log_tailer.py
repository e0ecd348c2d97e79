"""Reads new lines from the files of runs; file sizes show which of the files that may have changed really did."""

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from backend.errors import NotFound
from shared_py.protocol import LiveMessage

_log = logging.getLogger(__name__)
MAX_LINE_BYTES = 1_000_000
"""if fewer bytes than this remain unread, they are one incomplete line"""
ReadMessages = Callable[[str, int], tuple[list[LiveMessage], int]]
LineStart = Callable[[str, int], int]


class RunLines(Struct, frozen=True):
    """What a run wrote, and the offset after it."""

    run_id: str
    messages: list[LiveMessage]
    offset: int
    size: int


class LogTailer:
    """Remembers the read offset of each run; lines not confirmed with `mark_stored` are read again."""

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir = runs_dir
        self._offsets: dict[str, int] = {}
        self._sizes: dict[str, int] = {}
        self._behind: set[str] | None = None
        """runs that are read until nothing is left, whether they change or not; None: all runs"""

    def start_at(self, offsets: dict[str, int], line_start: LineStart | None = None) -> dict[str, int]:
        """Read each run from an offset on; returns the offsets that had to be corrected.

        After a power cut a file may be shorter than what was read of it; then reading continues at the end of its last
        complete line, which is where the next line will be written. Must be called before the next line is written.
        """
        corrected = {}
        if line_start is not None:
            for run_id, offset in offsets.items():
                try:
                    start = line_start(run_id, offset)
                except (OSError, NotFound):
                    continue  # the run is missing, or cannot be read, which `read` logs
                if start != offset:
                    _log.warning("the lines of run %s end before what was read of them; reading goes on there", run_id)
                    corrected[run_id] = start
        self._offsets, self._sizes, self._behind = offsets | corrected, {}, None
        return corrected

    def forget(self, run_id: str) -> None:
        """Read a run from its start, since it is new or deleted."""
        self._offsets.pop(run_id, None)
        self._sizes.pop(run_id, None)

    def read(self, read_messages: ReadMessages, changed: Iterable[str] | None = None) -> Sequence[RunLines]:
        """Read the runs that may have changed, by default all; the first time all.

        One that cannot be read is reported and does not hold up the others.
        """
        if changed is None or self._behind is None:
            self._behind = {path.parent.name for path in self._runs_dir.glob("[!.]*/metrics.jsonl")}
        new_lines = []
        for run_id in sorted(self._behind.union(changed or ())):
            try:
                size = (self._runs_dir / run_id / "metrics.jsonl").stat().st_size
            except OSError:  # missing or not readable, for which the manager ends the run
                self._behind.discard(run_id)
                continue
            if size in (self._sizes.get(run_id), self._offsets.get(run_id)):
                self._behind.discard(run_id)
                continue
            try:
                messages, offset = read_messages(run_id, self._offsets.get(run_id, 0))
            except NotFound:
                self._behind.discard(run_id)
                continue
            except (OSError, ValueError, RecursionError, msgspec.DecodeError):
                _log.exception("the lines of run %s cannot be read", run_id)
                self._sizes[run_id] = size
                continue
            new_lines.append(RunLines(run_id, messages, offset, size))
        return new_lines

    def offset_of(self, run_id: str) -> int:
        """The byte offset up to which the file of a run was read and stored."""
        return self._offsets.get(run_id, 0)

    def move(self, run_id: str, before: int, after: int) -> bool:
        """Set the offset after the file was rewritten; false if the run was read beyond `before` in the meantime."""
        if self.offset_of(run_id) != before:
            return False
        self._offsets[run_id] = self._sizes[run_id] = after
        return True

    def has_new_offset(self, lines: RunLines) -> bool:
        """Whether the read offset of a run has changed."""
        return lines.offset != self._offsets.get(lines.run_id, 0)

    def mark_stored(self, lines: RunLines) -> None:
        """Note that the lines have been stored."""
        if lines.size - lines.offset < MAX_LINE_BYTES or not self.has_new_offset(lines):
            self._sizes[lines.run_id] = lines.size
        self._offsets[lines.run_id] = lines.offset
