"""Requests that run once: commands of a sync call by their ids, trainings by their idempotency keys."""

from typing import Any, Literal

import msgspec

from backend.store.database import Transaction
from backend.store.messages import append_message
from backend.store.stored import id_of
from shared_py.protocol import CommandFinished, ProblemDetails, PushedCommand, SyncedCommand

Kind = Literal["compile", "train", "resume"]


def find_command(transaction: Transaction, command_id: str) -> SyncedCommand | None:
    """The state of a command, if it was ever received; where the stored one cannot be read, the other columns are used."""
    row = transaction.row("SELECT answer, status, run_id FROM commands WHERE id = ?", command_id)
    if row is None:
        return None
    try:
        return msgspec.json.decode(row[0], type=SyncedCommand)
    except (msgspec.DecodeError, UnicodeError, TypeError):
        return _from_columns(command_id, *row[1:])


def _from_columns(command_id: str, status: Any, run_id: Any) -> SyncedCommand:
    """The state of a training is known by its run; that of anything else is lost."""
    if status in ("running", "done") and (run := id_of(run_id)) is not None:
        return SyncedCommand(command_id, status, run_id=run)
    sentence = "The stored result of this command is damaged; send a new command"
    return SyncedCommand(command_id, "failed", problem=ProblemDetails("The result is damaged", 500, sentence))


def claim_command(transaction: Transaction, command: PushedCommand, state: SyncedCommand) -> SyncedCommand | None:
    """Store a command with its first state, or return the state of the same command received before."""
    earlier = find_command(transaction, command.id)
    if earlier is None:
        transaction.require_storing()
        transaction.do(
            "INSERT INTO commands (id, kind, design_id, created_at, status, run_id, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
            command.id, command.kind, command.design_id, transaction.now, state.status, state.run_id or None, _json(state),
        )  # fmt: skip
    return earlier


def finish_command(transaction: Transaction, state: SyncedCommand) -> None:
    """Store how a command ended."""
    transaction.require_storing()
    transaction.do("UPDATE commands SET status = ?, answer = ? WHERE id = ?", state.status, _json(state), state.id)


def finish_running_command(transaction: Transaction, state: SyncedCommand, design_id: str) -> None:
    """Store how a command ended that was answered with `running`, and announce it to all phones."""
    assert state.status != "running"
    finish_command(transaction, state)
    append_message(transaction, CommandFinished(0, None, state.id, design_id, state.status))


def find_run_of_key(transaction: Transaction, design_id: str, key: str) -> str | None:
    """The run that was started with an idempotency key."""
    row = transaction.row("SELECT run_id FROM idempotency_keys WHERE design_id = ? AND key = ?", design_id, key)
    return None if row is None else id_of(row[0])


def claim_run(transaction: Transaction, design_id: str, key: str, run_id: str) -> str:
    """Reserve a run id for an idempotency key, or return the one reserved before."""
    earlier = find_run_of_key(transaction, design_id, key)
    if earlier is None:
        transaction.require_storing()
        transaction.do(
            "INSERT OR REPLACE INTO idempotency_keys (key, design_id, run_id, created_at) VALUES (?, ?, ?, ?)",
            key, design_id, run_id, transaction.now,
        )  # fmt: skip
    return earlier or run_id


def _json(state: SyncedCommand) -> str:
    return msgspec.json.encode(state).decode()
