"""A mixture of experts in place of a feed-forward network."""

from typing import Annotated

import msgspec

from shared_py.blocks.base import (
    BYTES_PER_VALUE,
    INDEX_BYTES,
    Block,
    BlockCode,
    Call,
    Module,
    Site,
    problem,
    value_bytes,
    variable,
)
from shared_py.blocks.common import BACKWARD_USES_OUTPUT, Activation, Experts, FeedForward, ModelWidth, NormEpsilon
from shared_py.blocks.input_checks import check_tokens
from shared_py.blocks.load_balance_router import LoadBalanceRouter
from shared_py.problems import Problem, SetProperty
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of, format_dims


class MoELayer(Block, frozen=True):
    """Residual mixture of experts: x plus the gate-weighted sum of the experts taken, none of the cells dropped."""

    type = "moe_layer"
    title = "Mixture of experts"
    summary = "Each cell is worked on by a few of several experts."
    kind = "mixture"

    d_model: ModelWidth = 128
    n_experts: Experts = 4
    dim_feedforward: FeedForward | None = None
    activation: Activation = "gelu"
    bias: Annotated[bool, about("Bias", "Linear maps and the norm have an additive bias.")] = True
    num_shared_experts: Annotated[int, about("Shared experts", "Experts that work on every cell, unrouted.", ge=0, le=4)] = 0
    residual: Annotated[bool, about("Residual", "What arrives is added to what the experts say.")] = True
    layer_norm_eps: NormEpsilon = 1e-5

    @property
    def hidden(self) -> int:
        """The width inside each expert, 4 × d_model when left out."""
        return self.dim_feedforward or 4 * self.d_model

    @property
    def expert_parameters(self) -> int:
        """Two linear maps: 2df, and f + d of bias."""
        d, f = self.d_model, self.hidden
        return 2 * d * f + (f + d if self.bias else 0)

    @property
    def norm_parameters(self) -> int:
        """A layer norm: d, and d of bias."""
        return self.d_model * (2 if self.bias else 1)

    def own_router(self, site: Site) -> LoadBalanceRouter | None:
        """The router it brings along when none is drawn before it."""
        if site.inputs[0].kind == "routing":
            return None
        return LoadBalanceRouter(d_model=self.d_model, n_experts=self.n_experts, top_k=min(2, self.n_experts))

    def check(self, site: Site) -> list[Problem]:
        signal = site.inputs[0]
        if signal.kind != "routing":
            return check_tokens(site, self.d_model)
        found = []
        if signal.n_experts != self.n_experts:
            fix = SetProperty(site.component_id, "n_experts", signal.n_experts, f"Set n_experts to {signal.n_experts}")
            experts = "1 expert" if self.n_experts == 1 else f"{self.n_experts} experts"
            message = f"has {experts}, but {site.source_name()} chooses from {signal.n_experts}"
            expected, received = str(signal.n_experts), str(self.n_experts)
            found.append(
                problem(site, "experts_differ", message, field="n_experts", expected=expected, received=received, fix=fix)
            )
        return found + check_tokens(_before_routing(site), self.d_model)

    def output(self, site: Site) -> Signal:
        return _before_routing(site).inputs[0]

    def parameters(self, site: Site) -> int:
        """Each expert, shared ones too, 2df + f + d; a norm 2d; without bias 2df and d; d × E for the router it brings along."""
        return self._parameters_with(site, self.n_experts)

    def active_parameters(self, site: Site) -> int:
        return self._parameters_with(site, self._taken(site))

    def flops(self, site: Site) -> int:
        router = self.own_router(site)
        routing = router.flops(_before_routing(site)) if router else 0
        worked = self._taken(site) + self.num_shared_experts
        return cells_of(site.inputs[0]) * worked * 2 * self.d_model * self.hidden + routing

    def largest_tensor(self, site: Site) -> int:
        return self.d_model * self.hidden

    def saves_input(self, site: Site) -> bool:
        return True

    def activation_bytes(self, site: Site) -> int:
        """For each choice: which it is (two int64), its gate, the expert's input, hidden layer, output and weighted output."""
        d, cells = self.d_model, cells_of(site.inputs[0])
        hidden = self.hidden if self.activation in BACKWARD_USES_OUTPUT else 2 * self.hidden
        router = self.own_router(site)
        routing = router.activation_bytes(_before_routing(site)) if router else 0
        per_choice = 2 * INDEX_BYTES + (1 + 3 * d + hidden) * BYTES_PER_VALUE
        shared = (d + self.num_shared_experts * hidden if self.num_shared_experts else 0) * BYTES_PER_VALUE
        return routing + cells * (2 * BYTES_PER_VALUE + self._taken(site) * per_choice + shared)

    def varying_bytes(self, site: Site) -> int:
        """All of it: how many cells an expert gets changes with the boards."""
        return self.activation_bytes(site)

    def loss_bytes(self, site: Site) -> int:
        router = self.own_router(site)
        return router.loss_bytes(_before_routing(site)) if router else 0

    def forward_bytes(self, site: Site) -> int:
        """The normed tokens, the sum of the experts, and what a shared expert says."""
        parts = 3 if self.num_shared_experts else 2
        return parts * value_bytes(self.output(site))

    def backward_bytes(self, site: Site) -> int:
        """Gradients of the sum and of the normed tokens, and of what one expert made of its part of them."""
        hidden = 2 * self.hidden if self.activation in BACKWARD_USES_OUTPUT else self.hidden
        one_expert = cells_of(site.inputs[0]) * self._taken(site) * (self.d_model + hidden) // self.n_experts
        shared = cells_of(site.inputs[0]) * hidden if self.num_shared_experts else 0
        return 2 * value_bytes(self.output(site)) + max(one_expert, shared) * BYTES_PER_VALUE

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {
            **self.texts(site, "d_model", "n_experts"),
            "dim_feedforward": str(self.hidden),
            **self.texts(site, "activation", "bias"),
            **{name: self.text(site, name) for name in WRITTEN_IF_SET if getattr(self, name) != getattr(DEFAULT, name)},
        }
        experts = Module("MixtureOfExperts", arguments)
        out = variable(site.component_id)
        router = self.own_router(site)
        if router is None:
            return BlockCode((experts,), (Call((out,), inputs),), {"routings": inputs[0]})
        inherited = msgspec.structs.replace(site, inherited=site.inherited & {"d_model", "n_experts"})
        (choice,) = router.code(inherited, inputs).modules
        routing = f"routing_{site.component_id}"
        choose = Call((routing,), inputs, f"routing of {format_dims(site.inputs[0].dims, site.d_model)}", prefix="router")
        modules = (msgspec.structs.replace(choice, prefix="router"), experts)
        return BlockCode(modules, (choose, Call((out,), (routing,))), {"routings": routing})

    def _parameters_with(self, site: Site, experts: int) -> int:
        """Of so many routed experts, the shared ones, the norm and the router it brings along."""
        router = self.own_router(site)
        routing = router.parameters(_before_routing(site)) if router else 0
        return (experts + self.num_shared_experts) * self.expert_parameters + self.norm_parameters + routing

    def _taken(self, site: Site) -> int:
        router = self.own_router(site)
        return router.top_k if router else site.inputs[0].top_k


WRITTEN_IF_SET = ("num_shared_experts", "residual", "layer_norm_eps")
DEFAULT = MoELayer()


def _before_routing(site: Site) -> Site:
    """The same place with the routed tokens themselves arriving."""
    arrives = site.inputs[0]
    routed = Signal("values", arrives.dims, grid=arrives.grid, cls_token=arrives.cls_token)
    return msgspec.structs.replace(site, inputs=(routed,))
