"""What is wrong with a design, and the edits that fix it; nothing is checked here."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from shared_py.design import Edge
from shared_py.messages import Params, Text, fill, fix_label, placeholders, problem_template, text


class SetProperty(Struct, frozen=True, tag="set_property", tag_field="action"):
    """Give one property of one component another value."""

    component_id: str
    field: str
    value: Any
    label: str
    label_code: str = ""
    """of the label, in the catalogue of messages"""
    label_params: Params = {}


class RemoveEdge(Struct, frozen=True, tag="remove_edge", tag_field="action"):
    """Remove one edge."""

    source: str
    target: str
    label: str
    label_code: str = ""
    label_params: Params = {}


class ReplaceBlock(Struct, frozen=True, tag="replace_block", tag_field="action"):
    """Make one component another block, with these properties alone; its id, place and edges stay."""

    component_id: str
    type: str
    label: str
    props: dict[str, Any] = {}
    label_code: str = ""
    """of the label, in the catalogue of messages"""
    label_params: Params = {}


class RemoveComponent(Struct, frozen=True, tag="remove_component", tag_field="action"):
    """Remove one component and its edges."""

    component_id: str
    label: str
    label_code: str = ""
    label_params: Params = {}


class AddComponent(Struct, frozen=True, tag="add_component", tag_field="action"):
    """Add a component of this type, fed by `source` when one is named and feeding `target` when one is named.

    With both named, the edge between them, if there is one, is replaced. It is added to the container they are in.
    """

    type: str
    label: str
    source: str | None = None
    target: str | None = None
    props: dict[str, Any] = {}
    label_code: str = ""
    label_params: Params = {}


class AddEdge(Struct, frozen=True, tag="add_edge", tag_field="action"):
    """Add one edge."""

    source: str
    target: str
    label: str
    label_code: str = ""
    label_params: Params = {}


class SetDefault(Struct, frozen=True, tag="set_default", tag_field="action"):
    """Give one of the design-wide defaults another value."""

    field: str
    value: Any
    label: str
    label_code: str = ""
    label_params: Params = {}


class Join(Struct, frozen=True):
    """An edge to draw, and its position in the list of all edges."""

    source: str
    target: str
    at: int


class MoveComponent(Struct, frozen=True, tag="move_component", tag_field="action"):
    """Connect one component elsewhere: first the edges of `cut` are removed, then those of `join` are added in order."""

    component_id: str
    label: str
    source: str | None
    """the component that feeds it afterwards, if any"""
    target: str | None
    """the first component that it feeds afterwards, if any"""
    cut: list[Edge] = []
    join: list[Join] = []
    label_code: str = ""
    label_params: Params = {}


Fix = SetProperty | SetDefault | RemoveEdge | RemoveComponent | ReplaceBlock | AddComponent | AddEdge | MoveComponent


class Problem(Struct, frozen=True):
    """One thing that is wrong: a stable code, where it is, the English sentence, and a fix where there is one.

    The sentence is that of the catalogue (`message_catalogue.py`) for `code` and `params`.
    """

    code: str
    message: str
    component_id: str | None = None
    field: str | None = None
    expected: str | None = None
    received: str | None = None
    fix: Fix | None = None
    params: Params = {}


def make_problem(
    code: str,
    params: Mapping[str, Any] | None = None,
    component_id: str | None = None,
    field: str | None = None,
    expected: str | Text | None = None,
    received: str | Text | None = None,
    fix: Fix | None = None,
) -> Problem:
    """Make a problem with the sentence of the catalogue.

    A placeholder `field`, `expected` or `received` that `params` does not name stands for the argument of that name.
    """
    complete = dict(params) if params else {}
    template = problem_template(code, complete)
    names = placeholders(template)
    if field is not None and "field" in names:
        complete.setdefault("field", field)
    if expected is not None and "expected" in names:
        complete.setdefault("expected", expected)
    if received is not None and "received" in names:
        complete.setdefault("received", received)
    message = fill(template, complete)
    expected = text(expected) if isinstance(expected, dict) else expected
    received = text(received) if isinstance(received, dict) else received
    return Problem(code, message, component_id, field, expected, received, fix, complete)


def with_params(problem: Problem, component_id: str | None, **params: Any) -> Problem:
    """The same problem of another component, or of none, with some parameters replaced."""
    complete = problem.params | params
    message = fill(problem_template(problem.code, complete), complete)
    return msgspec.structs.replace(problem, message=message, component_id=component_id, params=complete)


def label(code: str, **params: Any) -> dict[str, Any]:
    """The fields of a fix that name it: its label, with the code and the parameters it was made of."""
    return {"label": fix_label(code, params), "label_code": code, "label_params": params}
