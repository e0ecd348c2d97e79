"""Stored designs that this server cannot read: listed, and announced again once they can be read."""

from backend.store.database import Transaction
from backend.store.designs import announce_again, living_designs, problem_of


def check_designs(transaction: Transaction) -> None:
    """Read every design; store which cannot be read, and announce as changed those that can be read again.

    The cursors of phones are already behind them, so phones would not request them otherwise.
    """
    noted = dict(transaction.unreadable())
    checked = {stored.meta.id: (stored, problem_of(stored)) for stored in living_designs(transaction)}
    for name, (stored, problem) in checked.items():
        if problem is not None:
            note_unreadable(transaction, name, problem)
        elif name in noted:
            announce_again(transaction, stored)
    for name in noted:
        if name not in checked or checked[name][1] is None:
            transaction.do("DELETE FROM unreadable_designs WHERE design_id = ?", name)


def note_unreadable(transaction: Transaction, design_id: str, problem: str) -> None:
    """Store that a design could not be read, and why."""
    transaction.do(
        "INSERT INTO unreadable_designs (design_id, problem) VALUES (?, ?)"
        " ON CONFLICT (design_id) DO UPDATE SET problem = excluded.problem",
        design_id, problem,
    )  # fmt: skip
