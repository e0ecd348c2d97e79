"""Tables that are looked up by the tiles of a few cells each (Szubert and Jaskowski 2014)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from backend.models.rules import CELLS, board_views

TILE_VALUES = 16
"""of a cell in a table; exponents above 15 count as 15"""
VECTOR_STD = 0.1
"""of entries with several numbers, which must differ for what follows to learn"""


class NTupleTables(nn.Module):
    """One table for each pattern of k cells, of 16^k rows: int64 (B, 16) in, (B, patterns * views, out_features) out.

    With `symmetric` each table is read in the eight views of the board, else once. The entries of a board begin with
    `initial_value` as their sum; high values are optimistic starts (Guei et al. 2021).
    """

    places: Tensor
    offsets: Tensor

    def __init__(
        self,
        *,
        patterns: Sequence[Sequence[int]],
        symmetric: bool = True,
        out_features: int = 1,
        initial_value: float = 0.0,
    ) -> None:
        super().__init__()
        views = board_views() if symmetric else torch.arange(CELLS)[None]
        sizes = [TILE_VALUES ** len(pattern) for pattern in patterns]
        starts = torch.tensor([0, *sizes[:-1]]).cumsum(0)
        self.tables = nn.Embedding(sum(sizes), out_features)
        self.initial_value = initial_value
        self.register_buffer("places", _place_values(patterns, views), persistent=False)
        self.register_buffer("offsets", starts.repeat_interleave(len(views)), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set all entries to the same number, or draw them around it where they have several."""
        start = self.initial_value / len(self.offsets)
        if self.tables.embedding_dim == 1:
            nn.init.constant_(self.tables.weight, start)
        else:
            nn.init.normal_(self.tables.weight, mean=start, std=VECTOR_STD)

    def rows(self, board: Tensor) -> Tensor:
        """(B, patterns * views) int64: the rows that a board reads, pattern by pattern.

        A product in float64 is exact here and many times as fast as integer arithmetic; autocast leaves float64 alone.
        """
        exponents = board.clamp(max=TILE_VALUES - 1).to(self.places.dtype)
        return (exponents @ self.places).long() + self.offsets

    def forward(self, board: Tensor) -> Tensor:
        """Look up every pattern in every view."""
        found: Tensor = self.tables(self.rows(board))
        return found


def _place_values(patterns: Sequence[Sequence[int]], views: Tensor) -> Tensor:
    """(16, patterns * views) float64: what the exponent of each cell counts for in each row number."""
    columns = []
    for pattern in patterns:
        values = TILE_VALUES ** torch.arange(len(pattern), dtype=torch.float64)
        for view in views:
            columns.append(torch.zeros(CELLS, dtype=torch.float64).index_put((view[list(pattern)],), values))
    return torch.stack(columns, dim=1)
