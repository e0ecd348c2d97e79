"""Finds the base for merging two versions of a design of which neither includes the other."""

from collections.abc import Sequence
from typing import Protocol

from backend.store.vectors import includes, joined
from shared_py.design import ModelArchitecture
from shared_py.merge import merge_designs
from shared_py.protocol import VersionVector

MAX_MERGES = 8
"""of versions to make one base; without the rest the base is older, which can report more conflicts but loses nothing"""
MAX_NEWEST = 4
"""versions, neither of which includes another, that are merged to make one base"""

Version = tuple[int, VersionVector]


class Versions(Protocol):
    """The earlier versions of a design."""

    vectors: Sequence[Version]
    """the number and the vector of each, newest first"""

    def document(self, number: int) -> ModelArchitecture:
        """The document of a version."""


def common_version(one: VersionVector, other: VersionVector, known: Versions) -> ModelArchitecture | None:
    """The base for merging two versions: the newest earlier version that both include, None without one.

    Where there are several, neither of which includes the other, they are merged first, as in git's recursive strategy. Each such
    merge needs a base of its own, so the number of merges is limited.
    """
    return _Search(known).document(one, other, known.vectors)


class _Search:
    """One search, with what is left of its budget."""

    def __init__(self, known: Versions) -> None:
        self._known = known
        self._merges_left = MAX_MERGES

    def document(self, one: VersionVector, other: VersionVector, versions: Sequence[Version]) -> ModelArchitecture | None:
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
            base = self.document(seen, next_seen, inside)
            document, _ = merge_designs(base, document, self._known.document(number))
            seen = joined(seen, next_seen)
        return document


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
