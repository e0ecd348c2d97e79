"""What the four moves make of a board, by table, in plain torch operators, so that it runs and exports inside a network."""

import torch
from torch import Tensor, nn

from backend.models.rules import CELLS, line_keys, line_points, move_cells, slid_lines


class Moves(nn.Module):
    """What up, right, down and left make of a board (B, 16) before a tile spawns: (B, 4, 16) int64.

    Lines are moved by a table of all 18**4 of them, so exponents are at most 17; a move that is illegal changes nothing.
    """

    slid: Tensor
    before: Tensor
    after: Tensor

    def __init__(self) -> None:
        super().__init__()
        cells = move_cells()
        back = cells.argsort(dim=1) + CELLS * torch.arange(4)[:, None]
        self.register_buffer("slid", slid_lines(), persistent=False)
        self.register_buffer("before", cells.flatten(), persistent=False)
        self.register_buffer("after", back.flatten(), persistent=False)

    def forward(self, board: Tensor) -> Tensor:
        """Take the lines of the four directions, slide them all with one look-up, and put them back."""
        return self.slide(self.keys(board))

    def keys(self, board: Tensor) -> Tensor:
        """(B, 4, 4): the rows of the tables for the four lines of each direction."""
        return line_keys(board.index_select(1, self.before).view(-1, 4, 4, 4))

    def slide(self, keys: Tensor) -> Tensor:
        """(B, 4, 4) keys to (B, 4, 16) boards."""
        moved = self.slid[keys].flatten(1).index_select(1, self.after).view(-1, 4, CELLS)
        return moved.long()


class ScoredMoves(Moves):
    """The same, and the points that each move gives."""

    gained: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("gained", line_points(), persistent=False)

    def points(self, keys: Tensor) -> Tensor:
        """(B, 4, 4) keys to (B, 4) int32: what the four lines of each direction give together."""
        return self.gained[keys].sum(dim=2, dtype=torch.int32)
