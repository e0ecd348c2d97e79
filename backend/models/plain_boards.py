"""Boards as numbers without parameters: each exponent as a 1 among zeros, or as one number."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from backend.models.rules import MAX_EXPONENT


class FixedTable(nn.Module):
    """A row of a table for each exponent, as numbers of the network's format: int64 (B, 16) in, (B, 16, width) out.

    Exponents beyond the table get its last row.
    """

    table: Tensor

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.register_buffer("table", table, persistent=False)

    def forward(self, board: Tensor) -> Tensor:
        """Look up the rows; nothing is learned, so no gradient passes."""
        return functional.embedding(board.clamp(max=len(self.table) - 1), self.table)


class OneHotBoard(FixedTable):
    """`torch.nn.functional.one_hot` of the exponents, with those from `num_classes` on as the last class."""

    def __init__(self, *, num_classes: int) -> None:
        super().__init__(torch.eye(num_classes))


class ScaledBoard(FixedTable):
    """The exponent of each cell divided by a constant: (B, 16, 1)."""

    def __init__(self, *, divisor: float) -> None:
        super().__init__(torch.arange(MAX_EXPONENT + 1)[:, None] / divisor)
