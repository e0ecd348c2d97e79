"""Checks of the input of blocks with a fixed width, and their fixes."""

from typing import Any

from shared_py.blocks.base import TOKENS, BlockContext
from shared_py.blocks.block_problems import problem, set_property, shape_problem
from shared_py.blocks.common import ModelWidth
from shared_py.blocks.linear import insert_linear
from shared_py.messages import part
from shared_py.problems import Fix, Problem
from shared_py.properties import is_allowed
from shared_py.shapes import describe, is_tokens, is_values, width_of

CELLS_ON_A_GRID = part("takes_grid")


def check_tokens(context: BlockContext, d_model: int) -> list[Problem]:
    """Check that the input is one vector of width `d_model` for each cell."""
    return check_width(context, d_model) if is_tokens(context.inputs[0]) else [shape_problem(context, TOKENS)]


def check_width(context: BlockContext, d_model: int) -> list[Problem]:
    """Check that the input is vectors of width `d_model`, one for each cell or one for the board.

    The fix sets the property to the width of the input or, where that is not allowed, inserts a linear map.
    """
    signal = context.inputs[0]
    if not is_values(signal):
        return [shape_problem(context, part("takes_cells_or_vector"))]
    width = width_of(signal)
    if width == d_model:
        return []
    expected, received = (f"({', '.join(map(str, (*signal.dims[:-1], last)))})" for last in (d_model, width))
    params = {"case": "width", "d_model": d_model, "source": context.source_name()}
    fix: Fix | None = insert_linear(context, d_model)
    annotation: Any = ModelWidth
    if is_allowed(width, annotation):
        fix = set_property(context, "d_model", width)
    return [problem(context, "shape_mismatch", params, field="d_model", expected=expected, received=received, fix=fix)]


def check_grid(context: BlockContext) -> list[Problem]:
    """Check that the input has rows and columns; tokens are said to lack them, since their shape may read like a board's."""
    signal = context.inputs[0]
    if not is_tokens(signal):
        return [shape_problem(context, CELLS_ON_A_GRID)]
    if signal.grid is not None:
        return []
    received = part("shape_with", {"shape": describe(signal, context.d_model), "notes": [part("no_grid")]})
    params = {"case": "input", "source": context.source_name()}
    return [problem(context, "shape_mismatch", params, expected=CELLS_ON_A_GRID, received=received)]
