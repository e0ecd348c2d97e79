"""Deletes stored messages that no phone needs any more, a few at a time."""

from backend.store.database import Transaction
from backend.store.messages import last_seq

KEPT = 10_000
"""the newest messages, which are kept for sockets that connect again"""
AT_ONCE = 500
"""messages that one call looks at, so that others need not wait long"""


def prune_messages(transaction: Transaction, after: int) -> int | None:
    """Delete what is obsolete among the next messages after a number; returns the last number, None when all were looked at.

    Obsolete are metrics that later ones of the same step have replaced, notices of design changes except the newest of each
    design, and ends of commands, which a phone receives with its next sync call. All others of a run stay until it is deleted.
    """
    end = last_seq(transaction) - KEPT
    rows = transaction.rows(
        "SELECT seq, run_id IS NOT NULL, superseded FROM messages WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        after, end, AT_ONCE,
    )  # fmt: skip
    for seq, is_of_run, is_superseded in rows:
        if is_superseded or (not is_of_run and not _is_newest_of_design(transaction, seq)):
            transaction.require_storing()
            transaction.do("DELETE FROM messages WHERE seq = ?", seq)
    return rows[-1][0] if len(rows) == AT_ONCE else None


def _is_newest_of_design(transaction: Transaction, seq: int) -> bool:
    return transaction.row("SELECT 1 FROM designs WHERE seq = ?", seq) is not None
