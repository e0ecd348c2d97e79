"""Decides what a design becomes when a phone sends its state; a pure function, without storage.

Calls may be lost, repeated or arrive late, so a repeated push must not change anything. An edit beats a delete. When the server
does not know the base, because it has another epoch, the base counts as empty and the result is the union of both sides, so that
nothing is lost.
"""

from msgspec import Struct

from shared_py.design import ModelArchitecture, etag_of
from shared_py.merge import merge_designs
from shared_py.protocol import Conflict


class Push(Struct, frozen=True):
    """The state of one design on a phone: the document, the base it was changed from, or that it was deleted."""

    id: str
    base: ModelArchitecture | None
    work: ModelArchitecture | None
    """None when it was deleted"""
    client_id: str | None = None
    change: int | None = None


class ServerSide(Struct, frozen=True):
    """The state of the same design on the server: a document, a deleted design, or none."""

    document: ModelArchitecture | None = None
    deleted: bool = False
    last_change: int | None = None
    """number of the newest change received from this phone"""


class Outcome(Struct, frozen=True):
    """The resulting design for both sides; `document` is None if it is deleted."""

    document: ModelArchitecture | None
    conflicts: list[Conflict] = []


def reconcile(push: Push, server: ServerSide, *, base_is_known: bool) -> Outcome:
    """Decide what the design becomes; a repeat of the same push changes nothing.

    A change that was already received is ignored, but only in the same epoch: after a restore, the phone may have the only copy
    of the changes of others.
    """
    current = None if server.deleted else server.document
    if base_is_known and push.change is not None and server.last_change is not None and push.change <= server.last_change:
        return Outcome(current)
    base = push.base if base_is_known else None
    if push.work is None:
        return Outcome(None if current is None or (base is not None and _same(base, current)) else current)
    if current is not None:
        merged, conflicts = merge_designs(base, push.work, current)
        return Outcome(merged, conflicts)
    if server.deleted and base is not None and _same(push.work, base):
        return Outcome(None)
    return Outcome(push.work)


def _same(one: ModelArchitecture, other: ModelArchitecture) -> bool:
    return etag_of(one) == etag_of(other)
