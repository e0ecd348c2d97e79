"""What a network gives beside its numbers: plain tuples of tensors, so that losses are functions of them and keep no state.

Shape letters: B boards, S cells, D width, E experts, K experts taken, A = 4 actions.
"""

from typing import Literal, NamedTuple

from torch import Tensor

Target = Literal["empty_cells", "largest_exponent", "merge_count", "legal_moves"]


class Routing(NamedTuple):
    """A router's choice of experts for every cell, and the tokens it chose for; without the axis S, for every board."""

    tokens: Tensor
    """(B, S, D) as they came"""
    logits: Tensor
    """(B, S, E) float32, before the softmax or the sigmoid"""
    probabilities: Tensor
    """(B, S, E) float32, summing to 1 over the experts"""
    gates: Tensor
    """(B, S, K) float32 weights of the experts taken"""
    experts: Tensor
    """(B, S, K) int64 indices of the experts taken"""
    reward_coef: float
    """weight of the load-balance loss"""
    router_z_loss_coef: float
    """weight of the z-loss"""


class Prediction(NamedTuple):
    """What an auxiliary head says of the boards, and what it is held against."""

    values: Tensor
    """(B,) float32, or (B, A) logits for the legal moves"""
    target: Target
    coef: float
    """weight of its loss"""


class BodyOutput(NamedTuple):
    """Everything one pass through the inside of a container gives; keys are paths of component ids and rounds."""

    output: Tensor
    routings: dict[str, Routing] = {}  # noqa: RUF012  # never written to, as all of these
    auxiliary: dict[str, Prediction] = {}  # noqa: RUF012  # never written to


class ModelOutput(NamedTuple):
    """Everything that one forward pass of a network returns.

    Keys are paths: the component id of the mixture or auxiliary head, after the containers and rounds it stands in.
    """

    logits: Tensor
    """(B, A) float32"""
    value: Tensor
    """(B,) float32, the discounted training reward expected from here"""
    routings: dict[str, Routing]
    auxiliary: dict[str, Prediction]
