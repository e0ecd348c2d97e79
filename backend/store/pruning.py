"""Deletes stored messages that no phone needs any more, a few at a time, and thins the charts of runs."""

import math

from msgspec import Struct

from backend.store.database import Transaction
from backend.store.messages import UPDATES, last_seq

KEPT = 10_000
"""the newest messages, which are kept for sockets that connect again"""
AT_ONCE = 500
"""messages that one call looks at, so that others need not wait long"""
NO_RUN = ""
"""the `run_id` in `removed_messages` for messages that belong to no run"""


class ChartDownsampler:
    """Selects the points of charts to keep: the first of each interval of moves, and the last point of a run.

    The intervals of a run are equal and their length is a power of two, so that the next pass keeps the same points until the run
    is twice as long. Their number is between half of `points` and `points`. Call it in the order of the messages, from the first.
    """

    def __init__(self, points: int) -> None:
        self._points = max(1, points)
        self._widths: dict[str, int] = {}
        self._newest: dict[str, int] = {}
        self._last: dict[str, int] = {}

    def is_kept(self, transaction: Transaction, run_id: str, seq: int, steps: int) -> bool:
        """Whether the point at these moves is kept."""
        if run_id not in self._widths:
            highest, newest = _extent(transaction, run_id)
            self._widths[run_id], self._newest[run_id] = interval(highest, self._points), newest
        place = steps // self._widths[run_id]
        is_first = self._last.get(run_id) != place
        self._last[run_id] = place
        return is_first or seq == self._newest[run_id]


def interval(highest: int, points: int) -> int:
    """The length of the intervals of moves, a power of two."""
    return 1 << max(0, math.ceil(math.log2(max(1, (highest + 1) / points))))


def _extent(transaction: Transaction, run_id: str) -> tuple[int, int]:
    """The largest number of moves of a run, and the number of its newest point."""
    steps = transaction.row("SELECT max(steps) FROM messages WHERE run_id = ? AND superseded = 0", run_id)
    newest = transaction.row(
        "SELECT seq FROM messages WHERE run_id = ? AND series = ? ORDER BY seq DESC LIMIT 1", run_id, UPDATES
    )
    return (steps[0] or 0) if steps else 0, newest[0] if newest else 0


def prune_messages(transaction: Transaction, after: int, downsampler: ChartDownsampler | None = None) -> int | None:
    """Delete what is obsolete among the next messages after a number; returns the last number, None when all were looked at.

    Obsolete are metrics that later ones of the same step have replaced, points of charts that `downsampler` does not keep,
    notices of design changes except the newest of each design, and ends of commands, which a phone receives with its next sync
    call. All other messages of a run are kept until it is deleted.
    """
    end = last_seq(transaction) - KEPT
    rows = transaction.rows(
        "SELECT seq, run_id, superseded, series, steps FROM messages WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        after, end, AT_ONCE,
    )  # fmt: skip
    removed: dict[str, int] = {}
    for seq, run_id, is_superseded, series, steps in rows:
        if run_id is None:
            is_obsolete = not _is_newest_of_design(transaction, seq)
        elif is_superseded or series != UPDATES or downsampler is None or not isinstance(steps, int):
            is_obsolete = bool(is_superseded)
        else:
            is_obsolete = not downsampler.is_kept(transaction, run_id, seq, steps)
        if is_obsolete:
            transaction.require_storing()
            transaction.do("DELETE FROM messages WHERE seq = ?", seq)
            removed[run_id or NO_RUN] = seq
    for run_id, seq in removed.items():
        transaction.do("INSERT OR REPLACE INTO removed_messages (run_id, up_to) VALUES (?, ?)", run_id, seq)
    return rows[-1][0] if len(rows) == AT_ONCE else None


def _is_newest_of_design(transaction: Transaction, seq: int) -> bool:
    return transaction.row("SELECT 1 FROM designs WHERE seq = ?", seq) is not None


class RemovedMessages(Struct, frozen=True):
    """From which number on all messages are stored, and whether some of a run were removed."""

    first_seq: int
    """every message from this number on is stored; below it some were removed"""
    of_run: bool
    """whether messages of the run were removed"""


def removed_messages(transaction: Transaction, run_id: str) -> RemovedMessages:
    """Which messages were removed, of all runs and of this one."""
    last = transaction.row("SELECT coalesce(max(up_to), 0) FROM removed_messages")
    own = transaction.row("SELECT 1 FROM removed_messages WHERE run_id = ?", run_id)
    return RemovedMessages(1 + (last[0] if last else 0), own is not None)
