"""Activation functions."""

from shared_py.blocks.base import Block, BlockCode, BlockContext
from shared_py.blocks.block_problems import check_values
from shared_py.blocks.common import BACKWARD_USES_OUTPUT, TORCH_NAMES
from shared_py.blocks.common import Activation as ActivationProperty
from shared_py.problems import Problem
from shared_py.shapes import Signal


class Activation(Block, frozen=True):
    """`torch.nn.GELU`, `torch.nn.ReLU` and others, applied to every number."""

    type = "activation"
    title = "Activation"
    summary = "Activation function on every number: GELU, ReLU and others."
    keywords = ("non-linearity", "ReLU", "GELU", "SiLU", "swish", "tanh", "sigmoid", "GLU")
    kind = "layer"

    activation: ActivationProperty = "gelu"

    def check(self, context: BlockContext) -> list[Problem]:
        return check_values(context)

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def saves_input(self, context: BlockContext) -> bool:
        return self.activation not in BACKWARD_USES_OUTPUT

    def saves_output(self, context: BlockContext) -> bool:
        return self.activation in BACKWARD_USES_OUTPUT

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        return self.single(context, TORCH_NAMES[self.activation], {}, inputs, package="torch.nn")
