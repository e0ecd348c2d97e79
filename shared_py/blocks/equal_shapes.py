"""The check of blocks that combine inputs of one shape number by number, and its fixes."""

from shared_py.blocks.base import BlockContext
from shared_py.blocks.block_problems import problem, shape_problem
from shared_py.blocks.broadcast import insert_broadcast
from shared_py.blocks.linear import insert_linear
from shared_py.messages import part
from shared_py.problems import Fix, Problem
from shared_py.shapes import describe_apart, is_tokens, is_values, width_of, with_width


def check_equal_shapes(context: BlockContext) -> list[Problem]:
    """Check that all inputs are tokens, or all are vectors, of one shape."""
    for index, signal in enumerate(context.inputs):
        if not is_values(signal):
            return [shape_problem(context, part("takes_equal_values"), index)]
    for index, signal in enumerate(context.inputs):
        if signal != context.inputs[0]:
            return [_differs(context, index)]
    return []


def _differs(context: BlockContext, index: int) -> Problem:
    first, signal = context.inputs[0], context.inputs[index]
    width = width_of(first)
    expected, received = describe_apart(first, signal, context.d_model)
    params = {"case": "shapes", "first": context.source_name(), "source": context.source_name(index)}
    fix: Fix | None = insert_linear(context, width, index) if with_width(signal, width) == first else None
    if is_tokens(first) != is_tokens(signal):
        vector, tokens = (index, first) if is_tokens(first) else (0, signal)
        fix = insert_broadcast(context, tokens, vector)
    return problem(context, "shape_mismatch", params, expected=expected, received=received, fix=fix)
