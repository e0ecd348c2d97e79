"""What an inspection file should show, computed by hooks in torch with formulas of its own.

Experts are switched off as decision 0077 says: the router's scores are those of the enabled experts alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from backend.models import GroupedQueryAttention, MixtureOfExperts, Router, SelfAttention
from backend.models.outputs import Routing

CLOSE = 1e-5


class Seen:
    """Attention weights and gates in the order of the calls, and which boards no choice of an expert is close on."""

    def __init__(self) -> None:
        self.attention: list[Tensor] = []
        self.gates: list[Tensor] = []
        self.decided: Tensor | None = None

    def note_margin(self, margin: Tensor) -> None:
        """(B,) the smallest distance between the score of the last expert taken and the first left out."""
        clear = margin > CLOSE
        self.decided = clear if self.decided is None else self.decided & clear


@contextmanager
def watched(network: nn.Module, enabled: Sequence[Tensor]) -> Iterator[Seen]:
    """Watch the forward passes in the block; `enabled` has one bool tensor (E,) for each call of a mixture, in their order."""
    seen, waiting = Seen(), list(enabled)
    settings: list[tuple[Routing, Router]] = []

    def note_router(router: Any, _: Any, routing: Routing) -> None:
        settings.append((routing, router))

    def choose(_: nn.Module, arguments: tuple[Routing]) -> tuple[Routing]:
        (routing,) = arguments
        router = next(router for made, router in settings if made is routing)
        chosen, gates = choose_among(routing, router, waiting.pop(0), seen)
        seen.gates.append(gates[:, None] if routing.tokens.dim() == 2 else gates)
        return (chosen,)

    def attend(module: Any, arguments: tuple[Tensor], _: Tensor) -> None:
        seen.attention.append(attention_weights(module, *arguments))

    handles: list[Any] = []
    for module in network.modules():
        if isinstance(module, Router):
            handles.append(module.register_forward_hook(note_router))
        elif isinstance(module, MixtureOfExperts):
            handles.append(module.register_forward_pre_hook(choose))
        elif isinstance(module, SelfAttention | GroupedQueryAttention):
            handles.append(module.register_forward_hook(attend))
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()
    assert waiting == []


def choose_among(routing: Routing, router: Router, enabled: Tensor, seen: Seen) -> tuple[Routing, Tensor]:
    """The routing with min(k, enabled) experts, and its gates (B, S, E) or, of whole boards, (B, E), 0 for experts not taken."""
    logits = routing.logits
    left = logits[..., enabled]
    count = min(router.top_k, left.shape[-1])
    scores = torch.zeros_like(logits)
    scores[..., enabled] = left.softmax(dim=-1) if router.score_func == "softmax" else left.sigmoid()
    order = logits.masked_fill(~enabled, -torch.inf).argsort(dim=-1, descending=True)
    experts = order[..., :count]
    if 0 < count < left.shape[-1]:
        ranked = logits.gather(-1, order)
        seen.note_margin((ranked[..., count - 1] - ranked[..., count]).view(len(ranked), -1).amin(dim=1))
    gates = scores.gather(-1, experts)
    if router.norm_topk_prob and router.top_k > 1 and count:
        gates = gates / gates.sum(dim=-1, keepdim=True)
    spread = torch.zeros_like(logits).scatter(-1, experts, gates)
    return routing._replace(experts=experts, gates=gates), spread


def grouped_weights(module: GroupedQueryAttention, tokens: Tensor) -> Tensor:
    """(B, H, S, S) by torch's function of attention, which gives its weights where the values are the unit matrix."""
    parts = [linear(tokens).unflatten(2, (-1, module.head_dim)).transpose(1, 2) for linear in (module.q_proj, module.k_proj)]
    query, key = parts if module.rope_theta is None else map(module._turned, parts)
    boards, groups, cells, _ = key.shape
    unit = torch.eye(cells).expand(boards, groups, cells, cells)
    return functional.scaled_dot_product_attention(query, key, unit, enable_gqa=True)


def attention_weights(module: SelfAttention | GroupedQueryAttention, tokens: Tensor) -> Tensor:
    """(B, H, S, S) by torch's own function for multi-head attention."""
    if isinstance(module, GroupedQueryAttention):
        return grouped_weights(module, tokens)
    along = tokens.transpose(0, 1)
    _, weights = functional.multi_head_attention_forward(
        along,
        along,
        along,
        module.embed_dim,
        module.num_heads,
        module.in_proj_weight,
        module.in_proj_bias,
        None,
        None,
        False,
        0.0,
        module.out_proj.weight,
        module.out_proj.bias,
        training=False,
        need_weights=True,
        average_attn_weights=False,
    )
    assert weights is not None
    return weights
