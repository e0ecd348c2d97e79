"""Boards in, tokens out: what stands in each cell, where the cell is, and what each move would make of it."""

import math
from typing import Literal

import torch
from torch import Tensor, nn

from backend.models.moves import Moves
from backend.models.rules import CELLS

Position = Literal["learned", "learned_2d", "sinusoidal", "sinusoidal_2d", "none"]
EMBEDDING_STD = 1.0
"""of tile and position vectors, as torch.nn.Embedding has it; with less some starts of a transformer learn far more slowly"""
VIEWS = 5
"""of a board with lookahead: now, and after up, right, down and left"""


def sinusoidal_positions(places: int, d_model: int) -> Tensor:
    """(places, d_model): sines and cosines of wavelengths from 2 pi to 10,000 * 2 pi (Vaswani et al. 2017, section 3.5)."""
    frequencies = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10_000.0) / d_model))
    angles = torch.arange(places)[:, None] * frequencies
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :d_model]


def sinusoidal_grid(d_model: int) -> Tensor:
    """(16, d_model): the first half of the width codes the row, the rest the column (Dosovitskiy et al. 2021, appendix D.4)."""
    cells = torch.arange(CELLS)
    rows, columns = sinusoidal_positions(4, d_model // 2), sinusoidal_positions(4, d_model - d_model // 2)
    return torch.cat([rows[cells // 4], columns[cells % 4]], dim=1)


class BoardEmbedding(nn.Module):
    """A vector for each tile exponent plus one for its cell: int64 (B, 16) in, (B, 16, d_model) out.

    With `lookahead` a cell's token is the sum of five such vectors: of the cell now and of the same cell after each move, each
    from its own part of the table. With `cls_token` one more learned vector, without a position, comes first: (B, 17, d_model).
    """

    waves: Tensor
    parts: Tensor

    def __init__(
        self,
        *,
        num_embeddings: int,
        d_model: int,
        position: Position = "learned",
        dropout: float = 0.0,
        lookahead: bool = False,
        cls_token: bool = False,
    ) -> None:
        super().__init__()
        views = VIEWS if lookahead else 1
        self.tiles = nn.Embedding(views * num_embeddings, d_model)
        self.tiles_std = EMBEDDING_STD * views**-0.5
        self.cells = nn.Embedding(CELLS, d_model) if position == "learned" else None
        self.rows = nn.Embedding(4, d_model) if position == "learned_2d" else None
        self.columns = nn.Embedding(4, d_model) if position == "learned_2d" else None
        if position in ("sinusoidal", "sinusoidal_2d"):
            waves = sinusoidal_grid(d_model) if position == "sinusoidal_2d" else sinusoidal_positions(CELLS, d_model)
            self.register_buffer("waves", waves, persistent=False)
        self.position = position
        self.moves = Moves() if lookahead else None
        self.register_buffer("parts", num_embeddings * torch.arange(views)[:, None], persistent=False)
        self.cls = nn.Parameter(torch.empty(d_model)) if cls_token else None
        self.dropout = nn.Dropout(dropout)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw fresh vectors."""
        nn.init.normal_(self.tiles.weight, std=self.tiles_std)
        for table in (self.cells, self.rows, self.columns):
            if table is not None:
                nn.init.normal_(table.weight, std=EMBEDDING_STD)
        if self.cls is not None:
            nn.init.normal_(self.cls, std=EMBEDDING_STD)

    def forward(self, board: Tensor) -> Tensor:
        """Look up tiles and add positions; an exponent outside the table is an IndexError."""
        tokens = self._place(self._look_up(board))
        if self.cls is not None:
            tokens = torch.cat([self.cls.expand(tokens.shape[0], 1, -1), tokens], dim=1)
        dropped: Tensor = self.dropout(tokens)
        return dropped

    def _look_up(self, board: Tensor) -> Tensor:
        if self.moves is None:
            found: Tensor = self.tiles(board)
            return found
        views = torch.cat([board[:, None], self.moves(board)], dim=1)
        ahead: Tensor = self.tiles(views + self.parts)
        return ahead.sum(dim=1)

    def _place(self, tokens: Tensor) -> Tensor:
        if self.cells is not None:
            return tokens + self.cells.weight
        if self.rows is not None and self.columns is not None:
            return tokens + (self.rows.weight[:, None] + self.columns.weight).flatten(0, 1)
        return tokens if self.position == "none" else tokens + self.waves
