"""Attention with fewer heads of keys and values than of queries, and with rotary positions."""

import torch
from torch import Tensor, nn

from backend.models.rules import CELLS

SHARED_GAIN = 2**-0.5
"""of the maps of queries, keys and values: the scale that torch gives them where they are one tensor of equal parts"""


class GroupedQueryAttention(nn.Module):
    """Self-attention whose keys and values have `num_key_value_heads` heads, each for several of queries (Ainslie et al. 2023).

    With `rope_theta`, queries and keys are turned by the number of their cell (Su et al. 2021), so that their product depends
    on how far two of the `cells` are apart.
    """

    cosines: Tensor
    sines: Tensor

    def __init__(
        self,
        *,
        d_model: int,
        nhead: int,
        num_key_value_heads: int | None = None,
        rope_theta: float | None = None,
        cells: int = CELLS,
        dropout: float = 0.0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_heads = nhead
        self.num_key_value_heads = num_key_value_heads or nhead
        self.head_dim = d_model // nhead
        self.dropout = nn.Dropout(dropout)
        width = self.num_key_value_heads * self.head_dim
        self.q_proj = nn.Linear(d_model, d_model, bias=bias)
        self.k_proj = nn.Linear(d_model, width, bias=bias)
        self.v_proj = nn.Linear(d_model, width, bias=bias)
        self.out_proj = nn.Linear(d_model, d_model, bias=bias)
        self.rope_theta = rope_theta
        if rope_theta is not None:
            angles = rotary_angles(cells, self.head_dim, rope_theta)
            self.register_buffer("cosines", angles.cos(), persistent=False)
            self.register_buffer("sines", angles.sin(), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw fresh weights as torch's attention does, with biases of 0."""
        self.out_proj.reset_parameters()
        for linear in (self.q_proj, self.k_proj, self.v_proj):
            nn.init.xavier_uniform_(linear.weight, gain=SHARED_GAIN)
        for linear in (self.q_proj, self.k_proj, self.v_proj, self.out_proj):
            if linear.bias is not None:
                nn.init.zeros_(linear.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, S, d) to (B, S, d), without a residual and without a norm."""
        query, key = self._heads(self.q_proj(tokens)), self._heads(self.k_proj(tokens))
        value = self._for_every_head(self._heads(self.v_proj(tokens)))
        if self.rope_theta is not None:
            query, key = self._turned(query), self._turned(key)
        weights = self.dropout(self.attention_weights(query, self._for_every_head(key)))
        mixed: Tensor = self.out_proj((weights.to(value.dtype) @ value).transpose(1, 2).flatten(2))
        return mixed

    def attention_weights(self, query: Tensor, key: Tensor) -> Tensor:
        """(B, H, S, d_head) queries and keys to (B, H, S, S) weights, of which each row sums to 1; at least float32."""
        scores = (query * self.head_dim**-0.5) @ key.transpose(-2, -1)
        wide = torch.promote_types(scores.dtype, torch.float32)
        weights: Tensor = scores.softmax(dim=-1, dtype=wide)
        return weights

    def _heads(self, projected: Tensor) -> Tensor:
        """(B, S, heads * d_head) to (B, heads, S, d_head)."""
        boards, cells, _ = projected.shape
        return projected.view(boards, cells, projected.shape[2] // self.head_dim, self.head_dim).transpose(1, 2)

    def _for_every_head(self, heads: Tensor) -> Tensor:
        """Copy each head of keys or values for the heads of queries that it serves."""
        boards, count, cells, width = heads.shape
        shape = (boards, count, self.num_heads // count, cells, width)
        return heads[:, :, None].expand(shape).reshape(boards, self.num_heads, cells, width)

    def _turned(self, heads: Tensor) -> Tensor:
        """Turn each pair of numbers, one of the first half and one of the second, by the angle of its cell."""
        first, second = heads.chunk(2, dim=-1)
        turned = heads * self.cosines + torch.cat([-second, first], dim=-1) * self.sines
        return turned.to(heads.dtype)


def rotary_angles(cells: int, head_dim: int, theta: float) -> Tensor:
    """(cells, head_dim): the angle of each number in each cell; each pair turns more slowly than the one before."""
    frequencies = theta ** (-torch.arange(0, head_dim, 2) / head_dim)
    return (torch.arange(cells)[:, None] * frequencies).repeat(1, 2)
