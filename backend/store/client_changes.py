"""The changes received from each client, so that a repeat is recognised, and a number that is used twice."""

from collections.abc import Mapping

from backend.store.database import Transaction
from shared_py.protocol import Contents, VersionVector

KEPT_CHANGES = 50
"""for each design and client; a repeat of an older one is refused, which is harmless because its sender has gone on"""

MAX_CLIENTS = 200
"""in the vector of a version that this server makes: far more than phones draw one design, and fewer than a call may send"""


def has_change(transaction: Transaction, design_id: str, client_id: str, change: int, digest: str) -> bool | None:
    """Whether the change of this number was received with the same content.

    None where that is not known: an older server received it, or its number came with the base of another phone.
    """
    row = transaction.row(
        "SELECT digest FROM client_changes WHERE design_id = ? AND client_id = ? AND change = ?", design_id, client_id, change
    )
    return None if row is None or row[0] is None else row[0] == digest


def record_change(transaction: Transaction, design_id: str, client_id: str, change: int, digest: str) -> None:
    """Store that a change was received, with the digest of its content."""
    transaction.require_storing()
    transaction.do(
        "INSERT OR REPLACE INTO client_changes (design_id, client_id, change, digest) VALUES (?, ?, ?, ?)",
        design_id, client_id, change, digest,
    )  # fmt: skip
    transaction.do(
        "DELETE FROM client_changes WHERE design_id = ? AND client_id = ? AND change <"
        " (SELECT change FROM client_changes WHERE design_id = ? AND client_id = ? ORDER BY change DESC LIMIT 1 OFFSET ?)",
        design_id, client_id, design_id, client_id, KEPT_CHANGES - 1,
    )  # fmt: skip


def bounded(transaction: Transaction, design_id: str, seen: Mapping[str, int], client_id: str | None = None) -> VersionVector:
    """The vector of a new version by a client, without some entries where it has too many.

    Anybody can name clients in the vector of a base. Those from which this server has received nothing are left out first, then
    those that were silent for longest. Left out, a client's next version counts as one that this server has lost, and is merged.
    """
    if len(seen) <= MAX_CLIENTS:
        return dict(seen)
    rows = transaction.rows(
        "SELECT client_id, max(rowid) FROM client_changes WHERE design_id = ? AND digest IS NOT NULL GROUP BY client_id",
        design_id,
    )
    last_change: dict[str, int] = dict(rows)
    own = (client_id, transaction.actor)
    ranked = sorted(seen, key=lambda client: (client in own, last_change.get(client, -1), client), reverse=True)
    return {client: seen[client] for client in sorted(ranked[:MAX_CLIENTS])}


def contents_of(transaction: Transaction, design_id: str, seen: Mapping[str, int]) -> Contents:
    """Number and digest of the newest change of each client in a vector, where this server knows it."""
    rows = transaction.rows(
        "SELECT client_id, max(change), digest FROM client_changes WHERE design_id = ? GROUP BY client_id", design_id
    )
    return {client: f"{change} {digest}" for client, change, digest in rows if digest and seen.get(client) == change}


def record_contents(transaction: Transaction, design_id: str, seen: Mapping[str, int], contents: Contents) -> None:
    """Store what a phone knows of changes that this server has lost; a forged digest only makes their sender send again."""
    for client, change in seen.items():
        number, _, digest = contents.get(client, "").partition(" ")
        if digest and number == str(change) and has_change(transaction, design_id, client, change, digest) is None:
            record_change(transaction, design_id, client, change, digest)
