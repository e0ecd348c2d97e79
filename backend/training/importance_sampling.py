"""Importance sampling: learn from a part of each rollout, sampled by gradient size and weighted by the inverse probability.

Most moves of 2048 have a small gradient. A sample by gradient size estimates the same gradient with less variance than as many
moves sampled uniformly (Katharopoulos & Fleuret 2018, "Not All Samples Are Created Equal").
"""

# ruff: noqa: N815  (tensor names carry shape letters: B moves of a rollout, C of them sampled)

from typing import NamedTuple

import torch
from torch import Tensor

UNIFORM_MIX = 0.2
"""this fraction of the mean priority is added to each priority, so every move can be sampled and no weight exceeds 6"""


class Sample(NamedTuple):
    """Some moves of a rollout."""

    places_C: Tensor
    """in a random order"""
    weights_C: Tensor
    """mean 1 in expectation; the weighted mean loss of a sample is an unbiased estimate of the mean loss of the rollout"""


def sample(priority_B: Tensor, share: float, generator: torch.Generator) -> Sample:
    """Sample a share of the moves without repetition; probabilities grow with the (non-negative) priorities.

    The probabilities are those of `inclusion_probabilities`. Systematic sampling (Madow 1949) makes their number fixed. A share
    of 1 takes all moves and reads no priority; for others, FloatingPointError if a priority is not finite.
    """
    order_B = torch.randperm(len(priority_B), generator=generator, device=generator.device)
    if share == 1:
        return Sample(order_B, torch.ones_like(priority_B))
    wanted = max(1, round(share * len(priority_B)))
    chances_B = inclusion_probabilities(priority_B, wanted)[order_B]
    begun_B = chances_B.cumsum(0)
    begun_B[-1] = wanted
    offset = torch.rand(1, generator=generator, device=generator.device, dtype=torch.float64)
    marks_B = (begun_B + offset).floor()
    is_sampled_B = torch.diff(marks_B, prepend=marks_B.new_zeros(1)) > 0
    shuffled_C = torch.randperm(wanted, generator=generator, device=generator.device)
    weights_C = wanted / len(priority_B) / chances_B[is_sampled_B]
    return Sample(order_B[is_sampled_B][shuffled_C], weights_C[shuffled_C].to(priority_B.dtype))


def inclusion_probabilities(priority_B: Tensor, wanted: int) -> Tensor:
    """(B,) float64 probabilities with sum `wanted`: proportional to priorities mixed with `UNIFORM_MIX`, none above 1."""
    priority_B = priority_B.double()
    priority_B = priority_B + (UNIFORM_MIX * priority_B.mean()).clamp_min(torch.finfo(priority_B.dtype).tiny)
    if not priority_B.isfinite().all():
        raise FloatingPointError("the priority of a move is no longer a finite number; a smaller learning_rate may help")
    falling_B = priority_B.sort(descending=True).values
    rest_B = falling_B.flip(0).cumsum(0).flip(0)
    certain_B = torch.arange(len(priority_B), device=priority_B.device)
    factors_B = (wanted - certain_B) / rest_B
    fits_B = factors_B * falling_B <= 1
    factor = factors_B[fits_B.int().argmax()]
    return (factor * priority_B).clamp_max(1)
