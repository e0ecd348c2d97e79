"""The newest change of each phone to each design, so that a late repeat of an older one has no effect."""

from backend.store.database import Transaction
from backend.store.stored import number_of


def last_change(transaction: Transaction, design_id: str, client_id: str) -> int | None:
    """The number of the newest change of a design received from a phone."""
    row = transaction.row("SELECT change FROM pushes WHERE design_id = ? AND client_id = ?", design_id, client_id)
    return None if row is None else number_of(row[0])


def remember_change(transaction: Transaction, design_id: str, client_id: str, change: int) -> None:
    """Store that a change was received."""
    transaction.require_storing()
    transaction.do(
        "INSERT INTO pushes (design_id, client_id, change) VALUES (?, ?, ?)"
        " ON CONFLICT (design_id, client_id) DO UPDATE SET change = excluded.change",
        design_id, client_id, change,
    )  # fmt: skip
