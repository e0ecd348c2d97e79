"""Designs with all their versions, also of deleted ones; a row that cannot be read does not affect the others."""

from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from backend.errors import AlreadyExists, NotFound, PreconditionFailed, UnreadableDesign
from backend.store.database import Transaction
from backend.store.messages import append_message
from backend.store.stored import number_of, read_document, text_of
from shared_py.design import ModelArchitecture, canonical_bytes, etag_of_bytes
from shared_py.protocol import DesignChanged, DesignMeta


class StoredDesign(Struct, frozen=True):
    """A design as the server has it; `seq` is the number of the message that announced this version."""

    meta: DesignMeta
    content: Any
    """the document as it is stored"""
    seq: int
    deleted: bool

    @property
    def document(self) -> ModelArchitecture:
        """The design; UnreadableDesign where what is stored is damaged or of a newer version."""
        return read_document(self.meta.id, self.content)


_ONE = "SELECT id, name, created_at, updated_at, etag, document, seq, deleted FROM designs WHERE id = ?"
_LIVING = "SELECT id, name, created_at, updated_at, etag, document, seq, deleted FROM designs WHERE deleted = 0 ORDER BY seq DESC"
_CHANGED = "SELECT id, name, created_at, updated_at, etag, document, seq, deleted FROM designs WHERE seq > ? ORDER BY seq"


def _stored(row: tuple[Any, ...]) -> StoredDesign:
    *meta, document, seq, deleted = row
    return StoredDesign(DesignMeta(*(text_of(value) for value in meta)), document, number_of(seq) or 0, bool(deleted))


def find_design(transaction: Transaction, design_id: str) -> StoredDesign | None:
    """The newest version of a design, also when it was deleted."""
    row = transaction.row(_ONE, design_id)
    return None if row is None else _stored(row)


def get_design(transaction: Transaction, design_id: str) -> StoredDesign:
    """The newest version of a living design, or NotFound."""
    stored = find_design(transaction, design_id)
    if stored is None or stored.deleted:
        raise NotFound(f"There is no design {design_id}")
    return stored


def list_designs(transaction: Transaction) -> list[DesignMeta]:
    """The living designs, the one changed last first; one that cannot be read has its `problem` with it."""
    metas = []
    for stored in living_designs(transaction):
        problem = problem_of(stored)
        metas.append(stored.meta if problem is None else replace(stored.meta, problem=problem))
    return metas


def design_ids(transaction: Transaction) -> list[str]:
    """The ids of all designs, deleted ones too."""
    return [str(name) for (name,) in transaction.rows("SELECT id FROM designs ORDER BY id")]


def living_designs(transaction: Transaction) -> list[StoredDesign]:
    """The living designs with their documents, the one changed last first."""
    return [_stored(row) for row in transaction.rows(_LIVING)]


def problem_of(stored: StoredDesign) -> str | None:
    """Why a stored design cannot be read; None if it can."""
    try:
        stored.document  # noqa: B018  # decodes it, to find out whether that is possible
    except UnreadableDesign as error:
        return error.detail
    return None


def designs_changed_after(transaction: Transaction, cursor: int) -> list[StoredDesign]:
    """The designs stored or deleted after a cursor, oldest change first."""
    return [_stored(row) for row in transaction.rows(_CHANGED, cursor)]


def design_cursor(transaction: Transaction) -> int:
    """The number of the newest change of any design, 0 when there is none."""
    row = transaction.row("SELECT max(seq) FROM designs WHERE typeof(seq) = 'integer'")
    return 0 if row is None or row[0] is None else int(row[0])


def write_design(transaction: Transaction, design: ModelArchitecture, before: StoredDesign | None) -> DesignMeta:
    """Store a version of a design in place of `before`, which `find_design` returned in the same transaction.

    Nothing is stored when the document is the same.
    """
    transaction.require_storing()
    text = canonical_bytes(design)
    etag = etag_of_bytes(text)
    if before is not None and not before.deleted and before.meta.etag == etag:
        return before.meta
    message = DesignChanged(seq=0, run_id=None, design_id=design.id, etag=etag)
    seq = append_message(transaction, message)
    document = text.decode()
    created_at = before.meta.created_at if before is not None else transaction.now
    transaction.do(
        "INSERT INTO designs (id, name, document, etag, created_at, updated_at, seq, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, 0)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, document = excluded.document, etag = excluded.etag,"
        " updated_at = excluded.updated_at, seq = excluded.seq, deleted = 0",
        design.id, design.name, document, etag, created_at, transaction.now, seq,
    )  # fmt: skip
    transaction.do(
        "INSERT INTO revisions (design_id, etag, document, stored_at, seq) VALUES (?, ?, ?, ?, ?)",
        design.id, etag, document, transaction.now, seq,
    )  # fmt: skip
    _forget_problem(transaction, design.id)
    return DesignMeta(design.id, design.name, created_at, transaction.now, etag)


def create_design(transaction: Transaction, design: ModelArchitecture) -> DesignMeta:
    """Store a design under a new id, or AlreadyExists."""
    before = find_design(transaction, design.id)
    if before is not None and not before.deleted:
        raise AlreadyExists(f"There is a design {design.id} already")
    return write_design(transaction, design, before)


def delete_design(transaction: Transaction, stored: StoredDesign) -> None:
    """Mark a design as deleted; its versions are kept, so that nothing is lost by mistake."""
    transaction.require_storing()
    design_id = stored.meta.id
    seq = append_message(transaction, DesignChanged(seq=0, run_id=None, design_id=design_id, etag=None))
    transaction.do("UPDATE designs SET deleted = 1, updated_at = ?, seq = ? WHERE id = ?", transaction.now, seq, design_id)
    _forget_problem(transaction, design_id)


def announce_again(transaction: Transaction, stored: StoredDesign) -> None:
    """Give a design a new number as if it had just been stored, so that the next sync of each phone contains it."""
    message = DesignChanged(seq=0, run_id=None, design_id=stored.meta.id, etag=stored.meta.etag)
    transaction.do("UPDATE designs SET seq = ? WHERE id = ?", append_message(transaction, message), stored.meta.id)


def _forget_problem(transaction: Transaction, design_id: str) -> None:
    transaction.do("DELETE FROM unreadable_designs WHERE design_id = ?", design_id)


def stale(current: StoredDesign) -> PreconditionFailed:
    """The error for a change that was made to an older version; it contains the current one."""
    extra: dict[str, Any] = {"etag": current.meta.etag}
    with suppress(UnreadableDesign):
        extra["current"] = msgspec.to_builtins(current.document)
    return PreconditionFailed(
        f"Design {current.meta.id} has changed since; merge with the current document and send its etag", extra=extra
    )
