"""Things asked for once: commands of a sync call by their ids, trainings by their idempotency keys."""

from typing import Literal

import msgspec

from backend.store.database import Transaction
from shared_py.protocol import PushedCommand, SyncedCommand

Kind = Literal["compile", "train"]


def find_command(transaction: Transaction, command_id: str) -> SyncedCommand | None:
    """How a command stands, if it was ever taken."""
    row = transaction.row("SELECT answer FROM commands WHERE id = ?", command_id)
    return None if row is None else msgspec.json.decode(row[0], type=SyncedCommand)


def claim_command(transaction: Transaction, command: PushedCommand, answer: SyncedCommand) -> SyncedCommand | None:
    """Take a command with its first answer, or give the answer of the same command taken before."""
    known = find_command(transaction, command.id)
    if known is None:
        transaction.do(
            "INSERT INTO commands (id, kind, design_id, created_at, status, run_id, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
            command.id, command.kind, command.design_id, transaction.now, answer.status, answer.run_id or None, _json(answer),
        )  # fmt: skip
    return known


def settle_command(transaction: Transaction, answer: SyncedCommand) -> None:
    """Note how a command ended."""
    transaction.do("UPDATE commands SET status = ?, answer = ? WHERE id = ?", answer.status, _json(answer), answer.id)


def find_run_of_key(transaction: Transaction, design_id: str, key: str) -> str | None:
    """The run that was started under an idempotency key."""
    row = transaction.row("SELECT run_id FROM idempotency_keys WHERE design_id = ? AND key = ?", design_id, key)
    return None if row is None else str(row[0])


def claim_run(transaction: Transaction, design_id: str, key: str, run_id: str) -> str:
    """Reserve a run id under an idempotency key, or give the one reserved before."""
    known = find_run_of_key(transaction, design_id, key)
    if known is None:
        transaction.do(
            "INSERT INTO idempotency_keys (key, design_id, run_id, created_at) VALUES (?, ?, ?, ?)",
            key, design_id, run_id, transaction.now,
        )  # fmt: skip
    return known or run_id


def _json(answer: SyncedCommand) -> str:
    return msgspec.json.encode(answer).decode()
