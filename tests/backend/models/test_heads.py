"""Heads: how many vectors become an answer, and in which number format."""

import math
from typing import get_args

import pytest
import torch
from torch import nn

from backend.models import ACTIVATIONS, ActionHead, AuxiliaryHead, Pool, Prediction, ValueHead, hidden_layers, legal_moves
from backend.models.heads import prediction_loss
from backend.models.outputs import Target
from backend.models.pooling import Pooling
from backend.models.rules import board_quantity

POOL_PARAMETERS = {"weighted": 16 * 8, "attention": 8}
"""of those ways of pooling that have any, for 16 cells of 8 numbers"""
each_pool = pytest.mark.parametrize("pool", get_args(Pooling))


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("value", [True, False])
@each_pool
def test_action_head(pool: str, value: bool) -> None:
    head = ActionHead(d_model=8, pool=pool, value=value)
    assert count(head) == POOL_PARAMETERS.get(pool, 0) + (4 + value) * ((16 * 8 if pool == "flatten" else 8) + 1)
    logits, values = head(torch.randn(3, 16, 8))
    assert logits.shape == (3, 4)
    assert (values is not None) == value
    assert values is None or values.shape == (3,)


@each_pool
def test_value_head(pool: str) -> None:
    head = ValueHead(d_model=8, pool=pool)
    assert count(head) == POOL_PARAMETERS.get(pool, 0) + (16 * 8 if pool == "flatten" else 8) + 1
    assert head(torch.randn(3, 16, 8)).shape == (3,)


@pytest.mark.parametrize("target", get_args(Target))
@each_pool
def test_auxiliary_head(pool: str, target: str) -> None:
    head, outputs = AuxiliaryHead(d_model=8, pool=pool, target=target, coef=0.3), 4 if target == "legal_moves" else 1
    assert count(head) == POOL_PARAMETERS.get(pool, 0) + outputs * ((16 * 8 if pool == "flatten" else 8) + 1)
    prediction = head(torch.randn(3, 16, 8))
    assert prediction.values.shape == ((3, 4) if target == "legal_moves" else (3,))
    assert (prediction.target, prediction.coef) == (target, 0.3)


@pytest.mark.parametrize("cells", [6, 17])
@each_pool
def test_any_number_of_cells(pool: str, cells: int) -> None:
    head = ActionHead(d_model=8, pool=pool, cells=cells)
    assert head(torch.randn(3, cells, 8))[0].shape == (3, 4)
    assert head.policy.in_features == (cells * 8 if pool == "flatten" else 8)


@pytest.mark.parametrize("head", [ActionHead, ValueHead, AuxiliaryHead])
def test_vectors_and_hidden_layers(head: type[nn.Module]) -> None:
    made = head(d_model=8, pool=None, hidden_sizes=(6, 10), activation="tanh")
    outputs = 5 if head is ActionHead else 1
    assert count(made) == (8 * 6 + 6) + (6 * 10 + 10) + outputs * 11
    answer = made(torch.randn(3, 8))
    assert answer[0].shape == ((3, 4) if head is ActionHead else (3,) if head is AuxiliaryHead else ())


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_hidden_layers(activation: str) -> None:
    layers = hidden_layers(4, (8, 2), activation)
    function = nn.LeakyReLU() if activation == "leaky_relu" else getattr(nn.functional, activation)
    given = torch.randn(5, 4)
    assert torch.equal(layers(given), function(layers[2](function(layers[0](given)))))
    assert torch.equal(hidden_layers(4, (), activation)(given), given)


def test_pools() -> None:
    tokens = torch.randn(3, 17, 8)
    assert torch.equal(Pool(d_model=8, pool="cls", cells=17)(tokens), tokens[:, 0])
    assert torch.equal(Pool(d_model=8, pool="max")(tokens), tokens.max(dim=1).values)
    pool = Pool(d_model=8, pool="attention")
    nn.init.normal_(pool.query)
    expected = nn.functional.scaled_dot_product_attention(pool.query.expand(3, 1, 8), tokens, tokens)[:, 0]
    torch.testing.assert_close(pool(tokens), expected)


@pytest.mark.parametrize("pool", [pool for pool in get_args(Pooling) if pool != "cls"])
def test_only_symmetric_pools_hide_where_tiles_are(pool: str) -> None:
    head, tokens = ActionHead(d_model=8, pool=pool), torch.randn(1, 16, 8)
    shuffled = tokens[:, torch.randperm(16, generator=torch.Generator().manual_seed(1))]
    hidden = torch.allclose(head(tokens)[0], head(shuffled)[0], atol=1e-7)
    assert hidden == (pool in ("attention", "mean", "max", "sum"))


def test_heads_start_near_uniform_and_stay_float32() -> None:
    head = ActionHead(d_model=64, hidden_sizes=(32,))
    assert not head.policy.bias.any()
    with torch.autocast("cpu", torch.bfloat16):
        logits, value = head(torch.randn(256, 16, 64, dtype=torch.bfloat16))
        auxiliary = AuxiliaryHead(d_model=64)(torch.randn(4, 16, 64)).values
    assert value is not None
    assert logits.dtype == value.dtype == auxiliary.dtype == torch.float32
    assert logits.softmax(dim=1).max() < 0.4


@pytest.mark.parametrize(("pool", "std"), [("flatten", 0.0025), ("weighted", 0.01)])
def test_gains(pool: str, std: float) -> None:
    head = ActionHead(d_model=64, pool=pool)
    assert head.policy.weight.std().item() == pytest.approx(std, rel=0.2)
    wide = ActionHead(d_model=64, pool=pool, init_gain=1.0)
    assert wide.policy.weight.std().item() == pytest.approx(std / 0.08, rel=0.2)
    assert ValueHead(d_model=512, init_gain=2.0).value.weight.std().item() == pytest.approx(2.0 / (16 * 512) ** 0.5, rel=0.1)


def test_a_probe_leaves_what_feeds_it_alone() -> None:
    tokens = torch.randn(2, 16, 8, requires_grad=True)
    board = torch.randint(0, 4, (2, 16))
    for detach in (True, False):
        head = AuxiliaryHead(d_model=8, detach=detach)
        prediction_loss(head(tokens), board).backward()
        assert head.linear.weight.grad is not None
        assert (tokens.grad is None) == detach


def test_board_quantities() -> None:
    board = torch.tensor([[1, 1, 0, 0, 1, 2, 0, 0, 0, 0, 3, 3, 0, 0, 3, 17], [0] * 16])
    assert board_quantity(board, "empty_cells").tolist() == [8 / 16, 1.0]
    assert board_quantity(board, "largest_exponent").tolist() == [1.0, 0.0]
    assert board_quantity(board, "merge_count").tolist() == [4 / 16, 0.0]
    assert torch.equal(board_quantity(board, "legal_moves").bool(), legal_moves(board))


def test_auxiliary_losses() -> None:
    board = torch.zeros(2, 16, dtype=torch.int64)
    assert prediction_loss(Prediction(torch.tensor([1.0, 0.0]), "empty_cells", 0.5), board).item() == pytest.approx(0.5)
    undecided = Prediction(torch.zeros(2, 4), "legal_moves", 0.5)
    assert prediction_loss(undecided, board).item() == pytest.approx(math.log(2))
