"""The value: how well the game will go on."""

from shared_py.blocks.base import Block, BlockCode, Call, Module, Site, literal
from shared_py.blocks.common import Activation, HiddenSizes, InitGain, Pool
from shared_py.blocks.head import (
    head_activation_bytes,
    head_arguments,
    head_backward_bytes,
    head_flops,
    head_forward_bytes,
    head_keeps_input,
    head_largest_tensor,
    head_parameters,
)
from shared_py.blocks.pooling import advise_pooling, check_pooling
from shared_py.problems import Problem
from shared_py.shapes import BATCH, Signal

INIT_GAIN = 0.1


class ValueOutput(Block, frozen=True):
    """The value `(B,)`: the discounted reward expected from here; with it the action output gives none."""

    type = "value_output"
    title = "Value output"
    summary = "How much reward it expects from here."
    kind = "output"
    role = "value"

    pool: Pool = "flatten"
    hidden_sizes: HiddenSizes = ()
    activation: Activation = "gelu"
    init_gain: InitGain = INIT_GAIN

    def check(self, site: Site) -> list[Problem]:
        return check_pooling(site, self.pool)

    def advise(self, site: Site) -> list[Problem]:
        return advise_pooling(site, self.pool)

    def output(self, site: Site) -> Signal:
        return Signal("none", (BATCH,))

    def parameters(self, site: Site) -> int:
        """The pooling's own, then (inputs + 1) × outputs for each linear map; the last has one output."""
        return head_parameters(site, self.pool, self.hidden_sizes, 1)

    def flops(self, site: Site) -> int:
        return head_flops(site, self.pool, self.hidden_sizes, 1)

    def largest_tensor(self, site: Site) -> int:
        return head_largest_tensor(site, self.pool, self.hidden_sizes, 1)

    def keeps_input(self, site: Site) -> bool:
        return head_keeps_input(site, self.pool)

    def activation_bytes(self, site: Site) -> int:
        return head_activation_bytes(site, self.pool, self.hidden_sizes, self.activation)

    def forward_bytes(self, site: Site) -> int:
        return head_forward_bytes(site, self.pool)

    def backward_bytes(self, site: Site) -> int:
        return head_backward_bytes(site, self.pool, self.hidden_sizes)

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        arguments = head_arguments(site, self.pool, self.hidden_sizes, self.activation)
        if self.init_gain != INIT_GAIN:
            arguments["init_gain"] = literal(self.init_gain)
        step = Call((f"value_{site.component_id}",), inputs, "(B,)")
        return BlockCode((Module("ValueHead", arguments),), (step,), {"value": f"value_{site.component_id}"})
