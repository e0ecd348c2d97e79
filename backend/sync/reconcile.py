"""Decides what a design becomes when a phone sends its state; a pure function of the push and of what the server knows.

Calls may be lost, repeated or arrive late, servers and phones may be put back from copies. Version vectors tell what each side
knew (docs/flows/sync.md). An edit beats a delete, and no clock is compared.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from backend.store.vectors import clients_beyond, includes, joined
from backend.sync.ancestors import Merged, Versions, common_version
from shared_py.design import ModelArchitecture, etag_of
from shared_py.merge import merge_designs
from shared_py.protocol import Conflict, Contents, Side, VersionVector

DESIGN = ""
"""the path of a conflict about a whole design, deleted on one side and edited on the other; null stands for deleted"""


class Push(Struct, frozen=True):
    """The state of one design on a phone: the document, the base it was changed from, or that it was deleted."""

    id: str
    base: ModelArchitecture | None
    work: ModelArchitecture | None
    """None when it was deleted"""
    client_id: str | None = None
    change: int | None = None
    base_seen: VersionVector | None = None
    """the vector of the base; None from phones of older versions"""
    anchor: ModelArchitecture | None = None
    """the server's version that the base itself was changed from, where the phone was edited while it sent that change"""
    anchor_seen: VersionVector = {}
    yields: bool = False
    """whether the server's value is kept where both sides changed one"""
    digest: str = ""
    """of the content of the change"""
    base_contents: Contents = {}
    """what the server said of the changes in the vector of the base, before it was put back from a copy"""


class ServerSide(Struct, frozen=True):
    """The state of the same design on the server: a document, a deleted design, or none."""

    document: ModelArchitecture | None = None
    deleted: bool = False
    purged: bool = False
    """whether a person deleted it from the bin too"""
    seen: VersionVector = {}


class Known(Protocol):
    """What the server has stored about a design besides its current version."""

    def is_repeat(self, push: Push) -> bool | None:
        """Whether the change of the push's number has its content; None where that is not known."""

    def vector_of(self, document: ModelArchitecture) -> VersionVector | None:
        """The version vector of an earlier version; None if the server never had it."""

    def versions(self) -> Sequence[tuple[int, VersionVector]]:
        """Every earlier version, newest first: its number and its vector."""

    def document(self, number: int) -> ModelArchitecture:
        """The document of an earlier version."""


class Outcome(Struct, frozen=True):
    """The resulting design for both sides; `document` is None if it is deleted."""

    document: ModelArchitecture | None
    seen: VersionVector = {}
    conflicts: list[Conflict] = []
    recovered: list[tuple[ModelArchitecture, VersionVector]] = []
    """versions that the server had lost, the base of the push and its anchor; kept for merging with other phones"""
    forked: bool = False
    """nothing was applied, because the number of the change belongs to another change"""


def reconcile(push: Push, server: ServerSide, known: Known) -> Outcome:
    """Decide what the design becomes; a repeat of the same push changes nothing."""
    if push.client_id is not None and push.change is not None:
        newest = server.seen.get(push.client_id, -1)
        if push.change <= newest:
            return Outcome(server.document, server.seen, forked=not _is_repeat(push, server, known))
        is_drawn_anew = server.deleted and push.base is None  # by the phone that deleted it
        if push.base_seen is not None and not is_drawn_anew and push.base_seen.get(push.client_id, -1) < newest:
            # a phone waits for the answer to one change before it sends the next, so this one does not know its own
            return Outcome(server.document, server.seen, forked=True)
    base, base_seen = _base_of(push, known)
    seen = joined(server.seen, base_seen)
    if push.client_id is not None and push.change is not None:
        seen[push.client_id] = push.change
    if server.purged and _changes_nothing(push):
        return Outcome(None, seen)  # not even as a version: nothing of it is kept
    recovered = _lost_versions(push, base, base_seen, server)
    at_base = _with_base(base, base_seen, server, _Versions(known, recovered))
    document, conflicts = _with_work(push, base, base_seen, at_base.document, server)
    return Outcome(document, seen, [*at_base.conflicts, *conflicts], recovered)


