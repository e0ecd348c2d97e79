"""Chooses between conflicting values in a merge, and records every conflict."""

from typing import Any

from msgspec import UNSET

from shared_py.design import Component
from shared_py.protocol import Conflict, Side


class Absent:
    """The value of a property that is left out, so that leaving one out is an edit like any other."""


ABSENT = Absent()


class Decisions:
    """The conflicts of one merge; `prefer` names the side whose value is kept where both changed it.

    `needed` are components that stay though one side deleted them and the other left them as they were, `unmoved` those that stay
    in their container though one side moved them out.
    """

    def __init__(self, prefer: Side, needed: frozenset[str] = frozenset(), unmoved: frozenset[str] = frozenset()) -> None:
        self.prefer: Side = prefer
        self.needed = needed
        self.unmoved = unmoved
        self.conflicts: list[Conflict] = []

    def value(self, path: str, base: Any, mine: Any, theirs: Any) -> Any:
        """Merge one value."""
        if mine == theirs or theirs == base:
            return mine
        if mine == base:
            return theirs
        self.record(path, base, mine, theirs, self.prefer)
        return mine if self.prefer == "mine" else theirs

    def record(self, path: str, base: Any, mine: Any, theirs: Any, kept: Side) -> None:
        """Record a conflict."""
        self.conflicts.append(Conflict(path, _plain(base), _plain(mine), _plain(theirs), kept))

    def withdraw(self, path: str) -> None:
        """Remove what was recorded about a value."""
        self.conflicts = [conflict for conflict in self.conflicts if conflict.path != path]

    def overrule(self, path: str, base: Any, mine: Any, theirs: Any, kept: Side) -> None:
        """Record a conflict in place of an earlier one about the same value."""
        self.withdraw(path)
        self.record(path, base, mine, theirs, kept)


def _plain(value: Any) -> Any:
    if isinstance(value, Absent):
        return None
    if isinstance(value, Component):
        fields = {name: getattr(value, name) for name in Component.__struct_fields__}
        return {name: field for name, field in fields.items() if field is not UNSET}
    return value
