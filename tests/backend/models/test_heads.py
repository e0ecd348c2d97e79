"""Heads: how sixteen vectors become an answer, and in which number format."""

import pytest
import torch

from backend.models import ActionHead, AuxiliaryHead, ValueHead
from backend.models.heads import board_quantity


@pytest.mark.parametrize(
    ("pool", "value", "parameters"),
    [
        ("flatten", True, 5 * (16 * 8 + 1)),
        ("flatten", False, 4 * (16 * 8 + 1)),
        ("weighted", True, 16 * 8 + 5 * 9),
        ("weighted", False, 16 * 8 + 4 * 9),
        ("mean", True, 5 * 9),
        ("mean", False, 4 * 9),
    ],
)
def test_action_head(pool: str, value: bool, parameters: int) -> None:
    head = ActionHead(d_model=8, pool=pool, value=value)
    assert sum(parameter.numel() for parameter in head.parameters()) == parameters
    logits, values = head(torch.randn(3, 16, 8))
    assert logits.shape == (3, 4)
    assert (values is not None) == value
    assert values is None or values.shape == (3,)


@pytest.mark.parametrize(("pool", "parameters"), [("flatten", 16 * 8 + 1), ("weighted", 16 * 8 + 9), ("mean", 9)])
def test_value_head(pool: str, parameters: int) -> None:
    head = ValueHead(d_model=8, pool=pool)
    assert sum(parameter.numel() for parameter in head.parameters()) == parameters
    assert head(torch.randn(3, 16, 8)).shape == (3,)


@pytest.mark.parametrize("pool", ["flatten", "weighted", "mean"])
def test_only_a_mean_hides_where_tiles_are(pool: str) -> None:
    head, tokens = ActionHead(d_model=8, pool=pool), torch.randn(1, 16, 8)
    shuffled = tokens[:, torch.randperm(16, generator=torch.Generator().manual_seed(1))]
    assert torch.allclose(head(tokens)[0], head(shuffled)[0], atol=1e-7) == (pool == "mean")


def test_heads_start_near_uniform_and_stay_float32() -> None:
    head = ActionHead(d_model=64)
    assert not head.policy.bias.any()
    with torch.autocast("cpu", torch.bfloat16):
        logits, value = head(torch.randn(256, 16, 64, dtype=torch.bfloat16))
        auxiliary = AuxiliaryHead(d_model=64)(torch.randn(4, 16, 64))
    assert value is not None
    assert logits.dtype == value.dtype == auxiliary.dtype == torch.float32
    assert logits.softmax(dim=1).max() < 0.4


def test_board_quantities() -> None:
    board = torch.tensor([[1, 1, 0, 0, 1, 2, 0, 0, 0, 0, 3, 3, 0, 0, 3, 17], [0] * 16])
    assert board_quantity(board, "empty_cells").tolist() == [8 / 16, 1.0]
    assert board_quantity(board, "largest_exponent").tolist() == [1.0, 0.0]
    assert board_quantity(board, "merge_count").tolist() == [4 / 16, 0.0]


def test_auxiliary_loss_is_a_squared_error() -> None:
    head = AuxiliaryHead(d_model=8, target="empty_cells", coef=0.5)
    board = torch.zeros(2, 16, dtype=torch.int64)
    assert head.loss(torch.tensor([1.0, 0.0]), board).item() == pytest.approx(0.5)
