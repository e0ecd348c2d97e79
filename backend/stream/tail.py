"""Following the files of all runs: a look at their sizes tells which have something new to read."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from backend.errors import NotFound
from shared_py.protocol import LiveMessage

_log = logging.getLogger(__name__)
ReadMessages = Callable[[str, int], tuple[list[LiveMessage], int]]


class RunLines(Struct, frozen=True):
    """What a run wrote, and how far its file is read with it."""

    run_id: str
    messages: list[LiveMessage]
    offset: int
    size: int


class RunTail:
    """Remembers how far each run has been read; lines not noted as taken are read again."""

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir = runs_dir
        self._offsets: dict[str, int] = {}
        self._sizes: dict[str, int] = {}

    def start_at(self, offsets: dict[str, int]) -> None:
        """Begin to read each run at an offset."""
        self._offsets, self._sizes = dict(offsets), {}

    def read(self, read_messages: ReadMessages) -> Sequence[RunLines]:
        """Read every run whose file has changed; one that cannot be read is reported and does not hold up the others."""
        found = []
        for path in sorted(self._runs_dir.glob("*/metrics.jsonl")):
            run_id, size = path.parent.name, path.stat().st_size
            if self._sizes.get(run_id) == size:
                continue
            try:
                messages, offset = read_messages(run_id, self._offsets.get(run_id, 0))
            except NotFound:
                continue
            except (OSError, ValueError, msgspec.DecodeError):
                _log.exception("the lines of run %s cannot be read", run_id)
                self._sizes[run_id] = size
                continue
            found.append(RunLines(run_id, messages, offset, size))
        return found

    def taken(self, lines: RunLines) -> None:
        """Note that the lines are safe elsewhere."""
        self._offsets[lines.run_id], self._sizes[lines.run_id] = lines.offset, lines.size
