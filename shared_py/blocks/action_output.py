"""The policy: what the network would play."""

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

ACTIONS = 4
INIT_GAIN = 0.08


class ActionOutput(Block, frozen=True):
    """Policy logits `(B, 4)`, and the value `(B,)` when the design has no output for it; illegal moves are masked."""

    type = "action_output"
    title = "Action output"
    summary = "How much it wants each of the four moves."
    kind = "output"
    role = "policy"

    pool: Pool = "flatten"
    hidden_sizes: HiddenSizes = ()
    activation: Activation = "gelu"
    init_gain: InitGain = INIT_GAIN

    def check(self, site: Site) -> list[Problem]:
        return check_pooling(site, self.pool)

    def advise(self, site: Site) -> list[Problem]:
        return advise_pooling(site, self.pool)

    def output(self, site: Site) -> Signal:
        return Signal("none", (BATCH, ACTIONS))

    def parameters(self, site: Site) -> int:
        """The pooling's own, then (inputs + 1) × outputs for each linear map; the last has 5 outputs, 4 beside a value output."""
        return head_parameters(site, self.pool, self.hidden_sizes, self._outputs(site))

    def flops(self, site: Site) -> int:
        return head_flops(site, self.pool, self.hidden_sizes, self._outputs(site))

    def largest_tensor(self, site: Site) -> int:
        return head_largest_tensor(site, self.pool, self.hidden_sizes, ACTIONS)

    def keeps_input(self, site: Site) -> bool:
        return head_keeps_input(site, self.pool)

    def activation_bytes(self, site: Site) -> int:
        return head_activation_bytes(site, self.pool, self.hidden_sizes, self.activation)

    def forward_bytes(self, site: Site) -> int:
        return head_forward_bytes(site, self.pool)

    def backward_bytes(self, site: Site) -> int:
        return head_backward_bytes(site, self.pool, self.hidden_sizes)

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        gives_value = "value" not in site.roles
        arguments = head_arguments(site, self.pool, self.hidden_sizes, self.activation) | {"value": str(gives_value)}
        if self.init_gain != INIT_GAIN:
            arguments["init_gain"] = literal(self.init_gain)
        name = site.component_id
        targets = (f"logits_{name}", f"value_{name}" if gives_value else "_")
        step = Call(targets, inputs, "(B, 4), (B,)" if gives_value else "(B, 4)")
        gives = {"logits": f"logits_{name}"} | ({"value": f"value_{name}"} if gives_value else {})
        return BlockCode((Module("ActionHead", arguments),), (step,), gives)

    def _outputs(self, site: Site) -> int:
        return ACTIONS + (0 if "value" in site.roles else 1)
