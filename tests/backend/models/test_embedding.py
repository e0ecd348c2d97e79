"""The embedding: how many numbers it has, how it tells cells apart, and what it sees of the moves to come."""

from typing import get_args

import pytest
import torch
from support.boards import random_boards

from backend.models import BoardEmbedding
from backend.models.embedding import Position, sinusoidal_grid, sinusoidal_positions
from backend.models.moves import Moves

POSITION_PARAMETERS = {"learned": 16 * 8, "learned_2d": 8 * 8}
"""of those position embeddings that have any, for 16 cells of 8 numbers"""


@pytest.mark.parametrize("lookahead", [False, True])
@pytest.mark.parametrize("cls_token", [False, True])
@pytest.mark.parametrize("position", get_args(Position))
def test_embedding(position: str, lookahead: bool, cls_token: bool) -> None:
    embedding = BoardEmbedding(num_embeddings=18, d_model=8, position=position, lookahead=lookahead, cls_token=cls_token)
    held = sum(parameter.numel() for parameter in embedding.parameters())
    assert held == (5 if lookahead else 1) * 18 * 8 + POSITION_PARAMETERS.get(position, 0) + cls_token * 8
    assert sum(tensor.numel() for tensor in embedding.state_dict().values()) == held, "buffers are computed, not kept"
    tokens = embedding(torch.full((2, 16), 17))
    assert tokens.shape == (2, 16 + cls_token, 8)
    tells_cells_apart = not torch.equal(tokens[0, -1], tokens[0, -2])
    assert tells_cells_apart == (position != "none")
    if cls_token:
        assert torch.equal(tokens[:, 0], embedding.cls.expand(2, 8))


def test_lookahead_sums_five_parts_of_one_table() -> None:
    embedding, boards = BoardEmbedding(num_embeddings=20, d_model=8, position="none", lookahead=True), random_boards(50, 4)
    views = torch.cat([boards[:, None], Moves()(boards)], dim=1)
    expected = sum(embedding.tiles.weight[part * 20 + views[:, part]] for part in range(5))
    torch.testing.assert_close(embedding(boards), expected)


def test_two_dimensional_positions_are_of_rows_and_columns() -> None:
    embedding, empty = BoardEmbedding(num_embeddings=18, d_model=8, position="learned_2d"), torch.zeros(1, 16, dtype=torch.int64)
    places = embedding(empty)[0] - embedding.tiles.weight[0]
    for cell in range(16):
        torch.testing.assert_close(places[cell], embedding.rows.weight[cell // 4] + embedding.columns.weight[cell % 4])
    waves = sinusoidal_grid(16)
    for cell in range(16):
        assert torch.equal(waves[cell, :8], sinusoidal_positions(4, 8)[cell // 4])
        assert torch.equal(waves[cell, 8:], sinusoidal_positions(4, 8)[cell % 4])


@pytest.mark.parametrize(("lookahead", "std"), [(False, 1.0), (True, 5**-0.5)])
def test_embedding_starts_wide(lookahead: bool, std: float) -> None:
    embedding = BoardEmbedding(num_embeddings=18, d_model=512, lookahead=lookahead)
    assert embedding.tiles.weight.std().item() == pytest.approx(std, rel=0.05)
    assert embedding.cells is not None
    assert embedding.cells.weight.std().item() == pytest.approx(1.0, rel=0.05)


def test_an_unknown_exponent_is_an_error() -> None:
    with pytest.raises(IndexError):
        BoardEmbedding(num_embeddings=18, d_model=8)(torch.full((1, 16), 18))
