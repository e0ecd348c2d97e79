"""The policy: what the network would play."""

from shared_py.blocks.base import Block, BlockCode, Call, Module, Site
from shared_py.blocks.common import Pool
from shared_py.blocks.pooled_head import check_pooling, head_activation_bytes, head_flops, head_parameters, width_text
from shared_py.problems import Problem
from shared_py.shapes import BATCH, Signal

ACTIONS = 4


class ActionOutput(Block, frozen=True):
    """Policy logits `(B, 4)`, and the value `(B,)` when the design has no output for it; illegal moves are masked."""

    type = "action_output"
    title = "Action output"
    summary = "How much it wants each of the four moves."
    kind = "output"
    role = "policy"

    pool: Pool = "flatten"

    def check(self, site: Site) -> list[Problem]:
        return check_pooling(site)

    def output(self, site: Site) -> Signal:
        return Signal("none", (BATCH, ACTIONS))

    def parameters(self, site: Site) -> int:
        return head_parameters(site, self.pool, self._outputs(site))

    def flops(self, site: Site) -> int:
        return head_flops(site, self.pool, self._outputs(site))

    def activation_bytes(self, site: Site) -> int:
        return head_activation_bytes(site, self.pool, self._outputs(site))

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        gives_value = "value" not in site.roles
        arguments = {"d_model": width_text(site), "pool": self.text(site, "pool"), "value": str(gives_value)}
        name = site.component_id
        targets = f"logits_{name}, value_{name}" if gives_value else f"logits_{name}, _"
        step = Call(targets, inputs, "(B, 4), (B,)" if gives_value else "(B, 4)")
        gives = {"logits": f"logits_{name}"} | ({"value": f"value_{name}"} if gives_value else {})
        return BlockCode((Module("ActionHead", arguments),), (step,), gives)

    def _outputs(self, site: Site) -> int:
        return ACTIONS + (0 if "value" in site.roles else 1)