def _is_repeat(push: Push, server: ServerSide, known: Known) -> bool:
    """Whether the server has this change already, so that nothing of it has to be applied.

    A number alone proves nothing: it can come with the base of another phone. The change then has to be part of the first version
    that claims to include it: merging it changes nothing there, and nothing of it is given up for what others did.
    """
    if (is_recorded := known.is_repeat(push)) is not None:
        return is_recorded
    if push.work is None or push.client_id is None or push.change is None:
        return server.document is None
    including = [number for number, seen in known.versions() if seen.get(push.client_id, -1) >= push.change]
    if not including:
        return False
    first = known.document(including[-1])
    base, _ = _base_of(push, known)
    merged, conflicts = merge_designs(base, push.work, first, prefer="mine")
    return _same(merged, first) and all(conflict.kept == "mine" for conflict in conflicts)


def _base_of(push: Push, known: Known) -> tuple[ModelArchitecture | None, VersionVector]:
    """The base with its vector; a base without a vector, which this server never had, counts as none."""
    if push.base is None:
        return None, {}
    if push.base_seen is not None:
        return push.base, push.base_seen
    vector = known.vector_of(push.base)
    return (None, {}) if vector is None else (push.base, vector)


def _lost_versions(
    push: Push, base: ModelArchitecture | None, base_seen: VersionVector, server: ServerSide
) -> list[tuple[ModelArchitecture, VersionVector]]:
    """The versions in a push that the server has lost."""
    versions = [(push.anchor, push.anchor_seen), (base, base_seen)]
    if includes(server.seen, base_seen):
        return []
    return [(version, seen) for version, seen in versions if version is not None]


class _Versions(Versions):
    """The earlier versions that the server has, and those that came with a push, which have negative numbers."""

    def __init__(self, known: Known, recovered: list[tuple[ModelArchitecture, VersionVector]]) -> None:
        self._known = known
        self._recovered = recovered
        self.vectors = [
            *((-1 - index, seen) for index, (_, seen) in reversed(list(enumerate(recovered)))),
            *(known.versions() if recovered else []),
        ]

    def document(self, number: int) -> ModelArchitecture:
        return self._recovered[-1 - number][0] if number < 0 else self._known.document(number)


def _with_base(base: ModelArchitecture | None, base_seen: VersionVector, server: ServerSide, known: _Versions) -> Outcome:
    """The server's state with what it lost: the base of a phone can include changes that a restored server does not have.

    Where both sides changed a value since then, the server's is newer than what the phone only received, and is kept.
    """
    if base is None or includes(server.seen, base_seen):
        return Outcome(server.document)
    if includes(base_seen, server.seen):
        return Outcome(base)
    ancestor = common_version(Merged(base, base_seen), Merged(server.document, server.seen), known)
    if server.document is None:
        if ancestor is not None and _same(ancestor, base):
            return Outcome(None)  # what the server lost of it left the design as it was when it was deleted
        return Outcome(base, conflicts=[_about_design(base, None, "mine")] if server.deleted else [])
    merged, conflicts = merge_designs(ancestor, base, server.document, prefer="theirs")
    return Outcome(merged, conflicts=conflicts)


def _with_work(
    push: Push, base: ModelArchitecture | None, base_seen: VersionVector, current: ModelArchitecture | None, server: ServerSide
) -> tuple[ModelArchitecture | None, list[Conflict]]:
    """Merge what the phone itself did since the base."""
    if push.work is None:
        has_news = current is not None and (base is None or not _same(base, current))
        return (current, [_about_design(None, current, "theirs")]) if has_news else (None, [])
    if current is not None:
        return merge_designs(base, push.work, current, prefer="theirs" if push.yields else "mine")
    if server.deleted and _changes_nothing(push):
        return None, []
    deleted_elsewhere = server.deleted and any(client != push.client_id for client in clients_beyond(server.seen, base_seen))
    return push.work, [_about_design(push.work, None, "mine")] if deleted_elsewhere else []


def _changes_nothing(push: Push) -> bool:
    """Whether the phone has deleted the design, or has it as it received it."""
    return push.work is None or (push.base is not None and _same(push.work, push.base))


def _about_design(mine: ModelArchitecture | None, theirs: ModelArchitecture | None, kept: Side) -> Conflict:
    my_name, their_name = (None if design is None else design.name for design in (mine, theirs))
    return Conflict(path=DESIGN, base=None, mine=my_name, theirs=their_name, kept=kept)


def _same(one: ModelArchitecture, other: ModelArchitecture) -> bool:
    return etag_of(one) == etag_of(other)
