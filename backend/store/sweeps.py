"""Sweeps as rows of the database: what they are is known by the service, which reads and writes their text."""

import msgspec
from msgspec import Struct

from backend.store.database import Transaction
from backend.store.messages import UPDATES, append_message
from backend.store.stored import text_of
from shared_py.protocol import SweepChanged, SweepStatus

KEPT = 200
"""sweeps that are kept; above it the oldest that have ended are removed"""


class StoredSweep(Struct, frozen=True):
    """A row."""

    id: str
    design_id: str
    created_at: str
    status: SweepStatus
    body: bytes


class _Scored(Struct, frozen=True):
    score: float | None = None


def write_sweep(transaction: Transaction, sweep: StoredSweep) -> None:
    """Store a sweep in place of its earlier state, and announce the change to all phones."""
    transaction.require_storing()
    transaction.do(
        "INSERT OR REPLACE INTO sweeps (id, design_id, created_at, status, body) VALUES (?, ?, ?, ?, ?)",
        sweep.id, sweep.design_id, sweep.created_at, sweep.status, sweep.body.decode(),
    )  # fmt: skip
    append_message(transaction, SweepChanged(seq=0, run_id=None, sweep_id=sweep.id, design_id=sweep.design_id))


def remove_oldest_sweeps(transaction: Transaction) -> None:
    """Remove the oldest sweeps that have ended, above the number that is kept; their runs stay."""
    transaction.do(
        "DELETE FROM sweeps WHERE status != 'running' AND id NOT IN"
        " (SELECT id FROM sweeps ORDER BY created_at DESC, id DESC LIMIT ?)",
        KEPT,
    )


def read_sweeps(transaction: Transaction) -> list[StoredSweep]:
    """Every sweep, the newest first."""
    rows = transaction.rows("SELECT id, design_id, created_at, status, body FROM sweeps ORDER BY created_at DESC, id DESC")
    return [StoredSweep(text_of(row[0]), text_of(row[1]), text_of(row[2]), row[3], text_of(row[4]).encode()) for row in rows]


def score_at(transaction: Transaction, run_id: str, steps: int) -> float | None:
    """The training score of a run at the first update that has one, from a number of moves on; None where there is none yet."""
    rows = transaction.rows(
        "SELECT payload FROM messages WHERE run_id = ? AND series = ? AND steps >= ? AND superseded = 0"
        " AND json_extract(payload, '$.score') IS NOT NULL ORDER BY steps LIMIT 1",
        run_id, UPDATES, steps,
    )  # fmt: skip
    return msgspec.json.decode(rows[0][0], type=_Scored).score if rows else None
