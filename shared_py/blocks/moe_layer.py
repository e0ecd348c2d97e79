"""A mixture of experts in place of a feed-forward network."""

from typing import Annotated

import msgspec

from shared_py.blocks.base import (
    BYTES_PER_VALUE,
    INDEX_BYTES,
    Block,
    BlockCode,
    BlockContext,
    Call,
    Inspected,
    Module,
    value_bytes,
    variable,
)
from shared_py.blocks.block_problems import no_effect, problem, set_property
from shared_py.blocks.common import BACKWARD_USES_OUTPUT, Experts, FeedForward, GatedActivation, ModelWidth, NormEpsilon
from shared_py.blocks.input_checks import check_width
from shared_py.blocks.load_balance_router import LoadBalanceRouter
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of, format_dims


class MoELayer(Block, frozen=True):
    """Residual mixture of experts: x plus the gate-weighted sum of the experts taken, for each cell or for the whole board."""

    type = "moe_layer"
    title = "Mixture of experts"
    summary = "Each cell, or the whole board, is worked on by a few of several experts."
    keywords = ("MoE", "experts", "sparse", "gating", "switch", "feed-forward", "FFN")
    kind = "mixture"

    d_model: ModelWidth = 128
    n_experts: Experts = 4
    dim_feedforward: FeedForward | None = None
    activation: GatedActivation = "gelu"
    bias: Annotated[bool, about("Bias", "Linear maps and the norm have an additive bias.")] = True
    num_shared_experts: Annotated[int, about("Shared experts", "Experts that work on everything, unrouted.", ge=0, le=4)] = 0
    residual: Annotated[bool, about("Residual", "What arrives is added to what the experts say.")] = True
    layer_norm_eps: NormEpsilon = 1e-5
    norm: Annotated[bool, about("Norm", "A layer norm before the experts; without it they get the input itself.")] = True

    @property
    def hidden(self) -> int:
        """The width inside each expert, 4 × d_model when left out."""
        return self.dim_feedforward or 4 * self.d_model

    @property
    def expert_parameters(self) -> int:
        """Two linear maps: 2df, and f + d of bias; swiglu has three."""
        d, f, widening = self.d_model, self.hidden, self.linear_maps - 1
        return self.linear_maps * d * f + (widening * f + d if self.bias else 0)

    @property
    def linear_maps(self) -> int:
        """Of each expert."""
        return 3 if self.activation == "swiglu" else 2

    @property
    def saved_hidden(self) -> int:
        """Numbers of the hidden layer that the backward pass of an expert needs.

        Swiglu: gate, its activation, the other map and their product. Of other activations the input, the output, or both.
        """
        if self.activation == "swiglu":
            return 4 * self.hidden
        return self.hidden if self.activation in BACKWARD_USES_OUTPUT else 2 * self.hidden

    @property
    def norm_parameters(self) -> int:
        """A layer norm, if there is one: d, and d of bias."""
        return self.d_model * (2 if self.bias else 1) * self.norm

    def own_router(self, context: BlockContext) -> LoadBalanceRouter | None:
        """The router it brings along when none is drawn before it."""
        if context.inputs[0].kind == "routing":
            return None
        return LoadBalanceRouter(d_model=self.d_model, n_experts=self.n_experts, top_k=min(2, self.n_experts))

    def check(self, context: BlockContext) -> list[Problem]:
        signal = context.inputs[0]
        if signal.kind != "routing":
            return check_width(context, self.d_model)
        found = []
        if signal.n_experts != self.n_experts:
            fix = set_property(context, "n_experts", signal.n_experts)
            params = {"source": context.source_name()}
            expected, received = str(signal.n_experts), str(self.n_experts)
            found.append(
                problem(context, "experts_differ", params, field="n_experts", expected=expected, received=received, fix=fix)
            )
        return found + check_width(_with_routed_tokens(context), self.d_model)

    def advise(self, context: BlockContext) -> list[Problem]:
        return [] if self.norm else no_effect(context, self, "layer_norm_eps", "no_norm")

    def inspected(self) -> Inspected:
        return Inspected("routing", self.n_experts)

    def output(self, context: BlockContext) -> Signal:
        return _with_routed_tokens(context).inputs[0]

    def parameters(self, context: BlockContext) -> int:
        """Each expert, shared ones too, 2df + f + d (swiglu 3df + 2f + d); a norm 2d; no bias: 2df, d; its own router d × E."""
        return self._parameters_with(context, self.n_experts)

    def active_parameters(self, context: BlockContext) -> int:
        return self._parameters_with(context, self._active_experts(context))

    def flops(self, context: BlockContext) -> int:
        router = self.own_router(context)
        routing = router.flops(_with_routed_tokens(context)) if router else 0
        worked = self._active_experts(context) + self.num_shared_experts
        return cells_of(context.inputs[0]) * worked * self.linear_maps * self.d_model * self.hidden + routing

    def largest_tensor(self, context: BlockContext) -> int:
        return self.d_model * self.hidden

    def saves_input(self, context: BlockContext) -> bool:
        """The norm, shared experts and the router it brings along do; a routed expert gets copies of the vectors."""
        return self.norm or self.num_shared_experts > 0 or self.own_router(context) is not None

    def activation_bytes(self, context: BlockContext) -> int:
        """For each choice: which it is (two int64), its gate, the expert's input, hidden layer, output and weighted output."""
        d, cells = self.d_model, cells_of(context.inputs[0])
        router = self.own_router(context)
        routing = router.activation_bytes(_with_routed_tokens(context)) if router else 0
        per_choice = 2 * INDEX_BYTES + (1 + 3 * d + self.saved_hidden) * BYTES_PER_VALUE
        shared = (d * self.norm + self.num_shared_experts * self.saved_hidden if self.num_shared_experts else 0) * BYTES_PER_VALUE
        statistics = 2 * BYTES_PER_VALUE * self.norm
        return routing + cells * (statistics + self._active_experts(context) * per_choice + shared)

    def varying_bytes(self, context: BlockContext) -> int:
        """All of it: how many cells an expert gets changes with the boards."""
        return self.activation_bytes(context)

    def loss_bytes(self, context: BlockContext) -> int:
        router = self.own_router(context)
        return router.loss_bytes(_with_routed_tokens(context)) if router else 0

    def forward_bytes(self, context: BlockContext) -> int:
        """The normed tokens, the sum of the experts, and the output of a shared expert."""
        parts = self.norm + 1 + (self.num_shared_experts > 0)
        return parts * value_bytes(self.output(context))

    def backward_bytes(self, context: BlockContext) -> int:
        """Gradients of the sum and of the normed tokens, and of what one expert made of its part of them."""
        hidden = 2 * self.hidden if self.activation in BACKWARD_USES_OUTPUT else self.hidden
        hidden = 3 * self.hidden if self.activation == "swiglu" else hidden
        one_expert = cells_of(context.inputs[0]) * self._active_experts(context) * (self.d_model + hidden) // self.n_experts
        shared = cells_of(context.inputs[0]) * hidden if self.num_shared_experts else 0
        return 2 * value_bytes(self.output(context)) + max(one_expert, shared) * BYTES_PER_VALUE

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {
            **self.texts(context, "d_model", "n_experts"),
            "dim_feedforward": str(self.hidden),
            **self.texts(context, "activation", "bias"),
            **{name: self.text(context, name) for name in WRITTEN_IF_SET if getattr(self, name) != getattr(DEFAULT, name)},
        }
        experts = Module("MixtureOfExperts", arguments)
        out = variable(context.component_id)
        router = self.own_router(context)
        if router is None:
            return BlockCode((experts,), (Call((out,), inputs),), {"routings": inputs[0]})
        inherited = msgspec.structs.replace(context, inherited=context.inherited & {"d_model", "n_experts"})
        (choice,) = router.code(inherited, inputs).modules
        routing = f"routing_{context.component_id}"
        choose = Call((routing,), inputs, f"routing of {format_dims(context.inputs[0].dims, context.d_model)}", prefix="router")
        modules = (msgspec.structs.replace(choice, prefix="router"), experts)
        return BlockCode(modules, (choose, Call((out,), (routing,))), {"routings": routing})

    def _parameters_with(self, context: BlockContext, experts: int) -> int:
        """Of so many routed experts, the shared ones, the norm and the router it brings along."""
        router = self.own_router(context)
        routing = router.parameters(_with_routed_tokens(context)) if router else 0
        return (experts + self.num_shared_experts) * self.expert_parameters + self.norm_parameters + routing

    def _active_experts(self, context: BlockContext) -> int:
        router = self.own_router(context)
        return router.top_k if router else context.inputs[0].top_k


WRITTEN_IF_SET = ("num_shared_experts", "residual", "layer_norm_eps", "norm")
DEFAULT = MoELayer()


def _with_routed_tokens(context: BlockContext) -> BlockContext:
    """The same context with the routed tokens, or the routed vector, as input."""
    arrives = context.inputs[0]
    routed = Signal("values", arrives.dims, grid=arrives.grid, cls_token=arrives.cls_token)
    return msgspec.structs.replace(context, inputs=(routed,))
