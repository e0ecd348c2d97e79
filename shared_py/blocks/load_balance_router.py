"""The choice of experts, drawn as a block of its own."""

from typing import Annotated

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, Site, check_tokens, problem
from shared_py.blocks.common import Experts, ModelWidth
from shared_py.problems import Problem, SetProperty
from shared_py.properties import about
from shared_py.shapes import CELLS, Signal


class LoadBalanceRouter(Block, frozen=True):
    """Chooses `top_k` of the experts for each cell and says how hard the choice is pushed to be even."""

    type = "load_balance_router"
    title = "Router"
    summary = "Chooses the experts for each cell, and keeps them busy."
    kind = "routing"

    d_model: ModelWidth = 128
    n_experts: Experts = 4
    top_k: Annotated[int, about("Experts taken", "Experts that work on one cell.", ge=1, le=8)] = 2
    norm_topk_prob: Annotated[bool, about("Normalise gates", "The gates of the experts taken add up to 1.")] = True
    reward_coef: Annotated[
        float, about("Balance reward", "Weight of the load-balance loss; 0 lets experts fall asleep.", ge=0, le=1, step=0.005)
    ] = 0.01
    router_z_loss_coef: Annotated[
        float, about("Z-loss", "Weight that keeps the router's logits small.", ge=0, le=1, step=0.001)
    ] = 0.001

    def check(self, site: Site) -> list[Problem]:
        return [*check_top_k(site, self.top_k, self.n_experts), *check_tokens(site, self.d_model)]

    def output(self, site: Site) -> Signal:
        return Signal("routing", site.inputs[0].dims, self.n_experts, self.top_k)

    def parameters(self, site: Site) -> int:
        """One linear map without bias: d × E."""
        return self.d_model * self.n_experts

    def flops(self, site: Site) -> int:
        return CELLS * self.d_model * self.n_experts

    def activation_bytes(self, site: Site) -> int:
        return CELLS * (self.d_model + 3 * self.n_experts) * BYTES_PER_VALUE

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        names = ("d_model", "n_experts", "top_k", "norm_topk_prob", "reward_coef", "router_z_loss_coef")
        return self.single(site, "Router", self.texts(site, *names), inputs)


def check_top_k(site: Site, top_k: int, n_experts: int) -> list[Problem]:
    """Check that no more experts are taken than there are."""
    if top_k <= n_experts:
        return []
    fix = SetProperty(site.component_id, "top_k", n_experts, f"Set top_k to {n_experts}")
    message = f"top_k must be at most n_experts: {top_k} of {n_experts}"
    return [problem(site, "too_few_experts", message, field="top_k", expected=f"1 to {n_experts}", received=str(top_k), fix=fix)]
