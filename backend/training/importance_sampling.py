"""Learning from a part of a rollout: moves are drawn by how much they teach, and those that were unlikely weigh more.

Most moves of 2048 teach little: their error is small. A sample drawn by the size of the gradient estimates the same gradient
with less noise than as many moves drawn alike (importance sampling; Katharopoulos & Fleuret 2018, "Not All Samples Are Created
Equal").
"""

# ruff: noqa: N815  (tensor names carry shape letters: B moves of a rollout, C of them drawn)

from typing import NamedTuple

import torch
from torch import Tensor

MIN_SHARE = 0.2
"""of the mean size, added to each, so that no move is out of reach and none weighs more than six of those drawn alike"""


class Sample(NamedTuple):
    """Some moves of a rollout."""

    places_C: Tensor
    """in a random order"""
    weights_C: Tensor
    """1 on average; the mean of weighted losses over all that is drawn is, on average, the mean over the rollout"""


def draw(sizes_B: Tensor, share: float, generator: torch.Generator) -> Sample:
    """Draw a share of the moves, none twice; how likely each one is goes with its size, which is not below 0.

    By systematic sampling (Madow 1949), so that always as many are drawn. A share of 1 takes all of them and asks for no size;
    with others, FloatingPointError if one is not finite.
    """
    order_B = torch.randperm(len(sizes_B), generator=generator, device=generator.device)
    if share == 1:
        return Sample(order_B, torch.ones_like(sizes_B))
    wanted = max(1, round(share * len(sizes_B)))
    chances_B = inclusion_probabilities(sizes_B, wanted)[order_B]
    begun_B = chances_B.cumsum(0)
    begun_B[-1] = wanted
    offset = torch.rand(1, generator=generator, device=generator.device, dtype=torch.float64)
    marks_B = (begun_B + offset).floor()
    is_drawn_B = torch.diff(marks_B, prepend=marks_B.new_zeros(1)) > 0
    shuffled_C = torch.randperm(wanted, generator=generator, device=generator.device)
    weights_C = wanted / len(sizes_B) / chances_B[is_drawn_B]
    return Sample(order_B[is_drawn_B][shuffled_C], weights_C[shuffled_C].to(sizes_B.dtype))


def inclusion_probabilities(sizes_B: Tensor, wanted: int) -> Tensor:
    """(B,) float64 chances that add up to `wanted`: in proportion to the sizes and `MIN_SHARE`, but none above 1."""
    sizes_B = sizes_B.double()
    sizes_B = sizes_B + (MIN_SHARE * sizes_B.mean()).clamp_min(torch.finfo(sizes_B.dtype).tiny)
    if not sizes_B.isfinite().all():
        raise FloatingPointError("what a move teaches is no longer a finite number; a smaller learning_rate may help")
    falling_B = sizes_B.sort(descending=True).values
    rest_B = falling_B.flip(0).cumsum(0).flip(0)
    certain_B = torch.arange(len(sizes_B), device=sizes_B.device)
    factors_B = (wanted - certain_B) / rest_B
    fits_B = factors_B * falling_B <= 1
    factor = factors_B[fits_B.int().argmax()]
    return (factor * sizes_B).clamp_max(1)
