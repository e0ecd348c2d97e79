"""The tokens of a board become one vector, and one vector a token of each cell."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from backend.models.rules import CELLS

Pooling = Literal["flatten", "weighted", "attention", "cls", "mean", "max", "sum"]


class Pool(nn.Module):
    """Tokens (B, S, d) become one vector: `out_features` is S d for `flatten`, d for every other kind.

    `weighted` sums them by a table of one row a cell, `attention` by how well each fits one learned query, `cls` takes the
    first token alone.
    """

    def __init__(self, *, d_model: int, pool: Pooling, cells: int = CELLS) -> None:
        super().__init__()
        self.kind = pool
        self.out_features = cells * d_model if pool == "flatten" else d_model
        self.weight = nn.Parameter(torch.empty(cells, d_model)) if pool == "weighted" else None
        self.query = nn.Parameter(torch.empty(d_model)) if pool == "attention" else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw a table whose rows differ and keep the sum's scale, so that places are told apart at once; a small query."""
        if self.weight is not None:
            nn.init.normal_(self.weight, std=len(self.weight) ** -0.5)
        if self.query is not None:
            nn.init.normal_(self.query, std=len(self.query) ** -0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, S, d) to (B, out_features)."""
        if self.weight is not None:
            return (tokens * self.weight).sum(dim=1)
        if self.query is not None:
            # by a matrix: the product of a transposed tensor and a vector is wrong in onnxruntime 1.31
            scores = functional.linear(tokens, self.query[None]) * len(self.query) ** -0.5
            weights: Tensor = scores.softmax(dim=1)
            return (tokens * weights).sum(dim=1)
        if self.kind == "flatten":
            return tokens.flatten(1)
        if self.kind == "cls":
            return tokens[:, 0]
        if self.kind == "sum":
            return tokens.sum(dim=1)
        return _largest(tokens) if self.kind == "max" else tokens.mean(dim=1)


def _largest(tokens: Tensor) -> Tensor:
    """(B, S, d) to (B, d), the largest number of each column."""
    if torch.compiler.is_exporting():  # `amax` exports as ReduceMax, see `legal_moves`
        return functional.max_pool1d(tokens.transpose(1, 2), tokens.shape[1]).squeeze(2)
    return tokens.amax(dim=1)


class Broadcast(nn.Module):
    """The vector of a board as a token of each cell: (B, d) to (B, cells, d)."""

    def __init__(self, *, cells: int) -> None:
        super().__init__()
        self.cells = cells

    def forward(self, vector: Tensor) -> Tensor:
        """Copy it, so that what follows finds tokens like any others."""
        return vector[:, None].expand(-1, self.cells, -1).contiguous()
