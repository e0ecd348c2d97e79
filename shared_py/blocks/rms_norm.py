"""Each vector brought to length √d."""

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, Site, check_values, width_text
from shared_py.blocks.common import NormEpsilon
from shared_py.blocks.layer_norm import Affine
from shared_py.problems import Problem
from shared_py.shapes import Signal, cells_of, numbers_of, width_of


class RMSNorm(Block, frozen=True):
    """`torch.nn.RMSNorm` over the last dimension: divides by the root of the mean square, without taking off the mean."""

    type = "rms_norm"
    title = "RMS norm"
    summary = "Scales each vector to root mean square 1."
    kind = "layer"

    eps: NormEpsilon = 1e-5
    elementwise_affine: Affine = True

    def check(self, site: Site) -> list[Problem]:
        return check_values(site)

    def output(self, site: Site) -> Signal:
        return site.inputs[0]

    def parameters(self, site: Site) -> int:
        """A weight for each number (`torch.nn.RMSNorm`)."""
        return width_of(site.inputs[0]) * self.elementwise_affine

    def flops(self, site: Site) -> int:
        return numbers_of(site.inputs[0])

    def activation_bytes(self, site: Site) -> int:
        return (2 * numbers_of(site.inputs[0]) + cells_of(site.inputs[0])) * BYTES_PER_VALUE

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {"normalized_shape": width_text(site), **self.texts(site, "eps", "elementwise_affine")}
        return self.single(site, "RMSNorm", arguments, inputs, package="torch.nn")
