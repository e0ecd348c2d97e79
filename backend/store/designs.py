"""Designs with all their versions, also of deleted ones; a row that cannot be read does not affect the others."""

from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from backend.errors import AlreadyExists, NotFound, PreconditionFailed, TooManyDesigns, UnreadableDesign
from backend.store.client_changes import bounded
from backend.store.database import Transaction
from backend.store.history import add_to_history
from backend.store.messages import append_message, last_seq
from backend.store.revisions import bound_versions
from backend.store.stored import number_of, read_document, text_of
from backend.store.vectors import decoded, encoded
from shared_py.design import ModelArchitecture, canonical_bytes, etag_of_bytes
from shared_py.protocol import DesignChanged, DesignMeta, VersionVector


class StoredDesign(Struct, frozen=True):
    """A design as the server has it; `seq` is the number of the message that announced this version."""

    meta: DesignMeta
    content: Any
    """the document as it is stored"""
    seq: int
    deleted: bool
    seen: VersionVector = {}
    """the changes of each client that this version includes"""
    purged: bool = False
    """whether a person deleted it from the bin too, so that only the id and the vector are left"""

    @property
    def document(self) -> ModelArchitecture:
        """The design; UnreadableDesign where what is stored is damaged or of a newer version."""
        return read_document(self.meta.id, self.content)


IN_BIN, PURGED = 1, 2
"""values of `deleted` of a deleted design; of a purged one only the id is left, so that a phone which still has it receives the
deletion"""


class Origin(Struct, frozen=True):
    """Where a version comes from: the client that sent it, and the changes that it includes."""

    client: str | None
    seen: VersionVector


_COLUMNS = "SELECT id, name, created_at, updated_at, etag, document, seq, deleted, seen FROM designs"
_ONE = f"{_COLUMNS} WHERE id = ?"
_LIVING = f"{_COLUMNS} WHERE deleted = 0 ORDER BY seq DESC"
_CHANGED = f"{_COLUMNS} WHERE seq > ? ORDER BY seq"


def _stored(row: tuple[Any, ...]) -> StoredDesign:
    *meta, document, seq, deleted, seen = row
    named = DesignMeta(*(text_of(value) for value in meta))
    return StoredDesign(named, document, number_of(seq) or 0, bool(deleted), decoded(seen), deleted == PURGED)


def find_design(transaction: Transaction, design_id: str) -> StoredDesign | None:
    """The newest version of a design, also when it was deleted."""
    row = transaction.row(_ONE, design_id)
    return None if row is None else _stored(row)


def is_unchanged(transaction: Transaction, design_id: str, etag: str | None, seen: VersionVector) -> bool:
    """Whether a design is still the version of this etag, None for a deleted one, and vector; its document is not read."""
    row = transaction.row("SELECT CASE deleted WHEN 0 THEN etag END, seen FROM designs WHERE id = ?", design_id)
    return row is not None and row[0] == etag and decoded(row[1]) == seen


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


def living_names(transaction: Transaction) -> dict[str, str]:
    """The names of the living designs by their ids."""
    return {text_of(key): text_of(name) for key, name in transaction.rows("SELECT id, name FROM designs WHERE deleted = 0")}


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


def write_design(
    transaction: Transaction, design: ModelArchitecture, before: StoredDesign | None, origin: Origin | None = None
) -> DesignMeta:
    """Store a version of a design in place of `before`, which `find_design` returned in the same transaction.

    No version is stored when the document is the same. Without an origin it is a change made on this server. TooManyDesigns for
    a new one beyond the limit.
    """
    transaction.require_storing()
    if before is None or before.purged:
        _require_room(transaction)
    text = canonical_bytes(design)
    etag = etag_of_bytes(text)
    if before is not None and not before.deleted and before.meta.etag == etag:
        if origin is not None and origin.seen != before.seen:
            transaction.do("UPDATE designs SET seen = ? WHERE id = ?", encoded(origin.seen), design.id)
        return before.meta
    seq = _announce(transaction, design.id, etag)
    if origin is None:
        seen_before = before.seen if before is not None else {}
        origin = Origin(None, bounded(transaction, design.id, transaction.with_own_change(seen_before)))
    document, seen = text.decode(), encoded(origin.seen)
    created_at = before.meta.created_at if before is not None else transaction.now
    transaction.do(
        "INSERT INTO designs (id, name, document, etag, created_at, updated_at, seq, deleted, seen)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, document = excluded.document, etag = excluded.etag,"
        " updated_at = excluded.updated_at, seq = excluded.seq, deleted = 0, seen = excluded.seen",
        design.id, design.name, document, etag, created_at, transaction.now, seq, seen,
    )  # fmt: skip
    transaction.do(
        "INSERT INTO revisions (design_id, etag, document, stored_at, seq, seen, client, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        design.id, etag, document, transaction.now, seq, seen, origin.client, len(text),
    )  # fmt: skip
    bound_versions(transaction, design.id)
    _forget_problem(transaction, design.id)
    return DesignMeta(design.id, design.name, created_at, transaction.now, etag)


