"""Designs, every version they ever had, and the ones that were deleted."""

from typing import Any

import msgspec
from msgspec import Struct

from backend.errors import AlreadyExists, NotFound, PreconditionFailed
from backend.store.database import Transaction
from backend.store.messages import append_message
from shared_py.decoding import decode_design
from shared_py.design import ModelArchitecture, canonical_bytes, etag_of
from shared_py.protocol import DesignChanged, DesignMeta


class StoredDesign(Struct, frozen=True):
    """A design as the server has it; `seq` is the number of the message that told of this version."""

    meta: DesignMeta
    document: ModelArchitecture
    seq: int
    deleted: bool


_ONE = "SELECT id, name, created_at, updated_at, etag, document, seq, deleted FROM designs WHERE id = ?"
_CHANGED = "SELECT id, name, created_at, updated_at, etag, document, seq, deleted FROM designs WHERE seq > ? ORDER BY seq"


def _stored(row: tuple[Any, ...]) -> StoredDesign:
    key, name, created_at, updated_at, etag, document, seq, deleted = row
    return StoredDesign(DesignMeta(key, name, created_at, updated_at, etag), decode_design(document), seq, bool(deleted))


def find_design(transaction: Transaction, design_id: str) -> StoredDesign | None:
    """The newest version of a design, also when it was deleted."""
    row = transaction.row(_ONE, design_id)
    return None if row is None else _stored(row)


def get_design(transaction: Transaction, design_id: str) -> StoredDesign:
    """The newest version of a living design, or NotFound."""
    found = find_design(transaction, design_id)
    if found is None or found.deleted:
        raise NotFound(f"There is no design {design_id}")
    return found


def list_designs(transaction: Transaction) -> list[DesignMeta]:
    """The living designs, the one changed last first."""
    rows = transaction.rows("SELECT id, name, created_at, updated_at, etag FROM designs WHERE deleted = 0 ORDER BY seq DESC")
    return [DesignMeta(*row) for row in rows]


def designs_changed_after(transaction: Transaction, cursor: int) -> list[StoredDesign]:
    """The designs stored or deleted after a cursor, oldest change first."""
    return [_stored(row) for row in transaction.rows(_CHANGED, cursor)]


def design_cursor(transaction: Transaction) -> int:
    """The number of the newest change of any design, 0 when there is none."""
    row = transaction.row("SELECT max(seq) FROM designs")
    return 0 if row is None or row[0] is None else int(row[0])


def write_design(transaction: Transaction, design: ModelArchitecture) -> DesignMeta:
    """Store a version, whatever was there; nothing happens when this very document is there already."""
    etag = etag_of(design)
    before = find_design(transaction, design.id)
    if before is not None and not before.deleted and before.meta.etag == etag:
        return before.meta
    message = DesignChanged(seq=0, run_id=None, design_id=design.id, etag=etag)
    seq = append_message(transaction, message)
    text = canonical_bytes(design).decode()
    created_at = before.meta.created_at if before is not None else transaction.now
    transaction.do(
        "INSERT INTO designs (id, name, document, etag, created_at, updated_at, seq, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, 0)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, document = excluded.document, etag = excluded.etag,"
        " updated_at = excluded.updated_at, seq = excluded.seq, deleted = 0",
        design.id, design.name, text, etag, created_at, transaction.now, seq,
    )  # fmt: skip
    transaction.do(
        "INSERT INTO revisions (design_id, etag, document, stored_at, seq) VALUES (?, ?, ?, ?, ?)",
        design.id, etag, text, transaction.now, seq,
    )  # fmt: skip
    return DesignMeta(design.id, design.name, created_at, transaction.now, etag)


def create_design(transaction: Transaction, design: ModelArchitecture) -> DesignMeta:
    """Store a design under a new id, or AlreadyExists."""
    before = find_design(transaction, design.id)
    if before is not None and not before.deleted:
        raise AlreadyExists(f"There is a design {design.id} already")
    return write_design(transaction, design)


def delete_design(transaction: Transaction, design_id: str) -> None:
    """Mark a design deleted; its versions stay, so that nothing is lost by a slip."""
    get_design(transaction, design_id)
    seq = append_message(transaction, DesignChanged(seq=0, run_id=None, design_id=design_id, etag=None))
    transaction.do("UPDATE designs SET deleted = 1, updated_at = ?, seq = ? WHERE id = ?", transaction.now, seq, design_id)


def stale(current: StoredDesign) -> PreconditionFailed:
    """The error for a change that was made to an older version; the current one travels with it."""
    return PreconditionFailed(
        f"Design {current.meta.id} has changed since; merge with the current document and send its etag",
        extra={"etag": current.meta.etag, "current": msgspec.to_builtins(current.document)},
    )
