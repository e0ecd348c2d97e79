"""The difference between two versions of a design."""

from typing import Any

from msgspec import Struct

from shared_py.design import Edge


class NamedComponent(Struct, frozen=True):
    """A component, and what it is called in its version of the design."""

    id: str
    name: str


class ValueChange(Struct, frozen=True):
    """One value that differs; null where a property is left to its default."""

    path: str
    """as in a conflict: `/components/c4/props/n_heads`"""
    place: str
    """in plain words: Heads of Attention 2"""
    before: Any
    after: Any
    before_text: str
    after_text: str


class ComponentChange(Struct, frozen=True):
    """The properties, the type and the container of one component, as far as they differ."""

    id: str
    name: str
    changes: list[ValueChange]


class DesignDifference(Struct, frozen=True):
    """What differs from one version of a design to another; components in the natural order of their ids."""

    summary: str
    """one short sentence"""
    added: list[NamedComponent]
    removed: list[NamedComponent]
    changed: list[ComponentChange]
    moved: list[NamedComponent]
    """those at another place of the canvas"""
    wires_added: list[Edge]
    wires_removed: list[Edge]
    reordered: list[NamedComponent]
    """those with the same inputs in another order"""
    values: list[ValueChange]
    """the design's name and its defaults"""
