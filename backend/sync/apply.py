"""The steps of a sync call in the store: who calls, each pushed design, and the answer with what changed since the cursor."""

from collections.abc import Sequence

from msgspec import UNSET, Struct
from msgspec.structs import replace

from backend.errors import InvalidDocument, UnreadableDesign
from backend.store.client_changes import bounded, contents_of, has_change, record_change, record_contents
from backend.store.conflicts import (
    acknowledge,
    devices_of,
    inherit,
    remember_device,
    resolve,
    store_conflicts,
    store_for_others,
    store_reported,
    undelivered_conflicts,
    unknown_conflicts,
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
    is_unchanged,
    vector_of_version,
    version_vectors,
    write_design,
)
from backend.store.history import token_at
from backend.store.unreadable import note_unreadable
from backend.store.vectors import clients_beyond
from backend.sync.reconcile import Known, Outcome, Push, ServerSide, reconcile
from backend.sync.request import RawSyncRequest, read_conflicts
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
    for_others: list[StoredConflict]
    """conflicts that concern other devices only, for safekeeping"""


class Sender(Struct, frozen=True):
    """Who calls."""

    device: str | None
    """None where it has no name"""
    is_storing: bool
    same_history: bool
    """whether this server has the change that the phone's cursor points at"""


class Decision(Struct, frozen=True):
    """What a push makes of a design."""

    outcome: Outcome
    is_new: bool
    """whether the document is another one than before"""


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


def begin_call(transaction: Transaction, call: RawSyncRequest, pushes: Sequence[Push], epoch: str, *, is_storing: bool) -> Sender:
    """Store who calls, and find out what the caller knows of this server.

    A server that only reads never reports another history: a damaged database may have lost its newest designs.
    """
    same_history = not is_storing or _has_history(transaction, call, epoch)
    return Sender(_remember_sender(transaction, call, pushes) if is_storing else None, is_storing, same_history)


def end_call(
    transaction: Transaction, call: RawSyncRequest, sender: Sender, pushed: Sequence[SyncedDesign | Rejection]
) -> Applied:
    """What the phone receives: the designs it sent as they are now, what others changed after its cursor, and conflicts.

    Other calls can come between the pushes of a call and its end, so the cursor may be beyond the results of the pushes.
    """
    designs = [_newest(transaction, result) for result in pushed if isinstance(result, SyncedDesign)]
    rejected = [result for result in pushed if isinstance(result, Rejection)]
    if sender.device is not None:
        resolve(transaction, sender.device, call.resolved, {result.id for result in pushed if _is_refused(result)})
    answered = {design.id for design in designs}
    for stored in designs_changed_after(transaction, call.cursor if sender.same_history else 0):
        if stored.meta.id in answered:
            continue
        try:
            designs.append(_synced(stored))
        except UnreadableDesign as error:
            note_unreadable(transaction, stored.meta.id, error.detail)
    unreadable = [Rejection(name, details_of(UnreadableDesign(problem))) for name, problem in transaction.unreadable()]
    designs = [replace(design, contents=contents_of(transaction, design.id, design.seen)) for design in designs]
    cursor = design_cursor(transaction)
    token = token_at(transaction, cursor) or ""
    if not sender.is_storing and call.cursor > cursor:
        cursor, token = call.cursor, call.cursor_token or ""
    device = sender.device
    conflicts = undelivered_conflicts(transaction, device) if device is not None else []
    for_others = unknown_conflicts(transaction, device, {design.id for design in designs}) if device is not None else []
    return Applied(cursor, token, sender.same_history, designs, rejected, unreadable, conflicts, for_others)


def _is_refused(result: SyncedDesign | Rejection) -> bool:
    """Whether nothing of a push was applied, so that the phone has to send it again."""
    return isinstance(result, Rejection) or result.forked is True


