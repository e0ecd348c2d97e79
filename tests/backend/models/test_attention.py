"""Attention and the transformer layer: torch's numbers, torch's names."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional

from backend.models import SelfAttention, TransformerEncoderLayer
from backend.models.attention import LAYER_ACTIVATIONS


@pytest.mark.parametrize(
    ("norm_first", "bias", "activation"), list(itertools.product([True, False], [True, False], LAYER_ACTIVATIONS))
)
def test_layer_equals_torch(norm_first: bool, bias: bool, activation: str) -> None:
    options = {"norm_first": norm_first, "bias": bias, "layer_norm_eps": 1e-5, "dropout": 0.0}
    function = getattr(functional, activation)
    theirs = nn.TransformerEncoderLayer(32, 4, 48, batch_first=True, activation=function, **options)
    ours = TransformerEncoderLayer(d_model=32, nhead=4, dim_feedforward=48, activation=activation, **options)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for parameter in theirs.parameters():
        nn.init.normal_(parameter, std=0.3)
    ours.load_state_dict(theirs.state_dict())
    tokens = torch.randn(5, 16, 32)
    expected, given = theirs(tokens), ours(tokens)
    torch.testing.assert_close(given, expected, atol=1e-6, rtol=1e-5)
    expected.square().sum().backward()
    given.square().sum().backward()
    for (name, mine), (_, reference) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        torch.testing.assert_close(mine.grad, reference.grad, atol=2e-3, rtol=1e-4, msg=name)


def test_attention_stays_within_a_board() -> None:
    layer = TransformerEncoderLayer(d_model=16, nhead=2, dim_feedforward=32).eval()
    tokens = torch.randn(4, 16, 16)
    changed = tokens.clone()
    changed[0] += 1
    torch.testing.assert_close(layer(changed)[1:], layer(tokens)[1:])


def test_dropout_drops_in_training_only() -> None:
    layer = TransformerEncoderLayer(d_model=16, nhead=2, dim_feedforward=32, dropout=0.5)
    tokens = torch.randn(2, 16, 16)
    assert not torch.equal(layer(tokens), layer(tokens))
    layer.eval()
    assert torch.equal(layer(tokens), layer(tokens))


@pytest.mark.parametrize("bias", [True, False])
def test_self_attention_equals_torch(bias: bool) -> None:
    theirs, ours = nn.MultiheadAttention(32, 4, bias=bias, batch_first=True), SelfAttention(d_model=32, nhead=4, bias=bias)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for parameter in theirs.parameters():
        nn.init.normal_(parameter, std=0.3)
    ours.load_state_dict(theirs.state_dict())
    tokens = torch.randn(5, 17, 32)
    torch.testing.assert_close(ours(tokens), theirs(tokens, tokens, tokens)[0], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("bias", [True, False])
def test_attention_starts_as_torch_does(bias: bool) -> None:
    torch.manual_seed(1)
    theirs = nn.MultiheadAttention(64, 4, bias=bias, batch_first=True)
    ours = SelfAttention(d_model=64, nhead=4, bias=bias)
    for parameter in ours.parameters():
        nn.init.constant_(parameter, 7.0)
    ours.reset_parameters()
    for (name, mine), (_, reference) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert mine.std().item() == pytest.approx(reference.std().item(), rel=0.1), name
