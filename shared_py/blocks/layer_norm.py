"""Each vector brought to mean 0 and variance 1."""

from typing import Annotated

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, Site, check_values, no_effect, single_numbers, width_text
from shared_py.blocks.common import NormEpsilon
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of, width_of

Affine = Annotated[bool, about("Learned scale", "Multiplies each number by a learned weight.")]


class LayerNorm(Block, frozen=True):
    """`torch.nn.LayerNorm` over the last dimension."""

    type = "layer_norm"
    title = "Layer norm"
    summary = "Brings each vector to mean 0 and variance 1."
    kind = "layer"

    eps: NormEpsilon = 1e-5
    elementwise_affine: Affine = True
    bias: Annotated[bool, about("Bias", "Adds a learned number to each; only with a learned scale.")] = True

    def check(self, site: Site) -> list[Problem]:
        return check_values(site)

    def advise(self, site: Site) -> list[Problem]:
        found = single_numbers(site, "each becomes 0 whatever arrives")
        if self.elementwise_affine:
            return found
        return found + no_effect(site, self, "bias", "without elementwise_affine: there is no learned scale for it to go with")

    def output(self, site: Site) -> Signal:
        return site.inputs[0]

    def parameters(self, site: Site) -> int:
        """A weight and a bias for each number (`torch.nn.LayerNorm`)."""
        return width_of(site.inputs[0]) * self.elementwise_affine * (1 + self.bias)

    def largest_tensor(self, site: Site) -> int:
        return width_of(site.inputs[0]) * self.elementwise_affine

    def saves_input(self, site: Site) -> bool:
        return True

    def activation_bytes(self, site: Site) -> int:
        """Mean and deviation of each vector."""
        return 2 * cells_of(site.inputs[0]) * BYTES_PER_VALUE

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {"normalized_shape": width_text(site), **self.texts(site, "eps", "elementwise_affine", "bias")}
        return self.single(site, "LayerNorm", arguments, inputs, package="torch.nn")
