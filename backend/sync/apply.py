"""A sync call against the store: every push is settled, and what changed since the cursor is told, in one transaction."""

from collections.abc import Sequence

from msgspec import UNSET, Struct

from backend.errors import DatabaseDamaged, DatabaseReplaced, InvalidDocument, UnreadableDesign
from backend.store.client_changes import last_change, remember_change
from backend.store.database import Transaction
from backend.store.designs import (
    StoredDesign,
    delete_design,
    design_cursor,
    designs_changed_after,
    find_design,
    write_design,
)
from backend.store.unreadable import note_unreadable, unreadable_designs
from backend.sync.reconcile import Push, ServerSide, reconcile
from backend.web.problem_details import details_of
from shared_py.decoding import DesignError, decode_design
from shared_py.design import ModelArchitecture, canonical_bytes
from shared_py.protocol import Conflict, Rejection, SyncedDesign


class Applied(Struct, frozen=True):
    """The answer to the designs of a call."""

    cursor: int
    designs: list[SyncedDesign]
    rejected: list[Rejection]
    unreadable: list[Rejection]


def settle(transaction: Transaction, pushes: Sequence[Push], cursor: int, *, base_is_known: bool) -> Applied:
    """Settle every push in turn, then tell what others changed after the cursor; what cannot be read is named by itself.

    The cursor given back is never below the one that came: a damaged database may have lost its newest designs.
    """
    designs: list[SyncedDesign] = []
    rejected: list[Rejection] = []
    for push in pushes:
        try:
            designs.append(_apply_push(transaction, push, base_is_known=base_is_known))
        except (InvalidDocument, UnreadableDesign, DatabaseDamaged, DatabaseReplaced) as error:
            rejected.append(Rejection(push.id, details_of(error)))
    told = {design.id for design in designs}
    for stored in designs_changed_after(transaction, cursor):
        if stored.meta.id in told:
            continue
        try:
            designs.append(_synced(stored))
        except UnreadableDesign as error:
            note_unreadable(transaction, stored.meta.id, error.detail)
    noted = unreadable_designs(transaction)
    unreadable = [Rejection(name, details_of(UnreadableDesign(problem))) for name, problem in noted]
    return Applied(max(cursor, design_cursor(transaction)), designs, rejected, unreadable)


def _apply_push(transaction: Transaction, push: Push, *, base_is_known: bool) -> SyncedDesign:
    before = find_design(transaction, push.id)
    seen = last_change(transaction, push.id, push.client_id) if push.client_id is not None else None
    stored = None if before is None or before.deleted else before.document
    server = ServerSide(stored, before is not None and before.deleted, seen)
    outcome = reconcile(push, server, base_is_known=base_is_known)
    if outcome.document is not None:
        write_design(transaction, _checked(outcome.document))
    elif before is not None and not before.deleted:
        delete_design(transaction, push.id)
    if push.client_id is not None and push.change is not None and push.change > (-1 if seen is None else seen):
        remember_change(transaction, push.id, push.client_id, push.change)
    after = find_design(transaction, push.id)
    return SyncedDesign(push.id, deleted=True) if after is None else _synced(after, outcome.conflicts)


def _checked(design: ModelArchitecture) -> ModelArchitecture:
    """A union may outgrow what a design may hold; then it is refused, and both sides keep what they have."""
    try:
        return decode_design(canonical_bytes(design))
    except DesignError as error:
        raise InvalidDocument(f"What both sides made cannot be joined: {error}", errors=error.errors) from error


def _synced(stored: StoredDesign, conflicts: Sequence[Conflict] = ()) -> SyncedDesign:
    if stored.deleted:
        return SyncedDesign(stored.meta.id, deleted=True)
    return SyncedDesign(stored.meta.id, stored.meta.etag, document=stored.document, conflicts=list(conflicts) or UNSET)
