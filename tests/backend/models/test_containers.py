"""Containers: rounds and their names, shared weights, recomputation, and a fresh start for what is inside."""

import pytest
import torch
from torch import Tensor, nn

from backend.models import (
    AuxiliaryHead,
    BodyOutput,
    MixtureOfExperts,
    Repeat,
    Router,
    TransformerEncoderLayer,
    checkpoint,
    under,
)
from backend.models.init import reset


class Inside(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.router_c8 = Router(d_model=8, n_experts=3)
        self.block_c8 = MixtureOfExperts(d_model=8, n_experts=3, dim_feedforward=12)
        self.block_c9 = AuxiliaryHead(d_model=8)

    def forward(self, x: Tensor) -> BodyOutput:
        routing = self.router_c8(x)
        mixed = self.block_c8(routing)
        return BodyOutput(mixed, {"c8": routing}, {"c9": self.block_c9(mixed)})


class Around(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block_c3 = Repeat(Inside, times=2)

    def forward(self, x: Tensor) -> BodyOutput:
        given = self.block_c3(x)
        return BodyOutput(given.output, under("c3", given.routings), under("c3", given.auxiliary))


@pytest.mark.parametrize("share_weights", [True, False])
def test_rounds_in_a_row(share_weights: bool) -> None:
    repeat, tokens = Repeat(Inside, times=3, share_weights=share_weights), torch.randn(4, 16, 8)
    assert len(repeat.bodies) == (1 if share_weights else 3)
    given = repeat(tokens)
    expected = tokens
    for index in range(3):
        expected = repeat.bodies[0 if share_weights else index](expected).output
    assert torch.equal(given.output, expected)
    assert list(given.routings) == ["0.c8", "1.c8", "2.c8"]
    assert list(given.auxiliary) == ["0.c9", "1.c9", "2.c9"]


def test_names_are_paths() -> None:
    given = Repeat(Around, times=2)(torch.randn(2, 16, 8))
    assert list(given.routings) == [f"{outer}.c3.{inner}.c8" for outer in range(2) for inner in range(2)]


def test_bodies_without_findings() -> None:
    class Plain(nn.Module):
        def forward(self, x: Tensor) -> BodyOutput:
            return BodyOutput(x + 1)

    given = Repeat(Plain, times=5)(torch.zeros(2))
    assert given.output.tolist() == [5.0, 5.0]
    assert given.routings == given.auxiliary == BodyOutput(given.output).routings == {}


def test_a_fresh_start_reaches_the_bodies() -> None:
    parts = nn.Sequential(
        Repeat(Around, times=2), nn.Linear(8, 8), nn.Conv2d(3, 3, 2), nn.Sequential(nn.LayerNorm(8), nn.RMSNorm(8)), nn.GELU()
    )
    for parameter in parts.parameters():
        nn.init.constant_(parameter, 7.0)
    reset(parts)
    assert not [name for name, parameter in parts.named_parameters() if (parameter == 7.0).any()]


def test_a_repetition_can_be_recomputed() -> None:
    repeat, tokens = Repeat(Inside, times=2), torch.randn(4, 16, 8)
    owner = nn.Module().train()
    gradients = []
    for given in (repeat(tokens), checkpoint(owner, repeat, tokens)):
        (given.output.square().sum() + given.routings["1.c8"].logits.square().sum()).backward()
        gradients.append([parameter.grad.clone() for name, parameter in repeat.named_parameters() if "c9" not in name])
        repeat.zero_grad()
    for plain, recomputed in zip(*gradients, strict=True):
        torch.testing.assert_close(recomputed, plain)


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


class Nested(nn.Module):
    """A bend between two maps, one of them recomputed within what is recomputed."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.bend, self.second = nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = checkpoint(self, nn.Sequential(self.first, self.bend), x)
        return self.second(inner).relu() + x


@pytest.mark.parametrize("dtype", [None, torch.bfloat16])
def test_recomputation_within_recomputation_equals_plain(dtype: torch.dtype | None) -> None:
    torch.manual_seed(0)
    module = Nested()
    gradients = []
    for mode in (True, False):
        module.train(mode)
        x = torch.linspace(-1, 1, 12).view(3, 4).requires_grad_()
        with torch.autocast("cpu", dtype, enabled=dtype is not None):
            loss = checkpoint(module, module, x).float().square().sum()
        gradients.append(torch.autograd.grad(loss, (x, *module.parameters())))
    for recomputed, plain in zip(*gradients, strict=True):
        torch.testing.assert_close(recomputed, plain)
