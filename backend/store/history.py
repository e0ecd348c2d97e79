"""The history of design changes: a random token for each, by which a phone recognises the server it last synced with.

A data folder that was put back from a copy has another change, or none, at the number that a phone has seen.
"""

import secrets

from backend.store.database import Transaction


def add_to_history(transaction: Transaction, seq: int) -> None:
    """Give the change of this number a token that no other history has."""
    transaction.do("INSERT INTO history (seq, token) VALUES (?, ?)", seq, secrets.token_hex(8))


def token_at(transaction: Transaction, seq: int) -> str | None:
    """The token of a change; None if this server has no change of that number."""
    row = transaction.row("SELECT token FROM history WHERE seq = ?", seq)
    return None if row is None else str(row[0])
