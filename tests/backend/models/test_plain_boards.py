"""Boards as numbers without parameters."""

import torch
from support.boards import random_boards
from torch.nn import functional

from backend.models import OneHotBoard, ScaledBoard


def test_one_hot_is_torchs_with_the_largest_tiles_as_one_class() -> None:
    boards = random_boards(50, 4)
    boards[0, :2] = torch.tensor([15, 17])
    expected = functional.one_hot(boards.clamp(max=15), 16)
    assert torch.equal(OneHotBoard(num_classes=16)(boards), expected.float())
    assert torch.equal(OneHotBoard(num_classes=18)(boards), functional.one_hot(boards, 18).float())


def test_scaled_is_a_quotient() -> None:
    boards = random_boards(50, 4)
    torch.testing.assert_close(ScaledBoard(divisor=11.0)(boards), boards[:, :, None] / 11.0)


def test_numbers_are_of_the_format_of_the_network_and_nothing_is_kept() -> None:
    for module in (OneHotBoard(num_classes=4), ScaledBoard(divisor=2.0)):
        assert module.double()(torch.zeros(1, 16, dtype=torch.int64)).dtype == torch.float64
        assert not module.state_dict()
