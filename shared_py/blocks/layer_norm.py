"""Each vector brought to mean 0 and variance 1."""

from typing import Annotated

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, BlockContext, width_text
from shared_py.blocks.block_problems import check_values, no_effect, single_numbers
from shared_py.blocks.common import NormEpsilon
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of, width_of

Affine = Annotated[bool, about("Learned scale", "Multiplies each number by a learned weight.")]


class LayerNorm(Block, frozen=True):
    """`torch.nn.LayerNorm` over the last dimension.

    It takes the place of batch norm, which is left out: what that answers for one board depends on the others of its batch.
    """

    type = "layer_norm"
    title = "Layer norm"
    summary = "Brings each vector to mean 0 and variance 1."
    keywords = ("normalization", "normalisation", "LN", "pre-norm", "batch norm")
    kind = "layer"
    offered_for = ("batch_norm", "batchnorm", "batch_norm1d", "batchnorm1d", "batch_norm2d", "batchnorm2d")

    eps: NormEpsilon = 1e-5
    elementwise_affine: Affine = True
    bias: Annotated[bool, about("Bias", "Adds a learned number to each; only with a learned scale.")] = True

    def check(self, context: BlockContext) -> list[Problem]:
        return check_values(context)

    def advise(self, context: BlockContext) -> list[Problem]:
        found = single_numbers(context, "zero")
        if self.elementwise_affine:
            return found
        return found + no_effect(context, self, "bias", "no_scale")

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def parameters(self, context: BlockContext) -> int:
        """A weight and a bias for each number (`torch.nn.LayerNorm`)."""
        return width_of(context.inputs[0]) * self.elementwise_affine * (1 + self.bias)

    def largest_tensor(self, context: BlockContext) -> int:
        return width_of(context.inputs[0]) * self.elementwise_affine

    def saves_input(self, context: BlockContext) -> bool:
        return True

    def activation_bytes(self, context: BlockContext) -> int:
        """Mean and deviation of each vector."""
        return 2 * cells_of(context.inputs[0]) * BYTES_PER_VALUE

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {"normalized_shape": width_text(context), **self.texts(context, "eps", "elementwise_affine", "bias")}
        return self.single(context, "LayerNorm", arguments, inputs, package="torch.nn")
