"""Grouped-query attention, rotary positions and the gated layer: against torch, and against their formulas written otherwise."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from backend.models import GatedEncoderLayer, GroupedQueryAttention, TransformerEncoderLayer
from backend.training.updates import train_without_dropout


def heads(linear: nn.Linear, tokens: Tensor, count: int) -> Tensor:
    """(B, count, S, d_head) as torch's function of attention wants it."""
    return linear(tokens).unflatten(2, (count, -1)).transpose(1, 2)


def turned(heads: Tensor, theta: float) -> Tensor:
    """Rotary positions by complex numbers: each pair of numbers times a number of length 1."""
    first, second = heads.chunk(2, dim=-1)
    pairs = torch.complex(first, second)
    frequencies = theta ** (-2 * torch.arange(pairs.shape[-1]) / heads.shape[-1])
    angles = torch.outer(torch.arange(heads.shape[2]).float(), frequencies)
    result = pairs * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([result.real, result.imag], dim=-1)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("theta", [None, 10_000.0, 20.0])
def test_it_equals_torchs_function(bias: bool, groups: int, theta: float | None) -> None:
    ours = GroupedQueryAttention(d_model=32, nhead=4, num_key_value_heads=groups, rope_theta=theta, cells=17, bias=bias)
    tokens = torch.randn(5, 17, 32)
    query, key = heads(ours.q_proj, tokens, 4), heads(ours.k_proj, tokens, groups)
    if theta is not None:
        query, key = turned(query, theta), turned(key, theta)
    value = heads(ours.v_proj, tokens, groups)
    mixed = functional.scaled_dot_product_attention(query, key, value, enable_gqa=True)
    torch.testing.assert_close(ours(tokens), ours.out_proj(mixed.transpose(1, 2).flatten(2)), atol=1e-6, rtol=1e-5)
    assert all("cosines" not in name for name in ours.state_dict())


def test_with_as_many_heads_of_keys_it_is_multi_head_attention() -> None:
    ours, theirs = GroupedQueryAttention(d_model=32, nhead=4), nn.MultiheadAttention(32, 4, batch_first=True)
    parts = (ours.q_proj, ours.k_proj, ours.v_proj)
    nn.init.normal_(theirs.in_proj_bias)
    for linear, weight, bias in zip(parts, theirs.in_proj_weight.chunk(3), theirs.in_proj_bias.chunk(3), strict=True):
        linear.load_state_dict({"weight": weight, "bias": bias})
    ours.out_proj.load_state_dict(theirs.out_proj.state_dict())
    tokens = torch.randn(3, 16, 32)
    torch.testing.assert_close(ours(tokens), theirs(tokens, tokens, tokens)[0], atol=1e-6, rtol=1e-5)


def test_rotary_weights_depend_on_how_far_cells_are_apart() -> None:
    layer = GroupedQueryAttention(d_model=16, nhead=2, rope_theta=50.0)
    same = torch.randn(16).expand(1, 16, 16)
    query, key = (layer._turned(heads(linear, same, 2)) for linear in (layer.q_proj, layer.k_proj))
    scores = (query @ key.transpose(-2, -1))[0, 0]
    torch.testing.assert_close(scores[1:, 1:], scores[:-1, :-1], atol=1e-5, rtol=1e-4)
    assert scores[0].std() > 1e-3


def test_it_starts_as_torchs_attention_does() -> None:
    torch.manual_seed(1)
    theirs, ours = nn.MultiheadAttention(128, 4, batch_first=True), GroupedQueryAttention(d_model=128, nhead=4)
    for parameter in ours.parameters():
        nn.init.constant_(parameter, 7.0)
    ours.reset_parameters()
    assert ours.q_proj.weight.std().item() == pytest.approx(theirs.in_proj_weight.std().item(), rel=0.05)
    assert ours.out_proj.weight.std().item() == pytest.approx(theirs.out_proj.weight.std().item(), rel=0.05)
    assert not ours.q_proj.bias.any()


def test_training_goes_without_its_dropout() -> None:
    layer = TransformerEncoderLayer(d_model=16, nhead=2, dim_feedforward=32, dropout=0.5, num_key_value_heads=1)
    tokens = torch.randn(2, 16, 16)
    assert not torch.equal(layer(tokens), layer(tokens))
    train_without_dropout(layer)
    assert torch.equal(layer(tokens), layer(tokens))


@pytest.mark.parametrize("norm_first", [True, False])
def test_a_gated_layer_is_its_formula(norm_first: bool) -> None:
    layer = GatedEncoderLayer(
        d_model=16, nhead=2, dim_feedforward=24, num_key_value_heads=1, rope_theta=100.0, norm_first=norm_first
    )
    layer.reset_parameters()
    tokens = torch.randn(3, 16, 16)

    def feed(given: Tensor) -> Tensor:
        return layer.linear2(functional.silu(layer.linear1(given)) * layer.up(given))

    if norm_first:
        attended = tokens + layer.self_attn(layer.norm1(tokens))
        expected = attended + feed(layer.norm2(attended))
    else:
        attended = layer.norm1(tokens + layer.self_attn(tokens))
        expected = layer.norm2(attended + feed(attended))
    torch.testing.assert_close(layer(tokens), expected)
    held = sum(parameter.numel() for parameter in layer.parameters())
    assert held == 2 * 17 * (16 + 8) + 2 * 17 * 24 + 25 * 16 + 4 * 16
