"""Live messages in the order in which this server stored them: each gets the next number, and no number ever changes."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from backend.store.database import Transaction
from backend.store.stored import number_of, text_of
from shared_py.protocol import (
    CommandFinished,
    DesignChanged,
    Evaluation,
    EvaluationProgress,
    LiveMessage,
    RunDeleted,
    RunLabelled,
    RunStatusChanged,
    SweepChanged,
    TrainingUpdate,
)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LiveMessage)
_log = logging.getLogger(__name__)
_status_decoder = msgspec.json.Decoder(RunStatusChanged)
UPDATES = "training_update"
"""the series of the points of the chart"""
_DELETED = "run_deleted"
"""the series of a message that is all that is left of a run"""
_WITH_DESIGN = RunStatusChanged | DesignChanged | RunDeleted | CommandFinished | SweepChanged
DELETED_AT_ONCE = 5_000
"""messages of a run in one transaction, so that others need not wait long"""


class StoredMessage(Struct, frozen=True):
    """A message as it is sent: its number and its JSON, which is None where what is stored cannot be read."""

    seq: int
    payload: bytes | None


def last_seq(transaction: Transaction) -> int:
    """The number of the newest message, 0 when there is none."""
    row = transaction.row("SELECT seq FROM sqlite_sequence WHERE name = 'messages'")
    return 0 if row is None else int(row[0])


def append_message(transaction: Transaction, message: LiveMessage) -> int:
    """Number a message, store it, and have it sent once the transaction is committed."""
    seq = last_seq(transaction) + 1
    payload = _encoder.encode(replace(message, seq=seq))
    design_id = message.design_id if isinstance(message, _WITH_DESIGN) else None
    steps = message.steps if isinstance(message, TrainingUpdate | Evaluation) else None
    if steps is not None:
        _supersede(transaction, message, steps)
    processor_s = message.processor_s if isinstance(message, Evaluation) else None
    transaction.do(
        "INSERT INTO messages (seq, run_id, design_id, payload, steps, series, processor_s) VALUES (?, ?, ?, ?, ?, ?, ?)",
        seq, message.run_id, design_id, payload.decode(), steps, _series(message), processor_s,
    )  # fmt: skip
    transaction.messages.append(payload)
    return seq


def announce(transaction: Transaction, message: EvaluationProgress) -> None:
    """Send a message without storing it; it gets the number of the newest stored message."""
    transaction.messages.append(_encoder.encode(replace(message, seq=last_seq(transaction))))


def _series(message: LiveMessage) -> str | None:
    """The series of a metric that is measured repeatedly along a run; one value for each step counts."""
    if isinstance(message, RunDeleted):
        return _DELETED
    if isinstance(message, Evaluation):
        return f"evaluation {message.policy}"
    return UPDATES if isinstance(message, TrainingUpdate) else None


def _supersede(transaction: Transaction, message: LiveMessage, steps: int) -> None:
    """Mark older metrics of these steps, and of later steps that the run had made before it went back to a checkpoint."""
    transaction.do(
        "UPDATE messages SET superseded = 1"
        " WHERE run_id = ? AND steps >= ? AND superseded = 0 AND (steps > ? OR series = ?)",
        message.run_id, steps, steps, _series(message),
    )  # fmt: skip


def take_run_messages(transaction: Transaction, run_id: str, messages: Sequence[LiveMessage], offset: int) -> None:
    """Number and store what a run wrote, together with how far its file has been read; nothing of a deleted run.

    Older versions also wrote the progress of test games, which is not stored.
    """
    if is_run_deleted(transaction, run_id):
        return
    for message in messages:
        if not isinstance(message, EvaluationProgress):
            append_message(transaction, message)
    _set_offset(transaction, run_id, offset)


def append_unless_deleted(transaction: Transaction, message: RunStatusChanged | RunLabelled) -> None:
    """Append a message about a run, unless the run was deleted in the meantime."""
    if not is_run_deleted(transaction, message.run_id):
        append_message(transaction, message)


def _set_offset(transaction: Transaction, run_id: str, offset: int) -> None:
    transaction.do(
        "INSERT INTO run_offsets (run_id, offset) VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE SET offset = excluded.offset",
        run_id,
        offset,
    )


def set_offsets(transaction: Transaction, offsets: Mapping[str, int]) -> None:
    """Store how far the files of runs have been read, where that has changed without a message."""
    for run_id, offset in offsets.items():
        _set_offset(transaction, run_id, offset)


def delete_messages_of_run(transaction: Transaction, run_id: str, design_id: str) -> bool:
    """Delete some messages of a run, and at first announce that it is deleted; true while there are more.

    The `run_deleted` message is kept, so that a late repeat of the request does not start the run again.
    """
    if not is_run_deleted(transaction, run_id):
        append_message(transaction, RunDeleted(seq=0, run_id=run_id, design_id=design_id))
        transaction.do("DELETE FROM run_offsets WHERE run_id = ?", run_id)
    rows = transaction.rows("SELECT seq FROM messages WHERE run_id = ? ORDER BY seq LIMIT ?", run_id, DELETED_AT_ONCE + 1)
    if len(rows) > 1:
        last = rows[-2][0]
        transaction.do("DELETE FROM messages WHERE run_id = ? AND seq <= ?", run_id, last)
    return len(rows) > DELETED_AT_ONCE


def is_run_deleted(transaction: Transaction, run_id: str) -> bool:
    """Whether a run was deleted, which its newest message says then."""
    row = transaction.row("SELECT series FROM messages WHERE run_id = ? ORDER BY seq DESC LIMIT 1", run_id)
    return row is not None and row[0] == _DELETED


def last_announced_responding(transaction: Transaction, run_id: str) -> bool:
    """Whether the newest status message of a run says that its process responds; true where there is none that can be read."""
    row = transaction.row(
        "SELECT payload FROM messages WHERE run_id = ? AND design_id IS NOT NULL ORDER BY seq DESC LIMIT 1", run_id
    )
    if row is None:
        return True
    try:
        return _status_decoder.decode(row[0]).responding
    except (msgspec.DecodeError, UnicodeError, TypeError):
        return True


def run_offsets(transaction: Transaction) -> dict[str, int]:
    """How far the file of each run has been read; a file is read from its beginning where the number is damaged."""
    rows = transaction.rows("SELECT run_id, offset FROM run_offsets")
    return {text_of(run_id): number_of(offset) or 0 for run_id, offset in rows}


def messages_after(transaction: Transaction, seq: int, limit: int) -> list[StoredMessage]:
    """The next messages of all runs after a number, oldest first."""
    rows = transaction.rows("SELECT seq, payload FROM messages WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit)
    return [_stored(*row) for row in rows]


def messages_of_run(transaction: Transaction, run_id: str, after: int, limit: int) -> list[StoredMessage]:
    """The next messages of one run after a number, oldest first, without metrics that later ones have replaced."""
    rows = transaction.rows(
        "SELECT seq, payload FROM messages WHERE run_id = ? AND seq > ? AND superseded = 0 ORDER BY seq LIMIT ?",
        run_id, after, limit,
    )  # fmt: skip
    return [_stored(*row) for row in rows]


def _stored(seq: int, payload: Any) -> StoredMessage:
    try:
        data = payload.encode() if isinstance(payload, str) else bytes(payload or b"")
        _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, TypeError) as error:
        _log.warning("message %d cannot be read and is left out: %s", seq, error)
        return StoredMessage(seq, None)
    return StoredMessage(seq, data)
