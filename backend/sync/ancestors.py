"""Finds the base for merging two versions of a design of which neither includes the other."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from backend.store.vectors import clients_beyond, includes, joined
from shared_py.design import Component, ModelArchitecture
from shared_py.merge import merge_designs
from shared_py.protocol import VersionVector

MAX_MERGES = 8
"""of versions to make one base; without the rest the base is older, which can report more conflicts but loses nothing"""
MAX_NEWEST = 4
"""versions, neither of which includes another, that are merged to make one base"""
MAX_SHARED = 8
"""changes that are added to a base; without the rest a value that one side replaced can count as new on the other"""

Version = tuple[int, VersionVector]


class Versions(Protocol):
    """The earlier versions of a design."""

    vectors: Sequence[Version]
    """the number and the vector of each, newest first"""

    def document(self, number: int) -> ModelArchitecture:
        """The document of a version."""


class Merged(NamedTuple):
    """One of two versions that are merged; without a document it is deleted."""

    document: ModelArchitecture | None
    seen: VersionVector


def common_version(one: Merged, other: Merged, known: Versions) -> ModelArchitecture | None:
    """The base for merging two versions: the newest earlier version that both include, None without one.

    Where there are several, neither of which includes the other, they are merged first, as in git's recursive strategy. Each such
    merge needs a base of its own, so the number of merges is limited.

    Both sides can include a change though no version with it is part of both: a server that was put back from a copy receives it
    again, beside changes that the other side lacks. Such changes are added to the base, as a cherry-pick does. Where they cannot
    be told from the others, the components that they added are.
    """
    found = _Search(known).version(one.seen, other.seen, known.vectors)
    if found is None:
        return None
    document, seen = _with_shared_changes(found, one.seen, other.seen, known)
    document = _with_shared_components(document, seen, one, other, known)
    return _with_shared_components(document, seen, other, one, known)


class _Search:
    """One search, with what is left of its budget."""

    def __init__(self, known: Versions) -> None:
        self._known = known
        self._merges_left = MAX_MERGES

    def version(
        self, one: VersionVector, other: VersionVector, versions: Sequence[Version]
    ) -> tuple[ModelArchitecture, VersionVector] | None:
        """The common version of two vectors among versions; the base of a merge is among those that both sides include."""
        inside = [version for version in versions if includes(one, version[1]) and includes(other, version[1])]
        newest = _newest(inside)
        if not newest:
            return None
        document, seen = self._known.document(newest[0][0]), newest[0][1]
        for number, next_seen in newest[1:]:
            if self._merges_left == 0:
                break
            self._merges_left -= 1
            base = self.version(seen, next_seen, inside)
            document, _ = merge_designs(base and base[0], document, self._known.document(number))
            seen = joined(seen, next_seen)
        return document, seen


def _newest(versions: Sequence[Version]) -> list[Version]:
    """The versions that no other one includes, the one found last first; a few of them where there are many."""
    newest: list[Version] = []
    for number, seen in versions:
        if any(includes(newer, seen) for _, newer in newest):
            continue
        kept = [version for version in newest if not includes(seen, version[1])]
        if len(kept) < MAX_NEWEST:
            newest = [(number, seen), *kept]
    return newest


def _with_shared_changes(
    found: tuple[ModelArchitecture, VersionVector], one: VersionVector, other: VersionVector, known: Versions
) -> tuple[ModelArchitecture, VersionVector]:
    """The base with the changes of both sides that no version common to both has; also the changes that it includes then."""
    document, seen = found
    pairs, shared = _shared_changes(seen, one, other, known.vectors)
    for before, after in pairs[-MAX_SHARED:]:
        document, _ = merge_designs(known.document(before), known.document(after), document)
    return document, shared


def _shared_changes(
    seen: VersionVector, one: VersionVector, other: VersionVector, versions: Sequence[Version]
) -> tuple[list[tuple[int, int]], VersionVector]:
    """Pairs of a version and the next one whose difference both sides include, oldest first; also what the base includes then."""
    pairs: list[tuple[int, int]] = []
    oldest_first = versions[::-1]
    for place, (number, vector) in enumerate(oldest_first):
        if includes(one, vector) == includes(other, vector):
            continue  # a version of neither side, or one of both, which is part of the base
        before = next((version for version in reversed(oldest_first[:place]) if includes(vector, version[1])), None)
        if before is None:
            continue
        new = {client: vector[client] for client in clients_beyond(vector, before[1])}
        if includes(seen, new) or not (includes(one, new) and includes(other, new)):
            continue
        seen = joined(seen, new)
        if pairs and pairs[-1][1] == before[0]:
            pairs[-1] = (pairs[-1][0], number)  # one merge for changes that follow each other
        else:
            pairs.append((before[0], number))
    return pairs, seen


def _with_shared_components(
    base: ModelArchitecture, seen: VersionVector, one: Merged, other: Merged, known: Versions
) -> ModelArchitecture:
    """The base with components that `one` has and `other` has deleted: each has one id, so they are the same ones.

    Without that they would count as added by `one`. They are as `other` had them, which is as they are now if it had that too.
    """
    if one.document is None or other.document is None:
        return base
    there = {part.id for design in (base, other.document) for part in design.components}
    unknown = {part.id: part for part in one.document.components if part.id not in there}
    if not unknown:
        return base
    origins: dict[str, tuple[Component, ModelArchitecture]] = {}
    for number in _with_more_in_common(seen, one.seen, other.seen, known.vectors):
        design = known.document(number)
        for part in design.components:
            if part.id in unknown and (part.id not in origins or part == unknown[part.id]):
                origins[part.id] = part, design
    return _with_components(base, origins)


def _with_more_in_common(seen: VersionVector, one: VersionVector, other: VersionVector, versions: Sequence[Version]) -> list[int]:
    """The versions of `other` that were the first to include changes of both sides that the base lacks, oldest first."""
    found: list[int] = []
    for number, vector in reversed(versions):
        shared = {client: min(change, one.get(client, -1)) for client, change in vector.items()}
        if includes(other, vector) and not includes(seen, shared):
            found.append(number)
            seen = joined(seen, shared)
    return found[-MAX_SHARED:]


def _with_components(base: ModelArchitecture, origins: dict[str, tuple[Component, ModelArchitecture]]) -> ModelArchitecture:
    """A design with components of other versions, their content and their wires."""
    ids = {part.id for part in base.components} | origins.keys()
    places: dict[str, str | None] = {}
    for key, (_, design) in origins.items():
        places |= {part.id: key for part in design.components if part.inside == key and part.id in ids}
    added = [part if part.inside in ids else replace(part, inside=None) for part, _ in origins.values()]
    edges = [edge for edge in base.edges if places.keys().isdisjoint(edge)]
    for _, design in origins.values():
        edges += [edge for edge in design.edges if not (origins.keys() | places.keys()).isdisjoint(edge)]
    kept = [replace(part, inside=places.get(part.id, part.inside)) for part in base.components]
    return replace(base, components=[*kept, *added], edges=[edge for edge in dict.fromkeys(edges) if ids.issuperset(edge)])
