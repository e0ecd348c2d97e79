"""A bend between linear maps."""

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, Site, check_values
from shared_py.blocks.common import Activation as ActivationProperty
from shared_py.blocks.common import ActivationName
from shared_py.problems import Problem
from shared_py.shapes import Signal, numbers_of

TORCH_NAMES: dict[ActivationName, str] = {
    "gelu": "GELU",
    "relu": "ReLU",
    "silu": "SiLU",
    "tanh": "Tanh",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
}


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

    def activation_bytes(self, site: Site) -> int:
        return numbers_of(site.inputs[0]) * BYTES_PER_VALUE

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        return self.single(site, TORCH_NAMES[self.activation], {}, inputs, package="torch.nn")
