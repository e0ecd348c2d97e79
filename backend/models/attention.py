"""Tokens that look at each other within one board: attention by itself, and the transformer layer around it."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from backend.models.activation import Activation
from backend.models.grouped_query_attention import GroupedQueryAttention
from backend.models.rules import CELLS

LAYER_ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "gelu": functional.gelu,
    "relu": functional.relu,
    "silu": functional.silu,
    "tanh": torch.tanh,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "sigmoid": torch.sigmoid,
}


class SelfAttention(nn.MultiheadAttention):
    """`torch.nn.MultiheadAttention(batch_first=True)` of tokens with themselves: the same parameters, names and numbers.

    Attention is written out as softmax(q k^T / sqrt(d_head)) v. Over 16 cells that is as fast as the fused kernel in float32
    and 2.7 times as fast in the backward pass in bfloat16 on CPUs, and it exports without a special operator.
    """

    def __init__(self, *, d_model: int, nhead: int, dropout: float = 0.0, bias: bool = True) -> None:
        super().__init__(d_model, nhead, dropout, bias=bias, batch_first=True)

    def reset_parameters(self) -> None:
        """Draw fresh weights, as `torch.nn` does."""
        self.out_proj.reset_parameters()
        self._reset_parameters()

    def forward(self, tokens: Tensor) -> Tensor:  # type: ignore[override]  # one input, and every cell sees every cell
        """(B, S, d) to (B, S, d), without a residual and without a norm."""
        boards, cells, width = tokens.shape
        projected = functional.linear(tokens, self.in_proj_weight, self.in_proj_bias)
        heads = projected.view(boards, cells, 3, self.num_heads, self.head_dim).permute(2, 0, 3, 1, 4)
        query, key, value = heads.unbind(0)
        weights = functional.dropout(self.attention_weights(query, key), self.dropout, self.training)
        mixed: Tensor = self.out_proj((weights.to(value.dtype) @ value).transpose(1, 2).reshape(boards, cells, width))
        return mixed

    def attention_weights(self, query: Tensor, key: Tensor) -> Tensor:
        """(B, H, S, d_head) queries and keys to (B, H, S, S) weights, of which each row sums to 1; at least float32."""
        scores = (query * self.head_dim**-0.5) @ key.transpose(-2, -1)
        wide = torch.promote_types(scores.dtype, torch.float32)
        weights: Tensor = scores.softmax(dim=-1, dtype=wide)
        return weights


class TransformerEncoderLayer(nn.TransformerEncoderLayer):
    """`torch.nn.TransformerEncoderLayer(batch_first=True)`: the same parameters, names and numbers, (B, S, d) in and out.

    With `num_key_value_heads` or `rope_theta`, its attention is a `GroupedQueryAttention`.
    """

    self_attn: SelfAttention | GroupedQueryAttention  # type: ignore[assignment]  # called with tokens alone

    def __init__(
        self,
        *,
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        num_key_value_heads: int | None = None,
        rope_theta: float | None = None,
        cells: int = CELLS,
        dropout: float = 0.0,
        activation: Activation = "gelu",
        layer_norm_eps: float = 1e-5,
        norm_first: bool = True,
        bias: bool = True,
    ) -> None:
        function = LAYER_ACTIVATIONS[activation]
        super().__init__(
            d_model, nhead, dim_feedforward, dropout, function, layer_norm_eps, batch_first=True, norm_first=norm_first, bias=bias
        )
        if num_key_value_heads is None and rope_theta is None:
            self.self_attn = SelfAttention(d_model=d_model, nhead=nhead, dropout=dropout, bias=bias)
        else:
            self.self_attn = GroupedQueryAttention(
                d_model=d_model,
                nhead=nhead,
                num_key_value_heads=num_key_value_heads,
                rope_theta=rope_theta,
                cells=cells,
                dropout=dropout,
                bias=bias,
            )

    def reset_parameters(self) -> None:
        """Draw fresh weights, as `torch.nn` does."""
        for part in (self.self_attn, self.linear1, self.linear2, self.norm1, self.norm2):
            part.reset_parameters()

    def forward(
        self, src: Tensor, src_mask: Tensor | None = None, src_key_padding_mask: Tensor | None = None, is_causal: bool = False
    ) -> Tensor:
        """Attend within each board, then feed forward; every cell sees every cell, so there are no masks."""
        assert (src_mask, src_key_padding_mask, is_causal) == (None, None, False)
        if self.norm_first:
            tokens = src + self._attend(self.norm1(src))
            return tokens + self._feed_forward(self.norm2(tokens))
        tokens = self.norm1(src + self._attend(src))
        normed: Tensor = self.norm2(tokens + self._feed_forward(tokens))
        return normed

    def _attend(self, tokens: Tensor) -> Tensor:
        attended: Tensor = self.dropout1(self.self_attn(tokens))
        return attended

    def _feed_forward(self, tokens: Tensor) -> Tensor:
        hidden = self.dropout(self.activation(self.linear1(tokens)))
        fed: Tensor = self.dropout2(self.linear2(hidden))
        return fed


class GatedEncoderLayer(TransformerEncoderLayer):
    """A `TransformerEncoderLayer` with SwiGLU, down(silu(gate(x)) * up(x)) (Shazeer 2020).

    `linear1` is the gate and `linear2` leads down.
    """

    def __init__(
        self,
        *,
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        num_key_value_heads: int | None = None,
        rope_theta: float | None = None,
        cells: int = CELLS,
        dropout: float = 0.0,
        layer_norm_eps: float = 1e-5,
        norm_first: bool = True,
        bias: bool = True,
    ) -> None:
        super().__init__(
            d_model=d_model,
            nhead=nhead,
            dim_feedforward=dim_feedforward,
            num_key_value_heads=num_key_value_heads,
            rope_theta=rope_theta,
            cells=cells,
            dropout=dropout,
            activation="silu",
            layer_norm_eps=layer_norm_eps,
            norm_first=norm_first,
            bias=bias,
        )
        self.up = nn.Linear(d_model, dim_feedforward, bias=bias)

    def reset_parameters(self) -> None:
        """Draw fresh weights, as `torch.nn` does."""
        super().reset_parameters()
        self.up.reset_parameters()

    def _feed_forward(self, tokens: Tensor) -> Tensor:
        hidden = self.dropout(self.activation(self.linear1(tokens)) * self.up(tokens))
        fed: Tensor = self.dropout2(self.linear2(hidden))
        return fed
