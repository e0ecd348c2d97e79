"""Applies a sync call to the store: every pushed design, then what changed since the cursor, in one transaction."""

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
from shared_py.decoding import DesignError, check_design
from shared_py.design import ModelArchitecture
from shared_py.protocol import Rejection, SyncedDesign


class Applied(Struct, frozen=True):
    """The response to the designs of a call."""

    cursor: int
    designs: list[SyncedDesign]
    rejected: list[Rejection]
    unreadable: list[Rejection]


def apply_pushes(transaction: Transaction, pushes: Sequence[Push], cursor: int, *, base_is_known: bool) -> Applied:
    """Apply every push in turn, then add what others changed after the cursor; designs that cannot be read are listed apart.

    The returned cursor is never below the one that came: a damaged database may have lost its newest designs.
    """
    designs: list[SyncedDesign] = []
    rejected: list[Rejection] = []
    for push in pushes:
        try:
            designs.append(_apply_push(transaction, push, base_is_known=base_is_known))
        except (InvalidDocument, UnreadableDesign, DatabaseDamaged, DatabaseReplaced) as error:
            rejected.append(Rejection(push.id, details_of(error)))
    pushed = {design.id for design in designs}
    for stored in designs_changed_after(transaction, cursor):
        if stored.meta.id in pushed:
            continue
        try:
            designs.append(_synced(stored))
        except UnreadableDesign as error:
            note_unreadable(transaction, stored.meta.id, error.detail)
    noted = unreadable_designs(transaction)
    unreadable = [Rejection(name, details_of(UnreadableDesign(problem))) for name, problem in noted]
    return Applied(max(cursor, design_cursor(transaction)), designs, rejected, unreadable)


def _apply_push(transaction: Transaction, push: Push, *, base_is_known: bool) -> SyncedDesign:
    """Apply one push: the stored design is read and decoded once, and the new one is encoded once."""
    before = find_design(transaction, push.id)
    seen = last_change(transaction, push.id, push.client_id) if push.client_id is not None else None
    current = None if before is None or before.deleted else before.document
    outcome = reconcile(push, ServerSide(current, before is not None and before.deleted, seen), base_is_known=base_is_known)
    synced = SyncedDesign(push.id, deleted=True)
    if outcome.document is not None:
        etag = _store(transaction, push, before, outcome.document, is_new=outcome.document is not current)
        synced = SyncedDesign(push.id, etag, document=outcome.document, conflicts=outcome.conflicts or UNSET)
    elif before is not None and not before.deleted:
        delete_design(transaction, before)
    if push.client_id is not None and push.change is not None and push.change > (-1 if seen is None else seen):
        remember_change(transaction, push.id, push.client_id, push.change)
    return synced


def _store(transaction: Transaction, push: Push, before: StoredDesign | None, design: ModelArchitecture, *, is_new: bool) -> str:
    """Store the resulting design unless it is unchanged; returns its ETag."""
    if before is not None and not is_new:
        transaction.require_storing()  # a read-only (damaged) database refuses every push
        return before.meta.etag
    if design is not push.work:
        _check(design)
    return write_design(transaction, design, before).etag


def _check(design: ModelArchitecture) -> None:
    """Refuse a merged design that exceeds the limits of a design; then both sides keep what they have."""
    try:
        check_design(design)
    except DesignError as error:
        raise InvalidDocument(f"The changes of both sides cannot be merged: {error}", errors=error.errors) from error


def _synced(stored: StoredDesign) -> SyncedDesign:
    if stored.deleted:
        return SyncedDesign(stored.meta.id, deleted=True)
    return SyncedDesign(stored.meta.id, stored.meta.etag, document=stored.document)
