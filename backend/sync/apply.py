"""Applies a sync call to the store: every pushed design, then what changed since the cursor, in one transaction."""

from collections.abc import Sequence

from msgspec import UNSET, Struct
from msgspec.structs import replace

from backend.errors import DatabaseDamaged, DatabaseReplaced, InvalidDocument, UnreadableDesign
from backend.store.client_changes import bounded, has_change, record_change
from backend.store.conflicts import (
    acknowledge,
    devices_of,
    remember_device,
    resolve,
    store_conflicts,
    undelivered_conflicts,
)
from backend.store.database import Transaction
from backend.store.designs import (
    Origin,
    StoredDesign,
    add_earlier_version,
    add_seen,
    delete_design,
    design_cursor,
    designs_changed_after,
    document_of_version,
    find_design,
    vector_of_version,
    version_vectors,
    write_design,
)
from backend.store.history import token_at
from backend.store.unreadable import note_unreadable, unreadable_designs
from backend.store.vectors import clients_beyond
from backend.sync.reconcile import Outcome, Push, ServerSide, reconcile
from backend.sync.request import RawSyncRequest
from backend.web.problem_details import details_of
from shared_py.decoding import DesignError, check_design
from shared_py.design import ModelArchitecture, etag_of
from shared_py.protocol import Rejection, StoredConflict, SyncedDesign, VersionVector

MAX_NAME = 64


class Applied(Struct, frozen=True):
    """The response to the designs of a call."""

    cursor: int
    cursor_token: str
    same_history: bool
    """whether this server has the change that the phone's cursor points at"""
    designs: list[SyncedDesign]
    rejected: list[Rejection]
    unreadable: list[Rejection]
    conflicts: list[StoredConflict]


class KnownDesign(Struct, frozen=True):
    """What the store knows about one design besides its current version."""

    transaction: Transaction
    design_id: str
    same_history: bool

    def is_repeat(self, push: Push) -> bool | None:
        """Whether the change of the push's number has its content; None where that is not known."""
        if push.client_id is None or push.change is None:
            return None
        return has_change(self.transaction, self.design_id, push.client_id, push.change, push.digest)

    def vector_of(self, document: ModelArchitecture) -> VersionVector | None:
        """The version vector of an earlier version; None if the server never had it.

        Within one history the base of a phone can be what it sent last, which the server has merged but never stored.
        """
        vector = vector_of_version(self.transaction, self.design_id, etag_of(document))
        return {} if vector is None and self.same_history else vector

    def versions(self) -> list[tuple[int, VersionVector]]:
        """Every earlier version, newest first: its number and its vector."""
        return version_vectors(self.transaction, self.design_id)

    def document(self, number: int) -> ModelArchitecture:
        """The document of an earlier version."""
        return document_of_version(self.transaction, self.design_id, number)


def apply_call(
    transaction: Transaction, call: RawSyncRequest, pushes: Sequence[Push], epoch: str, *, is_storing: bool
) -> Applied:
    """Apply every push in turn, then add what others changed after the cursor; designs that cannot be read are listed apart.

    A server that only reads never reports another history: a damaged database may have lost its newest designs.
    """
    same_history = not is_storing or _has_history(transaction, call, epoch)
    device = _remember_sender(transaction, call, pushes) if is_storing else None
    designs: list[SyncedDesign] = []
    rejected: list[Rejection] = []
    for push in pushes:
        try:
            designs.append(_apply_push(transaction, push, device, same_history=same_history))
        except (InvalidDocument, UnreadableDesign, DatabaseDamaged, DatabaseReplaced) as error:
            rejected.append(Rejection(push.id, details_of(error)))
    pushed = {design.id for design in designs}
    for stored in designs_changed_after(transaction, call.cursor if same_history else 0):
        if stored.meta.id in pushed:
            continue
        try:
            designs.append(_synced(stored))
        except UnreadableDesign as error:
            note_unreadable(transaction, stored.meta.id, error.detail)
    noted = unreadable_designs(transaction)
    unreadable = [Rejection(name, details_of(UnreadableDesign(problem))) for name, problem in noted]
    cursor = design_cursor(transaction)
    token = token_at(transaction, cursor) or ""
    if not is_storing and call.cursor > cursor:
        cursor, token = call.cursor, call.cursor_token or ""
    conflicts = undelivered_conflicts(transaction, device) if device is not None else []
    return Applied(cursor, token, same_history, designs, rejected, unreadable, conflicts)


