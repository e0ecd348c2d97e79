"""Batches come in few sizes, and what fills them up changes nothing."""

import pytest
import torch

from backend.models import MixtureOfExperts, Router
from backend.models.bucketing import bucket_size, pad_batch
from backend.training.afterstate_trainer import padded_legal_moves


def test_sizes_are_few_and_little_more_than_asked() -> None:
    sizes = [bucket_size(count) for count in range(1, 4097)]
    assert all(count <= size <= max(count + 7, count * 9 / 8) for count, size in enumerate(sizes, 1))
    assert len(set(sizes)) == 8 + 8 * 6
    assert bucket_size(0) == 0
    assert all(bucket_size(size) == size for size in sizes)


def test_boards_are_filled_up_with_the_first() -> None:
    boards = torch.arange(33 * 16).view(33, 16)
    filled = pad_batch(boards, 100)
    assert len(filled) == 40
    assert torch.equal(filled[:33], boards)
    assert torch.equal(filled[33:], boards[:1].expand(7, -1))
    assert len(pad_batch(boards[:16], 100)) == 16
    assert len(pad_batch(boards, 34)) == 34
    assert len(pad_batch(boards, 33)) == 33


@pytest.mark.parametrize("share", [0.0, 0.1, 0.7, 1.0])
def test_all_legal_moves_are_asked_about_and_none_twice(share: float) -> None:
    legal = torch.rand(300, generator=torch.Generator().manual_seed(1)) < share
    padded = padded_legal_moves(legal)
    assert len(padded.unique()) == len(padded) == min(bucket_size(int(legal.sum())), 300)
    assert legal[padded].sum() == legal.sum()


@pytest.mark.parametrize("boards", [1, 3, 20])
def test_a_mixture_gives_the_same_filled_up_or_not(boards: int) -> None:
    torch.manual_seed(boards)
    router, mixture = Router(d_model=16, n_experts=4), MixtureOfExperts(d_model=16, n_experts=4, dim_feedforward=24)
    torch.nn.init.normal_(router.linear.weight, std=0.5)
    tokens = torch.randn(boards, 16, 16)
    sizes = []
    mixture.experts[0].register_forward_hook(lambda _module, given, _output: sizes.append(len(given[0])))
    gradients = []
    for enabled in (False, True):
        mixture.zero_grad()
        router.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            mixed = mixture(router(tokens))
        mixed.float().square().sum().backward()
        gradients.append(torch.cat([p.grad.flatten() for part in (router, mixture) for p in part.parameters()]))
    plain, filled = sizes
    assert filled == bucket_size(plain)
    torch.testing.assert_close(gradients[0], gradients[1], atol=0.05 * gradients[0].abs().max().item(), rtol=0.05)
