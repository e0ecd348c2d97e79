"""The mixture of experts PyTorch lacks: a router, the experts, and the losses that keep them busy.

Shape letters: B boards, S cells, T = B * S tokens, D width, E experts, K experts taken. Each (B, S, ...) is
(B, ...) where whole boards are routed: one vector and one choice a board.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from backend.models.bucketing import bucket_size
from backend.models.init import reset_linear
from backend.models.outputs import Routing
from backend.models.precision import at_least_float32, full_precision
from backend.models.swiglu import GatedActivation, feed_forward

ScoreFunction = Literal["softmax", "sigmoid"]
ROUTER_GAIN = 0.1
"""of a router's weights: small, so that the first choices are nearly even"""


class Router(nn.Module):
    """Chooses the `top_k` best experts for each cell or board: a linear map of the normalised vector, then a softmax or sigmoids.

    No capacity and no dropped tokens. Gates are the scores of the experts taken, made to sum to 1 if `norm_topk_prob`; with
    `top_k` 1 they are never made to: a gate that is always 1 would pass no gradient back (Fedus et al. 2021, section 2.1).
    Sigmoid scores do not compete (DeepSeek-AI 2024, DeepSeek-V3, equation 15). Logits are float32 also under autocast.
    `router_jitter_noise` multiplies what the router reads by noise while training (Fedus et al. 2021, section 2.2); the router
    in evaluation mode routes one board the same way twice, so that PPO's ratio starts at 1.
    """

    def __init__(
        self,
        *,
        d_model: int,
        n_experts: int,
        top_k: int = 2,
        norm_topk_prob: bool = True,
        score_func: ScoreFunction = "softmax",
        bias: bool = False,
        router_jitter_noise: float = 0.0,
        reward_coef: float = 0.01,
        router_z_loss_coef: float = 0.001,
    ) -> None:
        super().__init__()
        self.linear = nn.Linear(d_model, n_experts, bias=bias)
        self.top_k = top_k
        self.norm_topk_prob = norm_topk_prob
        self.score_func = score_func
        self.router_jitter_noise = router_jitter_noise
        self.reward_coef = reward_coef
        self.router_z_loss_coef = router_z_loss_coef
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw small weights, so that the first choices are nearly even."""
        reset_linear(self.linear, ROUTER_GAIN)

    def forward(self, tokens: Tensor) -> Routing:
        """(B, S, D) tokens, or (B, D) vectors of whole boards, to a routing.

        Sums name their axis from the front: counted from the end, onnxruntime-web forgets it where there is no board.
        """
        with full_precision(tokens):
            logits = self._score(functional.layer_norm(self._jitter(at_least_float32(tokens)), tokens.shape[-1:]))
            return self.route(tokens, logits)

    def route(self, tokens: Tensor, logits: Tensor) -> Routing:
        """(B, S, D) tokens and (B, S, E) float32 logits to a routing."""
        last = tokens.dim() - 1
        scores = logits.softmax(dim=-1) if self.score_func == "softmax" else logits.sigmoid()
        probabilities = scores if self.score_func == "softmax" else scores / scores.sum(dim=last, keepdim=True)
        experts = self._choose(logits)
        gates = scores.gather(-1, experts)
        if self.norm_topk_prob and self.top_k > 1:
            gates = gates / gates.sum(dim=last, keepdim=True)
        return Routing(tokens, logits, probabilities, gates, experts, self.reward_coef, self.router_z_loss_coef)

    def _score(self, normed: Tensor) -> Tensor:
        """Logits of the experts, in float32 also where the weights have fewer bits."""
        bias = self.linear.bias
        return functional.linear(normed, at_least_float32(self.linear.weight), None if bias is None else at_least_float32(bias))

    def _choose(self, logits: Tensor) -> Tensor:
        """(B, S, K) the experts with the largest logits."""
        if torch.compiler.is_exporting():  # TopK of no board divides by zero in onnxruntime-web and in old onnxruntime
            one_more = torch.cat([logits, torch.zeros_like(logits[0:1])])
            return one_more.topk(self.top_k, dim=-1).indices[:-1]
        return logits.topk(self.top_k, dim=-1).indices

    def _jitter(self, tokens: Tensor) -> Tensor:
        if not self.training or self.router_jitter_noise == 0:
            return tokens
        return tokens * torch.empty_like(tokens).uniform_(1 - self.router_jitter_noise, 1 + self.router_jitter_noise)


class MixtureOfExperts(nn.Module):
    """x + sum over the experts taken of gate * expert(LayerNorm(x)): the gates carry the policy gradient to the router.

    Dropless: every token reaches all the experts it chose (Gale et al. 2022, MegaBlocks, for why dropping harms). Shared
    experts work on every token with weight 1 (Dai et al. 2024, DeepSeekMoE, section 3.2). Without `residual`, x is left out;
    without `norm`, experts get x as it is.
    """

    def __init__(
        self,
        *,
        d_model: int,
        n_experts: int,
        dim_feedforward: int,
        activation: GatedActivation = "gelu",
        bias: bool = True,
        num_shared_experts: int = 0,
        residual: bool = True,
        layer_norm_eps: float = 1e-5,
        norm: bool = True,
    ) -> None:
        super().__init__()

        def expert() -> nn.Module:
            return feed_forward(d_model, dim_feedforward, activation, bias)

        self.norm = nn.LayerNorm(d_model, eps=layer_norm_eps, bias=bias) if norm else nn.Identity()
        self.experts = nn.ModuleList(expert() for _ in range(n_experts))
        self.shared_experts = nn.ModuleList(expert() for _ in range(num_shared_experts))
        self.residual = residual

    def forward(self, routing: Routing) -> Tensor:
        """A routing to tokens (B, S, D), or vectors (B, D); the dense form, of equal numbers, when exporting."""
        normed = self.norm(routing.tokens)
        mix = self._mix_all if torch.compiler.is_exporting() else self._mix_chosen
        mixed = mix(normed, routing)
        for expert in self.shared_experts:
            mixed = mixed + expert(normed)
        mixed = mixed.to(next(self.experts.parameters()).dtype)
        return routing.tokens + mixed if self.residual else mixed

    def _mix_chosen(self, tokens: Tensor, routing: Routing) -> Tensor:
        """Each expert computes only the tokens that chose it, and under autocast on a processor some more with a gate of 0."""
        flat = tokens.flatten(0, -2)
        fills_up = flat.device.type == "cpu" and torch.is_autocast_enabled("cpu")
        taken, gates = routing.experts.flatten(0, -2), routing.gates.flatten(0, -2)
        mixed = at_least_float32(torch.zeros_like(flat))
        for index, expert in enumerate(self.experts):
            token, slot = torch.where(taken == index)
            gate = gates[token, slot, None]
            if fills_up and (missing := bucket_size(len(token)) - len(token)):
                token, gate = functional.pad(token, (0, missing)), functional.pad(gate, (0, 0, 0, missing))
            output = expert(flat[token]).to(mixed.dtype) * gate
            mixed.index_add_(0, token, output)
        return mixed.view(tokens.shape)

    def _mix_all(self, tokens: Tensor, routing: Routing) -> Tensor:
        """Every expert computes every token, weighted 0 where it was not chosen: no shape depends on the data."""
        mixed = torch.zeros_like(tokens)
        for index, expert in enumerate(self.experts):
            weight = (routing.gates * (routing.experts == index)).sum(dim=tokens.dim() - 1, keepdim=True)
            mixed = mixed + expert(tokens) * weight
        return mixed


def expert_shares(routing: Routing) -> Tensor:
    """(E,) the share of all choices that fell on each expert; sums to 1."""
    experts = routing.logits.shape[-1]
    return functional.one_hot(routing.experts, experts).float().flatten(0, -2).mean(dim=0)


def routing_margin(routing: Routing) -> Tensor:
    """(B,) the smallest gap in a board between the logit of the last expert taken and of the first left out; inf if none is.

    Where it is of the size of float32 noise, two right computations may choose different experts.
    """
    taken, experts = routing.experts.shape[-1], routing.logits.shape[-1]
    if taken == experts:
        return routing.logits.new_full(routing.logits.shape[:1], torch.inf)
    ranked = routing.logits.topk(taken + 1, dim=-1).values
    return (ranked[..., taken - 1] - ranked[..., taken]).view(len(ranked), -1).amin(dim=1)


def load_balance_loss(routing: Routing) -> Tensor:
    """E * sum over experts of share_e * probability_e, share of the choices and probability the mean over tokens or boards.

    1 when the experts are used evenly, up to E when one takes everything; differentiable through the probabilities alone.
    Source: Fedus et al. 2021 (Switch Transformers) equations 4 to 6, for one expert a token; over `top_k` choices the shares
    are taken of all choices, so that even use stays 1 (Lepikhin et al. 2020, GShard, counts the first choice only).
    """
    probabilities = routing.probabilities.flatten(0, -2).mean(dim=0)
    return routing.logits.shape[-1] * (expert_shares(routing) * probabilities).sum()


def z_loss(routing: Routing) -> Tensor:
    """The mean squared log-sum-exp of the router's logits, which keeps them small (Zoph et al. 2022, ST-MoE, equation 5)."""
    return routing.logits.logsumexp(dim=-1).square().mean()