def _has_history(transaction: Transaction, call: RawSyncRequest, epoch: str) -> bool:
    """Whether this server has the change that the phone's cursor points at; older phones send only its number."""
    if call.epoch != epoch:
        return False
    if not call.cursor_token:
        return call.cursor <= design_cursor(transaction)
    return token_at(transaction, call.cursor) == call.cursor_token


def _remember_sender(transaction: Transaction, call: RawSyncRequest, pushes: Sequence[Push]) -> str | None:
    """Store which device calls, and which conflicts it has or has resolved; phones of older versions are their client id."""
    device = call.device_id or call.client_id
    if not device or len(device) > MAX_NAME:
        return None
    clients = dict.fromkeys([call.client_id or device, *(push.client_id for push in pushes if push.client_id is not None)])
    for client in clients:
        remember_device(transaction, client[:MAX_NAME], device, call.device_name)
    acknowledge(transaction, device, call.acknowledged)
    resolve(transaction, device, call.resolved)
    return device


def _apply_push(transaction: Transaction, push: Push, device: str | None, *, same_history: bool) -> SyncedDesign:
    """Apply one push: the stored design is read and decoded once, and the new one is encoded once."""
    before = find_design(transaction, push.id)
    current = None if before is None or before.deleted else before.document
    seen = before.seen if before is not None else {}
    server = ServerSide(current, before is not None and before.deleted, seen)
    push = _without_forged(push, transaction.actor, seen)
    outcome = reconcile(push, server, KnownDesign(transaction, push.id, same_history))
    included = outcome.seen
    if push.client_id is None and outcome.document is not current:
        included = transaction.with_own_change(included)
    outcome = replace(outcome, seen=bounded(transaction, push.id, included, push.client_id))
    etag = _store(transaction, push, before, outcome, is_new=outcome.document is not current)
    for version, version_seen in outcome.recovered:
        add_earlier_version(transaction, version, version_seen)
    if outcome.seen != seen:
        if push.client_id is not None and push.change is not None:
            record_change(transaction, push.id, push.client_id, push.change, push.digest)
        base_seen = push.base_seen or {}
        others = devices_of(transaction, [*clients_beyond(seen, base_seen), *clients_beyond(base_seen, seen)])
        store_conflicts(transaction, push.id, outcome.conflicts, device, [name for name in others if name != device])
    if outcome.document is None:
        return SyncedDesign(push.id, deleted=True, seen=outcome.seen, forked=outcome.forked)
    conflicts = outcome.conflicts or UNSET
    return SyncedDesign(push.id, etag, outcome.document, conflicts=conflicts, seen=outcome.seen, forked=outcome.forked)


def _without_forged(push: Push, actor: str, seen: VersionVector) -> Push:
    """The push without numbers of this server that it has not given: no one else makes changes under the name of this start."""

    def known(vector: VersionVector) -> VersionVector:
        return {client: min(change, seen.get(actor, 0)) if client == actor else change for client, change in vector.items()}

    base_seen = push.base_seen
    return replace(push, base_seen=None if base_seen is None else known(base_seen), anchor_seen=known(push.anchor_seen))


def _store(transaction: Transaction, push: Push, before: StoredDesign | None, outcome: Outcome, *, is_new: bool) -> str | None:
    """Store the resulting design unless it is unchanged; returns its ETag."""
    transaction.require_storing()  # a read-only database refuses every push
    design = outcome.document
    if before is not None and not is_new:
        if outcome.seen != before.seen:
            add_seen(transaction, push.id, outcome.seen)
        return None if before.deleted else before.meta.etag
    if design is None:
        if before is None and push.base is not None:  # deleted on a phone after this server had lost it: others may still have it
            write_design(transaction, push.base, None, Origin(push.client_id, outcome.seen))
            before = find_design(transaction, push.id)
        if before is not None:
            delete_design(transaction, before, outcome.seen)
        return None
    if design is not push.work:
        _check(design)
    return write_design(transaction, design, before, Origin(push.client_id, outcome.seen)).etag


def _check(design: ModelArchitecture) -> None:
    """Refuse a merged design that exceeds the limits of a design; then both sides keep what they have."""
    try:
        check_design(design)
    except DesignError as error:
        raise InvalidDocument(f"The changes of both sides cannot be merged: {error}", errors=error.errors) from error


def _synced(stored: StoredDesign) -> SyncedDesign:
    if stored.deleted:
        return SyncedDesign(stored.meta.id, deleted=True, seen=stored.seen)
    return SyncedDesign(stored.meta.id, stored.meta.etag, document=stored.document, seen=stored.seen)
