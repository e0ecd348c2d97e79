"""What is wrong with a drawing, said so that a person can mend it with one tap; it finds nothing itself."""

from typing import Any

from msgspec import Struct

from shared_py.design import Edge


class SetProperty(Struct, frozen=True, tag="set_property", tag_field="action"):
    """Mend by giving one property of one component another value."""

    component_id: str
    field: str
    value: Any
    label: str


class RemoveEdge(Struct, frozen=True, tag="remove_edge", tag_field="action"):
    """Mend by taking one edge away."""

    source: str
    target: str
    label: str


class RemoveComponent(Struct, frozen=True, tag="remove_component", tag_field="action"):
    """Mend by taking one component and its edges away."""

    component_id: str
    label: str


class AddComponent(Struct, frozen=True, tag="add_component", tag_field="action"):
    """Mend by placing a block of this type, fed by `source` when one is named and feeding `target` when one is named.

    With both named, the edge between them, if there is one, is replaced. It lies where they lie.
    """

    type: str
    label: str
    source: str | None = None
    target: str | None = None
    props: dict[str, Any] = {}


class AddEdge(Struct, frozen=True, tag="add_edge", tag_field="action"):
    """Mend by drawing one edge."""

    source: str
    target: str
    label: str


class SetDefault(Struct, frozen=True, tag="set_default", tag_field="action"):
    """Mend by giving one of the design-wide defaults another value."""

    field: str
    value: Any
    label: str


class Join(Struct, frozen=True):
    """An edge to draw, and its position in the list of all edges."""

    source: str
    target: str
    at: int


class MoveComponent(Struct, frozen=True, tag="move_component", tag_field="action"):
    """Mend by wiring one component in elsewhere: first the edges of `cut` are removed, then those of `join` drawn in order."""

    component_id: str
    label: str
    source: str | None
    """the component that feeds it afterwards, if any"""
    target: str | None
    """the first component that it feeds afterwards, if any"""
    cut: list[Edge] = []
    join: list[Join] = []


Fix = SetProperty | SetDefault | RemoveEdge | RemoveComponent | AddComponent | AddEdge | MoveComponent


class Problem(Struct, frozen=True):
    """One thing that is wrong: a stable code, where it is, a sentence for the banner, and a fix where there is one."""

    code: str
    message: str
    component_id: str | None = None
    field: str | None = None
    expected: str | None = None
    received: str | None = None
    fix: Fix | None = None
