"""Deleted designs: they stay in the bin, with all their versions, until a person purges them."""

from backend.errors import NotFound
from backend.store.database import Transaction
from backend.store.designs import IN_BIN, PURGED, find_design, write_design
from backend.store.stored import text_of
from shared_py.design import ModelArchitecture, canonical_bytes, etag_of_bytes
from shared_py.protocol import DeletedDesign, DesignMeta


def list_bin(transaction: Transaction) -> list[DeletedDesign]:
    """The deleted designs that can be restored, the one deleted last first."""
    rows = transaction.rows(
        "SELECT id, name, created_at, updated_at, etag FROM designs WHERE deleted = ? ORDER BY seq DESC", IN_BIN
    )
    return [DeletedDesign(*(text_of(value) for value in row)) for row in rows]


def restore_from_bin(transaction: Transaction, design_id: str) -> DesignMeta:
    """Make a deleted design living again, as an ordinary new version; NotFound, UnreadableDesign."""
    _require_in_bin(transaction, design_id)
    stored = find_design(transaction, design_id)
    assert stored is not None  # it is in the bin
    return write_design(transaction, stored.document, stored)


def purge(transaction: Transaction, design_id: str) -> None:
    """Delete the document, all versions and the conflicts of a deleted design; NotFound."""
    _require_in_bin(transaction, design_id)
    transaction.require_storing()
    nothing = canonical_bytes(ModelArchitecture(id=design_id))
    transaction.do("DELETE FROM revisions WHERE design_id = ?", design_id)
    transaction.do("DELETE FROM conflict_devices WHERE conflict_id IN (SELECT id FROM conflicts WHERE design_id = ?)", design_id)
    transaction.do("DELETE FROM conflicts WHERE design_id = ?", design_id)
    transaction.do(
        "UPDATE designs SET name = '', document = ?, etag = ?, deleted = ? WHERE id = ?",
        nothing.decode(), etag_of_bytes(nothing), PURGED, design_id,
    )  # fmt: skip


def _require_in_bin(transaction: Transaction, design_id: str) -> None:
    if transaction.row("SELECT 1 FROM designs WHERE id = ? AND deleted = ?", design_id, IN_BIN) is None:
        raise NotFound(f"There is no design {design_id} in the bin")