def _require_room(transaction: Transaction) -> None:
    most = transaction.bounds.designs
    row = transaction.row("SELECT count(*) FROM designs WHERE deleted <> ?", PURGED)
    if row is not None and row[0] >= most:
        raise TooManyDesigns(
            f"This server keeps {most:,} designs, including those in the bin, and the limit is reached: delete some from the bin,"
            " or start it with a larger --max-designs"
        )


def _announce(transaction: Transaction, design_id: str, etag: str | None) -> int:
    """Number a change of a design, and have it sent to everyone."""
    seq = append_message(transaction, DesignChanged(seq=0, run_id=None, design_id=design_id, etag=etag))
    add_to_history(transaction, seq)
    return seq


def create_design(transaction: Transaction, design: ModelArchitecture) -> DesignMeta:
    """Store a design under a new id, or AlreadyExists."""
    before = find_design(transaction, design.id)
    if before is not None and not before.deleted:
        raise AlreadyExists(f"There is a design {design.id} already")
    return write_design(transaction, design, before)


def delete_design(transaction: Transaction, stored: StoredDesign, seen: VersionVector | None = None) -> None:
    """Mark a design as deleted; its versions are kept, so that nothing is lost by mistake."""
    transaction.require_storing()
    design_id = stored.meta.id
    seq = _announce(transaction, design_id, None)
    included = bounded(transaction, design_id, transaction.with_own_change(stored.seen)) if seen is None else seen
    transaction.do(
        "UPDATE designs SET deleted = 1, updated_at = ?, seq = ?, seen = ? WHERE id = ?",
        transaction.now, seq, encoded(included), design_id,
    )  # fmt: skip
    _forget_problem(transaction, design_id)


def announce_again(transaction: Transaction, stored: StoredDesign) -> None:
    """Give a design a new number as if it had just been stored, so that the next sync of each phone contains it."""
    seq = _announce(transaction, stored.meta.id, stored.meta.etag)
    transaction.do("UPDATE designs SET seq = ? WHERE id = ?", seq, stored.meta.id)


def add_seen(transaction: Transaction, design_id: str, seen: VersionVector) -> None:
    """Store that a design includes changes which left its document, or its deletion, as it is."""
    transaction.require_storing()
    transaction.do("UPDATE designs SET seen = ? WHERE id = ?", encoded(seen), design_id)


def add_earlier_version(transaction: Transaction, design: ModelArchitecture, seen: VersionVector) -> None:
    """Add an earlier version of a design that this server had lost, and that a phone still had."""
    text = canonical_bytes(design)
    transaction.do(
        "INSERT INTO revisions (design_id, etag, document, stored_at, seq, seen, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
        design.id, etag_of_bytes(text), text.decode(), transaction.now, last_seq(transaction), encoded(seen), len(text),
    )  # fmt: skip


def vector_of_version(transaction: Transaction, design_id: str, etag: str) -> VersionVector | None:
    """The version vector of a stored version of a design; None if there never was such a version."""
    row = transaction.row("SELECT seen FROM revisions WHERE design_id = ? AND etag = ? ORDER BY id DESC LIMIT 1", design_id, etag)
    return None if row is None else decoded(row[0])


def version_vectors(transaction: Transaction, design_id: str) -> list[tuple[int, VersionVector]]:
    """The versions of a design whose documents are kept, newest first: number, for `document_of_version`, and vector."""
    rows = transaction.rows("SELECT id, seen FROM revisions WHERE design_id = ? AND thinned = 0 ORDER BY id DESC", design_id)
    return [(number, decoded(seen)) for number, seen in rows]


def document_of_version(transaction: Transaction, design_id: str, number: int) -> ModelArchitecture:
    """The document of a stored version; UnreadableDesign where it is damaged."""
    (document,) = transaction.rows("SELECT document FROM revisions WHERE id = ?", number)[0]
    return read_document(design_id, document)


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
