"""Several branches multiplied number by number."""

from shared_py.blocks.base import Assign, Block, BlockCode, BlockContext, value_bytes, variable
from shared_py.blocks.equal_shapes import check_equal_shapes
from shared_py.layout import Terms
from shared_py.problems import Problem
from shared_py.shapes import Signal


class Multiply(Block, frozen=True):
    """The elementwise product of two or more inputs of the same shape: one branch gates another."""

    type = "multiply"
    title = "Multiply"
    summary = "The product of its inputs, number by number."
    keywords = ("gate", "gating", "product", "times", "GLU", "SwiGLU", "squeeze-and-excitation", "SE")
    kind = "combine"
    min_inputs = 2
    max_inputs = None

    def check(self, context: BlockContext) -> list[Problem]:
        return check_equal_shapes(context)

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def saves_input(self, context: BlockContext) -> bool:
        return True

    def activation_bytes(self, context: BlockContext) -> int:
        """The product so far, before each input after the second."""
        return (len(context.inputs) - 2) * value_bytes(context.inputs[0])

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        return BlockCode(steps=(Assign(variable(context.component_id), Terms(inputs, "*")),))
