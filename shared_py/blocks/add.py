"""Several branches added up."""

from shared_py.blocks.base import Assign, Block, BlockCode, BlockContext, problem, shape_problem, value_bytes, variable
from shared_py.blocks.linear import insert_linear
from shared_py.layout import Sum
from shared_py.messages import part
from shared_py.problems import Problem
from shared_py.shapes import Signal, describe_apart, is_values, width_of, with_width


class Add(Block, frozen=True):
    """The sum of two or more inputs of the same shape: a residual or parallel branch comes home."""

    type = "add"
    title = "Add"
    summary = "The sum of its inputs."
    keywords = ("residual", "skip connection", "shortcut", "sum", "plus")
    kind = "combine"
    min_inputs = 2
    max_inputs = None

    def check(self, context: BlockContext) -> list[Problem]:
        for index, signal in enumerate(context.inputs):
            if not is_values(signal):
                return [shape_problem(context, part("takes_equal_values"), index)]
        first = context.inputs[0]
        for index, signal in enumerate(context.inputs):
            if signal != first:
                return [self._differs(context, index)]
        return []

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def forward_bytes(self, context: BlockContext) -> int:
        """The sum so far, where there are more than two."""
        return value_bytes(context.inputs[0]) if len(context.inputs) > 2 else 0

    def backward_bytes(self, context: BlockContext) -> int:
        """The gradient of the sum is that of each input."""
        return value_bytes(context.inputs[0])

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        return BlockCode(steps=(Assign(variable(context.component_id), Sum(inputs)),))

    def _differs(self, context: BlockContext, index: int) -> Problem:
        first, signal = context.inputs[0], context.inputs[index]
        width = width_of(first)
        expected, received = describe_apart(first, signal, context.d_model)
        params = {"case": "shapes", "first": context.source_name(), "source": context.source_name(index)}
        fix = insert_linear(context, width, index) if with_width(signal, width) == first else None
        return problem(context, "shape_mismatch", params, expected=expected, received=received, fix=fix)