def _newest(transaction: Transaction, result: SyncedDesign) -> SyncedDesign:
    """The answer to a push, with the design as it is now."""
    if is_unchanged(transaction, result.id, result.etag, result.seen):
        return result
    stored = find_design(transaction, result.id)
    if stored is None:
        return result
    try:
        return replace(_synced(stored), conflicts=result.conflicts, forked=result.forked)
    except UnreadableDesign as error:
        note_unreadable(transaction, result.id, error.detail)
        return result


def _has_history(transaction: Transaction, call: RawSyncRequest, epoch: str) -> bool:
    """Whether this server has the change that the phone's cursor points at; older phones send only its number."""
    if call.epoch != epoch:
        return False
    if not call.cursor_token:
        return call.cursor <= design_cursor(transaction)
    return token_at(transaction, call.cursor) == call.cursor_token


def _remember_sender(transaction: Transaction, call: RawSyncRequest, pushes: Sequence[Push]) -> str | None:
    """Store which device calls, and which conflicts it has; phones of older versions are their client id."""
    device = call.device_id or call.client_id
    if not device or len(device) > MAX_NAME:
        return None
    clients = dict.fromkeys([call.client_id or device, *(push.client_id for push in pushes if push.client_id is not None)])
    for client in clients:
        remember_device(transaction, client[:MAX_NAME], device, call.device_name)
    for former in call.former_device_ids:
        inherit(transaction, device, former)
    store_reported(transaction, device, read_conflicts(call.conflicts))
    store_for_others(transaction, read_conflicts(call.for_others))
    acknowledge(transaction, device, call.acknowledged)
    return device


def apply_push(transaction: Transaction, push: Push, sender: Sender) -> SyncedDesign:
    """Merge and store one push; InvalidDocument, UnreadableDesign, DatabaseDamaged, DatabaseReplaced."""
    before = find_design(transaction, push.id)
    known = KnownDesign(transaction, push.id, sender.same_history)
    return _store_decision(transaction, push, before, decide(push, before, known, transaction.actor), sender)


def decide(push: Push, before: StoredDesign | None, known: Known, actor: str) -> Decision:
    """What a push makes of a design, on any thread; `actor` stands for this server in version vectors. UnreadableDesign."""
    current = None if before is None or before.deleted else before.document
    seen = before.seen if before is not None else {}
    server = ServerSide(current, before is not None and before.deleted, before is not None and before.purged, seen)
    outcome = reconcile(_without_forged(push, actor, seen), server, known)
    if outcome.document is not None and outcome.document not in (current, push.work):
        _check(outcome.document)
    return Decision(outcome, is_new=outcome.document is not current)


def store_if_unchanged(
    transaction: Transaction, push: Push, before: StoredDesign | None, decision: Decision, sender: Sender
) -> SyncedDesign | None:
    """Store what was decided about the design as it was `before`; None if it is another one by now."""
    if find_design(transaction, push.id) != before:
        return None
    return _store_decision(transaction, push, before, decision, sender)


def _store_decision(
    transaction: Transaction, push: Push, before: StoredDesign | None, decision: Decision, sender: Sender
) -> SyncedDesign:
    seen = before.seen if before is not None else {}
    outcome = decision.outcome
    included = outcome.seen
    if push.client_id is None and decision.is_new:
        included = transaction.with_own_change(included)
    outcome = replace(outcome, seen=bounded(transaction, push.id, included, push.client_id))
    etag = _store(transaction, push, before, outcome, is_new=decision.is_new)
    for version, version_seen in outcome.recovered:
        add_earlier_version(transaction, version, version_seen)
    if outcome.seen != seen:
        if push.client_id is not None and push.change is not None:
            record_change(transaction, push.id, push.client_id, push.change, push.digest)
        base_seen = push.base_seen or {}
        lost = {client: outcome.seen[client] for client in clients_beyond(outcome.seen, seen) if client != push.client_id}
        record_contents(transaction, push.id, lost, push.base_contents)
        others = devices_of(transaction, [*clients_beyond(seen, base_seen), *clients_beyond(base_seen, seen)])
        store_conflicts(
            transaction, push.id, outcome.conflicts, sender.device, [name for name in others if name != sender.device]
        )
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
