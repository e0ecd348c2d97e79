"""The value: how well the game will go on."""

from shared_py.blocks.base import Block, BlockCode, Call, Module, Site
from shared_py.blocks.common import Pool
from shared_py.blocks.pooled_head import check_pooling, head_activation_bytes, head_flops, head_parameters, width_text
from shared_py.problems import Problem
from shared_py.shapes import BATCH, Signal


class ValueOutput(Block, frozen=True):
    """The value `(B,)`: the discounted reward expected from here; with it the action output gives none."""

    type = "value_output"
    title = "Value output"
    summary = "How much reward it expects from here."
    kind = "output"
    role = "value"

    pool: Pool = "flatten"

    def check(self, site: Site) -> list[Problem]:
        return check_pooling(site)

    def output(self, site: Site) -> Signal:
        return Signal("none", (BATCH,))

    def parameters(self, site: Site) -> int:
        return head_parameters(site, self.pool, 1)

    def flops(self, site: Site) -> int:
        return head_flops(site, self.pool, 1)

    def activation_bytes(self, site: Site) -> int:
        return head_activation_bytes(site, self.pool, 1)

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {"d_model": width_text(site), "pool": self.text(site, "pool")}
        step = Call(f"value_{site.component_id}", inputs, "(B,)")
        return BlockCode((Module("ValueHead", arguments),), (step,), {"value": f"value_{site.component_id}"})
