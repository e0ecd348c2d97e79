"""A fresh start for the parts of a network, each by its own recipe."""

from torch import nn


def reset(module: nn.Module) -> None:
    """Start a module afresh by its own `reset_parameters`, else each of its parts."""
    afresh = getattr(module, "reset_parameters", None)
    if callable(afresh):
        afresh()
    else:
        reset_parts(module)


def reset_parts(module: nn.Module) -> None:
    """Start each part of a module afresh."""
    for part in module.children():
        reset(part)


def reset_linear(linear: nn.Linear, gain: float) -> None:
    """Draw weights that make outputs of about `gain` from inputs of about 1, and a bias of zeros if there is one."""
    nn.init.normal_(linear.weight, std=gain * linear.in_features**-0.5)
    if linear.bias is not None:
        nn.init.zeros_(linear.bias)
