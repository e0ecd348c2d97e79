"""Several branches added up."""

from shared_py.blocks.base import Assign, Block, BlockCode, BlockContext, value_bytes, variable
from shared_py.blocks.equal_shapes import check_equal_shapes
from shared_py.layout import Terms
from shared_py.problems import Problem
from shared_py.shapes import Signal


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
        return check_equal_shapes(context)

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def forward_bytes(self, context: BlockContext) -> int:
        """The sum so far, where there are more than two."""
        return value_bytes(context.inputs[0]) if len(context.inputs) > 2 else 0

    def backward_bytes(self, context: BlockContext) -> int:
        """The gradient of the sum is that of each input."""
        return value_bytes(context.inputs[0])

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        return BlockCode(steps=(Assign(variable(context.component_id), Terms(inputs)),))
