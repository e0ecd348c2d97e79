"""Things asked for once: commands of a sync call by their ids, trainings by their idempotency keys."""

from typing import Any, Literal

import msgspec

from backend.store.database import Transaction
from backend.store.stored import id_of
from shared_py.protocol import ProblemDetails, PushedCommand, SyncedCommand

Kind = Literal["compile", "train"]


def find_command(transaction: Transaction, command_id: str) -> SyncedCommand | None:
    """How a command stands, if it was ever taken; an answer that cannot be read is made of the other columns."""
    row = transaction.row("SELECT answer, status, run_id FROM commands WHERE id = ?", command_id)
    if row is None:
        return None
    try:
        return msgspec.json.decode(row[0], type=SyncedCommand)
    except (msgspec.DecodeError, UnicodeError, TypeError):
        return _without_answer(command_id, *row[1:])


def _without_answer(command_id: str, status: Any, run_id: Any) -> SyncedCommand:
    """A training is known by its run; of anything else only its answer told how it ended."""
    if status in ("running", "done") and (run := id_of(run_id)) is not None:
        return SyncedCommand(command_id, status, run_id=run)
    sentence = "The stored answer to this command is damaged; ask for it again"
    return SyncedCommand(command_id, "failed", problem=ProblemDetails("The answer is damaged", 500, sentence))


def claim_command(transaction: Transaction, command: PushedCommand, answer: SyncedCommand) -> SyncedCommand | None:
    """Take a command with its first answer, or give the answer of the same command taken before."""
    known = find_command(transaction, command.id)
    if known is None:
        transaction.require_storing()
        transaction.do(
            "INSERT INTO commands (id, kind, design_id, created_at, status, run_id, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
            command.id, command.kind, command.design_id, transaction.now, answer.status, answer.run_id or None, _json(answer),
        )  # fmt: skip
    return known


def finish_command(transaction: Transaction, answer: SyncedCommand) -> None:
    """Note how a command ended."""
    transaction.require_storing()
    transaction.do("UPDATE commands SET status = ?, answer = ? WHERE id = ?", answer.status, _json(answer), answer.id)


def find_run_of_key(transaction: Transaction, design_id: str, key: str) -> str | None:
    """The run that was started under an idempotency key."""
    row = transaction.row("SELECT run_id FROM idempotency_keys WHERE design_id = ? AND key = ?", design_id, key)
    return None if row is None else id_of(row[0])


def claim_run(transaction: Transaction, design_id: str, key: str, run_id: str) -> str:
    """Reserve a run id under an idempotency key, or give the one reserved before."""
    known = find_run_of_key(transaction, design_id, key)
    if known is None:
        transaction.require_storing()
        transaction.do(
            "INSERT OR REPLACE INTO idempotency_keys (key, design_id, run_id, created_at) VALUES (?, ?, ?, ?)",
            key, design_id, run_id, transaction.now,
        )  # fmt: skip
    return known or run_id


def _json(answer: SyncedCommand) -> str:
    return msgspec.json.encode(answer).decode()
