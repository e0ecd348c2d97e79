"""Each vector brought to length √d."""

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, BlockContext, value_bytes, width_text
from shared_py.blocks.block_problems import check_values, single_numbers
from shared_py.blocks.common import NormEpsilon
from shared_py.blocks.layer_norm import Affine
from shared_py.problems import Problem
from shared_py.shapes import Signal, cells_of, width_of


class RMSNorm(Block, frozen=True):
    """`torch.nn.RMSNorm` over the last dimension: divides by the root of the mean square, without taking off the mean.

    Sums are float32, also where products are bfloat16.
    """

    type = "rms_norm"
    title = "RMS norm"
    summary = "Scales each vector to root mean square 1."
    keywords = ("normalization", "normalisation", "root mean square")
    kind = "layer"

    eps: NormEpsilon = 1e-5
    elementwise_affine: Affine = True

    def check(self, context: BlockContext) -> list[Problem]:
        return check_values(context)

    def advise(self, context: BlockContext) -> list[Problem]:
        return single_numbers(context, "sign")

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def parameters(self, context: BlockContext) -> int:
        """A weight for each number (`torch.nn.RMSNorm`)."""
        return width_of(context.inputs[0]) * self.elementwise_affine

    def saves_input(self, context: BlockContext) -> bool:
        return True

    def activation_bytes(self, context: BlockContext) -> int:
        """The scale of each vector, and the scaled vectors before their weights."""
        return cells_of(context.inputs[0]) * BYTES_PER_VALUE + value_bytes(context.inputs[0]) * self.elementwise_affine

    def forward_bytes(self, context: BlockContext) -> int:
        """The squares."""
        return value_bytes(context.inputs[0])

    def backward_bytes(self, context: BlockContext) -> int:
        """Gradients of the output, of the scaled vectors and, twice, of the input."""
        return 4 * value_bytes(context.inputs[0])

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {"normalized_shape": width_text(context), **self.texts(context, "eps", "elementwise_affine")}
        return self.single(context, "RMSNorm", arguments, inputs)
