"""A bend between linear maps."""

from shared_py.blocks.base import Block, BlockCode, Site, check_values
from shared_py.blocks.common import BACKWARD_USES_OUTPUT, TORCH_NAMES
from shared_py.blocks.common import Activation as ActivationProperty
from shared_py.problems import Problem
from shared_py.shapes import Signal


class Activation(Block, frozen=True):
    """`torch.nn.GELU` and its kin, applied to every number by itself."""

    type = "activation"
    title = "Activation"
    summary = "Bends every number: GELU, ReLU and their kin."
    kind = "layer"

    activation: ActivationProperty = "gelu"

    def check(self, site: Site) -> list[Problem]:
        return check_values(site)

    def output(self, site: Site) -> Signal:
        return site.inputs[0]

    def saves_input(self, site: Site) -> bool:
        return self.activation not in BACKWARD_USES_OUTPUT

    def saves_output(self, site: Site) -> bool:
        return self.activation in BACKWARD_USES_OUTPUT

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        return self.single(site, TORCH_NAMES[self.activation], {}, inputs, package="torch.nn")
