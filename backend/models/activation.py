"""Functions between linear maps, by name, and layers made of both."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from torch import nn

Activation = Literal["gelu", "relu", "silu", "tanh", "leaky_relu", "elu", "sigmoid"]
ACTIVATIONS: dict[Activation, type[nn.Module]] = {
    "gelu": nn.GELU,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "sigmoid": nn.Sigmoid,
}


def hidden_layers(in_features: int, hidden_sizes: Sequence[int], activation: Activation) -> nn.Sequential:
    """A linear map and an activation for each size; without sizes, nothing, and vectors pass unchanged."""
    layers = nn.Sequential()
    for before, after in pairwise((in_features, *hidden_sizes)):
        layers.extend([nn.Linear(before, after), ACTIVATIONS[activation]()])
    return layers
