"""What a network gives beside its numbers: plain tuples of tensors, so that losses are functions of them and keep no state.

Shape letters: B boards, S = 16 cells, D width, E experts, K experts taken, A = 4 actions.
"""

from typing import NamedTuple

from torch import Tensor


class Routing(NamedTuple):
    """A router's choice of experts for every cell, and the tokens it chose for."""

    tokens: Tensor
    """(B, S, D) as they came"""
    logits: Tensor
    """(B, S, E) float32, before the softmax"""
    gates: Tensor
    """(B, S, K) float32 weights of the experts taken"""
    experts: Tensor
    """(B, S, K) int64 indices of the experts taken"""
    reward_coef: float
    """weight of the load-balance loss"""
    z_loss_coef: float
    """weight of the z-loss"""


class ModelOutput(NamedTuple):
    """Everything one forward pass of a drawn network gives."""

    logits: Tensor
    """(B, A) float32"""
    value: Tensor
    """(B,) float32, the discounted training reward expected from here"""
    routings: dict[str, Routing]
    """by the component id of the mixture"""
    auxiliary: dict[str, Tensor]
    """(B,) predictions, by the component id of the auxiliary head"""
