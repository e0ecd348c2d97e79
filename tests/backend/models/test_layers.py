"""The embedding and the transformer layer: torch's numbers, torch's names."""

import itertools

import pytest
import torch
from torch import nn

from backend.models import BoardEmbedding, TransformerEncoderLayer, checkpoint


@pytest.mark.parametrize(
    ("norm_first", "bias", "activation"), list(itertools.product([True, False], [True, False], ["gelu", "relu"]))
)
def test_layer_equals_torch(norm_first: bool, bias: bool, activation: str) -> None:
    options = {"norm_first": norm_first, "bias": bias, "activation": activation, "layer_norm_eps": 1e-5, "dropout": 0.0}
    theirs = nn.TransformerEncoderLayer(32, 4, 48, batch_first=True, **options)
    ours = TransformerEncoderLayer(d_model=32, nhead=4, dim_feedforward=48, **options)
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


@pytest.mark.parametrize(("position", "parameters"), [("learned", 18 * 8 + 16 * 8), ("sinusoidal", 18 * 8), ("none", 18 * 8)])
def test_embedding(position: str, parameters: int) -> None:
    embedding = BoardEmbedding(num_embeddings=18, d_model=8, position=position)
    assert sum(parameter.numel() for parameter in embedding.parameters()) == parameters
    tokens = embedding(torch.full((2, 16), 17))
    assert tokens.shape == (2, 16, 8)
    tells_cells_apart = not torch.equal(tokens[0, 0], tokens[0, 1])
    assert tells_cells_apart == (position != "none")


def test_embedding_starts_wide() -> None:
    embedding = BoardEmbedding(num_embeddings=18, d_model=512)
    assert embedding.tiles.weight.std().item() == pytest.approx(0.5, rel=0.05)
    assert embedding.cells is not None
    assert embedding.cells.weight.std().item() == pytest.approx(0.5, rel=0.05)


def test_checkpoint_gives_the_same_numbers_and_gradients() -> None:
    layer = TransformerEncoderLayer(d_model=16, nhead=2, dim_feedforward=32)
    tokens = torch.randn(3, 16, 16, requires_grad=True)
    plain = layer(tokens)
    (expected,) = torch.autograd.grad(plain.square().sum(), tokens)
    owner = nn.Module()
    recomputed = checkpoint(owner.train(), layer, tokens)
    (given,) = torch.autograd.grad(recomputed.square().sum(), tokens)
    torch.testing.assert_close(recomputed, plain)
    torch.testing.assert_close(given, expected)
    torch.testing.assert_close(checkpoint(owner.eval(), layer, tokens), plain)
