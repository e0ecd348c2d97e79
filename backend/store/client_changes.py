"""The changes received from each client, so that a repeat is recognised, and a number that is used twice."""

from backend.store.database import Transaction

KEPT_CHANGES = 50
"""for each design and client; a repeat of an older one is refused, which is harmless because its sender has gone on"""


def has_change(transaction: Transaction, design_id: str, client_id: str, change: int, digest: str) -> bool | None:
    """Whether the change of this number was received with the same content.

    None where the content is not known: of a change that an older server received, or whose number came with another phone's base.
    """
    row = transaction.row(
        "SELECT digest FROM client_changes WHERE design_id = ? AND client_id = ? AND change = ?", design_id, client_id, change
    )
    return None if row is None or row[0] is None else row[0] == digest


def record_change(transaction: Transaction, design_id: str, client_id: str, change: int, digest: str) -> None:
    """Store that a change was received, with the digest of its content."""
    transaction.require_storing()
    transaction.do(
        "INSERT OR IGNORE INTO client_changes (design_id, client_id, change, digest) VALUES (?, ?, ?, ?)",
        design_id, client_id, change, digest,
    )  # fmt: skip
    transaction.do(
        "DELETE FROM client_changes WHERE design_id = ? AND client_id = ? AND change <"
        " (SELECT change FROM client_changes WHERE design_id = ? AND client_id = ? ORDER BY change DESC LIMIT 1 OFFSET ?)",
        design_id, client_id, design_id, client_id, KEPT_CHANGES - 1,
    )  # fmt: skip
