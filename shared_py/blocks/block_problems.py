"""Problems and warnings as blocks make them: of a component, with its fix."""

from typing import Any

import msgspec

from shared_py.blocks.base import Block, BlockContext
from shared_py.messages import Params, Text, part
from shared_py.problems import Fix, Problem, SetProperty, label, make_problem
from shared_py.properties import as_lists
from shared_py.shapes import describe, is_values, width_of


def problem(
    context: BlockContext,
    code: str,
    params: Params | None = None,
    *,
    field: str | None = None,
    expected: str | Text | None = None,
    received: str | Text | None = None,
    fix: Fix | None = None,
) -> Problem:
    """Make a problem of the component at `context`."""
    return make_problem(code, params, context.component_id, field, expected, received, fix)


def no_effect(context: BlockContext, block: Block, field: str, case: str) -> list[Problem]:
    """Warn of a property with another value than its default where its value changes nothing.

    `case` names the sentence that says where (`message_catalogue.py`, `no_effect`).
    """
    default = next(item.default for item in msgspec.structs.fields(type(block)) if item.name == field)
    if getattr(block, field) == default or field in context.inherited:
        return []
    value = as_lists(default)
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    fix = set_property(context, field, value)
    return [problem(context, "no_effect", {"case": case}, field=field, expected=shown, fix=fix)]


def set_property(context: BlockContext, field: str, value: Any) -> SetProperty:
    """Fix a problem by another value of a property."""
    return SetProperty(context.component_id, field, value, **label("set", field=field, value=value))


def single_numbers(context: BlockContext, case: str) -> list[Problem]:
    """Warn of a norm over vectors of one number, after which nothing is left to learn from; `case` names what is left."""
    if width_of(context.inputs[0]) > 1:
        return []
    return [problem(context, "norm_of_one", {"case": case}, received="1")]


def shape_problem(context: BlockContext, expected: Text, index: int = 0) -> Problem:
    """The signal on one input is not what the block takes."""
    received = describe(context.inputs[index], context.d_model)
    params = {"case": "input", "source": context.source_name(index)}
    return problem(context, "shape_mismatch", params, expected=expected, received=received)


def check_values(context: BlockContext) -> list[Problem]:
    """Check that the input is tokens, or one vector a board."""
    return [] if is_values(context.inputs[0]) else [shape_problem(context, part("takes_values"))]
