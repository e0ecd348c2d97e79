"""The router of a mixture of experts, as a block of its own."""

from typing import Annotated, Literal

from shared_py.blocks.base import BYTES_PER_VALUE, INDEX_BYTES, Block, BlockCode, BlockContext
from shared_py.blocks.block_problems import no_effect, problem, set_property
from shared_py.blocks.common import Experts, ModelWidth
from shared_py.blocks.input_checks import check_width
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of


class LoadBalanceRouter(Block, frozen=True):
    """Chooses `top_k` of the experts for each cell, or for the whole board, and sets how strongly the choice is balanced."""

    type = "load_balance_router"
    title = "Router"
    summary = "Chooses the experts for each cell or board, and keeps them busy."
    keywords = ("gate", "gating", "top-k", "softmax", "balance", "routing", "z-loss")
    kind = "routing"

    d_model: ModelWidth = 128
    n_experts: Experts = 4
    top_k: Annotated[int, about("Active experts", "Experts that work on one cell or board (top-k).", ge=1, le=8)] = 2
    norm_topk_prob: Annotated[bool, about("Normalise gates", "The gates of the active experts add up to 1.")] = True
    score_func: Annotated[
        Literal["softmax", "sigmoid"],
        about("Scores", "softmax: experts compete for each cell or board; sigmoid: each is scored by itself."),
    ] = "softmax"
    bias: Annotated[bool, about("Bias", "The router's linear map has an additive bias.")] = False
    router_jitter_noise: Annotated[
        float, about("Jitter", "While training, blurs what it sees by this share; PPO keeps it off.", ge=0, le=0.5, step=0.01)
    ] = 0.0
    reward_coef: Annotated[
        float, about("Load-balance loss", "Weight of the load-balance loss; at 0 experts may go unused.", ge=0, le=1, step=0.005)
    ] = 0.01
    router_z_loss_coef: Annotated[
        float, about("Z-loss", "Weight that keeps the router's logits small.", ge=0, le=1, step=0.001)
    ] = 0.001

    def check(self, context: BlockContext) -> list[Problem]:
        return [*check_top_k(context, self.top_k, self.n_experts), *check_width(context, self.d_model)]

    def advise(self, context: BlockContext) -> list[Problem]:
        found = []
        if self.top_k == 1:
            found += no_effect(context, self, "norm_topk_prob", "single_gate")
        elif self.top_k == self.n_experts and self.score_func == "softmax":
            found += no_effect(context, self, "norm_topk_prob", "gates_add_up")
        if self.top_k == self.n_experts:
            found += no_effect(context, self, "reward_coef", "nothing_to_balance")
        if self.router_jitter_noise > 0:
            fix = set_property(context, "router_jitter_noise", 0.0)
            found.append(problem(context, "jitter_is_off", field="router_jitter_noise", expected="0", fix=fix))
        if self.reward_coef == 0 and self.n_experts > self.top_k:
            fix = set_property(context, "reward_coef", 0.01)
            found.append(problem(context, "no_balance", field="reward_coef", expected="more than 0", received="0", fix=fix))
        return found

    def output(self, context: BlockContext) -> Signal:
        arrives = context.inputs[0]
        return Signal("routing", arrives.dims, self.n_experts, self.top_k, arrives.grid, arrives.cls_token)

    def parameters(self, context: BlockContext) -> int:
        """One linear map: d × E, and E of bias."""
        return (self.d_model + self.bias) * self.n_experts

    def flops(self, context: BlockContext) -> int:
        return cells_of(context.inputs[0]) * self.d_model * self.n_experts

    def largest_tensor(self, context: BlockContext) -> int:
        return self.d_model * self.n_experts

    def saves_input(self, context: BlockContext) -> bool:
        return True

    def is_view(self, context: BlockContext) -> bool:
        """The tokens travel on with the choice."""
        return True

    def activation_bytes(self, context: BlockContext) -> int:
        """The normed tokens and their statistics, scores, the choice (int64), and the gates before they are normalised."""
        per_cell = self.d_model + 2 + self.n_experts
        per_cell += 1 if self.score_func == "sigmoid" else 0
        per_cell += self.top_k + 1 if self.norm_topk_prob and self.top_k > 1 else 0
        return cells_of(context.inputs[0]) * (per_cell * BYTES_PER_VALUE + self.top_k * INDEX_BYTES)

    def loss_bytes(self, context: BlockContext) -> int:
        """The z-loss: logits, and the logarithm of their sum."""
        return cells_of(context.inputs[0]) * (self.n_experts + 1) * BYTES_PER_VALUE

    def forward_bytes(self, context: BlockContext) -> int:
        """Gates, and the one-hot choice for the load-balance loss: int64 and float32 for each expert."""
        return cells_of(context.inputs[0]) * self.top_k * (BYTES_PER_VALUE + self.n_experts * (INDEX_BYTES + BYTES_PER_VALUE))

    def backward_bytes(self, context: BlockContext) -> int:
        """Gradients of the normed tokens and of the tokens."""
        cells = cells_of(context.inputs[0])
        return cells * 2 * (self.d_model + self.n_experts) * BYTES_PER_VALUE

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        names = [
            name for name in self.__struct_fields__ if name in ALWAYS_WRITTEN or getattr(self, name) != getattr(DEFAULT, name)
        ]
        return self.single(context, "Router", self.texts(context, *names), inputs)


ALWAYS_WRITTEN = frozenset({"d_model", "n_experts", "top_k", "norm_topk_prob", "reward_coef", "router_z_loss_coef"})
DEFAULT = LoadBalanceRouter()


def check_top_k(context: BlockContext, top_k: int, n_experts: int) -> list[Problem]:
    """Check that no more experts are active than exist."""
    if top_k <= n_experts:
        return []
    fix, params = set_property(context, "top_k", n_experts), {"n_experts": n_experts}
    expected, received = f"1 to {n_experts}", str(top_k)
    return [problem(context, "too_few_experts", params, field="top_k", expected=expected, received=received, fix=fix)]
