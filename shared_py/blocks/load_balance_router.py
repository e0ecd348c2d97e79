"""The choice of experts, drawn as a block of its own."""

from typing import Annotated, Literal

from shared_py.blocks.base import BYTES_PER_VALUE, INDEX_BYTES, Block, BlockCode, Site, no_effect, problem
from shared_py.blocks.common import Experts, ModelWidth
from shared_py.blocks.input_checks import check_tokens
from shared_py.problems import Problem, SetProperty
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of


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
    score_func: Annotated[
        Literal["softmax", "sigmoid"],
        about("Scores", "softmax: experts compete for each cell; sigmoid: each is scored by itself."),
    ] = "softmax"
    bias: Annotated[bool, about("Bias", "The router's linear map has an additive bias.")] = False
    router_jitter_noise: Annotated[
        float, about("Jitter", "While training, blurs what it sees by this share; PPO keeps it off.", ge=0, le=0.5, step=0.01)
    ] = 0.0
    reward_coef: Annotated[
        float, about("Balance reward", "Weight of the load-balance loss; 0 lets experts fall asleep.", ge=0, le=1, step=0.005)
    ] = 0.01
    router_z_loss_coef: Annotated[
        float, about("Z-loss", "Weight that keeps the router's logits small.", ge=0, le=1, step=0.001)
    ] = 0.001

    def check(self, site: Site) -> list[Problem]:
        return [*check_top_k(site, self.top_k, self.n_experts), *check_tokens(site, self.d_model)]

    def advise(self, site: Site) -> list[Problem]:
        found = []
        if self.top_k == 1:
            found += no_effect(site, self, "norm_topk_prob", "at top_k 1: the gate of a single expert is never normalised")
        elif self.top_k == self.n_experts and self.score_func == "softmax":
            found += no_effect(site, self, "norm_topk_prob", "where every expert is taken: the gates add up to 1 already")
        if self.top_k == self.n_experts:
            found += no_effect(site, self, "reward_coef", "where every expert is taken: there is nothing to balance")
        if self.router_jitter_noise > 0:
            fix = SetProperty(site.component_id, "router_jitter_noise", 0.0, "Set router_jitter_noise to 0")
            message = "router_jitter_noise does nothing under PPO, which trains without noise"
            found.append(problem(site, "jitter_is_off", message, field="router_jitter_noise", expected="0", fix=fix))
        if self.reward_coef == 0 and self.n_experts > self.top_k:
            fix = SetProperty(site.component_id, "reward_coef", 0.01, "Set reward_coef to 0.01")
            message = "with reward_coef 0 some experts may never be chosen"
            found.append(problem(site, "no_balance", message, field="reward_coef", expected="more than 0", received="0", fix=fix))
        return found

    def output(self, site: Site) -> Signal:
        arrives = site.inputs[0]
        return Signal("routing", arrives.dims, self.n_experts, self.top_k, arrives.grid, arrives.cls_token)

    def parameters(self, site: Site) -> int:
        """One linear map: d × E, and E of bias."""
        return (self.d_model + self.bias) * self.n_experts

    def flops(self, site: Site) -> int:
        return cells_of(site.inputs[0]) * self.d_model * self.n_experts

    def largest_tensor(self, site: Site) -> int:
        return self.d_model * self.n_experts

    def saves_input(self, site: Site) -> bool:
        return True

    def is_view(self, site: Site) -> bool:
        """The tokens travel on with the choice."""
        return True

    def activation_bytes(self, site: Site) -> int:
        """The normed tokens and their statistics, scores, the choice (int64), and the gates before they are normalised."""
        per_cell = self.d_model + 2 + self.n_experts
        per_cell += 1 if self.score_func == "sigmoid" else 0
        per_cell += self.top_k + 1 if self.norm_topk_prob and self.top_k > 1 else 0
        return cells_of(site.inputs[0]) * (per_cell * BYTES_PER_VALUE + self.top_k * INDEX_BYTES)

    def loss_bytes(self, site: Site) -> int:
        """The z-loss: logits, and the logarithm of their sum."""
        return cells_of(site.inputs[0]) * (self.n_experts + 1) * BYTES_PER_VALUE

    def forward_bytes(self, site: Site) -> int:
        """Gates, and the choice told one by one for the balance loss: int64 and float32 for each expert."""
        return cells_of(site.inputs[0]) * self.top_k * (BYTES_PER_VALUE + self.n_experts * (INDEX_BYTES + BYTES_PER_VALUE))

    def backward_bytes(self, site: Site) -> int:
        """Gradients of the normed tokens and of the tokens."""
        cells = cells_of(site.inputs[0])
        return cells * 2 * (self.d_model + self.n_experts) * BYTES_PER_VALUE

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        names = [
            name for name in self.__struct_fields__ if name in ALWAYS_WRITTEN or getattr(self, name) != getattr(DEFAULT, name)
        ]
        return self.single(site, "Router", self.texts(site, *names), inputs)


ALWAYS_WRITTEN = frozenset({"d_model", "n_experts", "top_k", "norm_topk_prob", "reward_coef", "router_z_loss_coef"})
DEFAULT = LoadBalanceRouter()


def check_top_k(site: Site, top_k: int, n_experts: int) -> list[Problem]:
    """Check that no more experts are taken than there are."""
    if top_k <= n_experts:
        return []
    fix = SetProperty(site.component_id, "top_k", n_experts, f"Set top_k to {n_experts}")
    message = f"top_k must be at most n_experts: {top_k} is more than {n_experts}"
    return [problem(site, "too_few_experts", message, field="top_k", expected=f"1 to {n_experts}", received=str(top_k), fix=fix)]
