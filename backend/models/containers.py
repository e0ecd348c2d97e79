"""What goes around other modules: repetition, names of what happened inside, recomputation."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from backend.models.activation_checkpoint import recompute_in_backward
from backend.models.outputs import BodyOutput, Prediction, Routing

Found = TypeVar("Found")


def under(name: str, found: dict[str, Found]) -> dict[str, Found]:
    """What was found inside a container or a round, each key made a path that begins with its name."""
    return {f"{name}.{key}": value for key, value in found.items()}


class Repeat(nn.Module):
    """A body applied several times in a row, with weights of its own each time or the same ones every time.

    A body's `forward` takes a tensor and gives a `BodyOutput`; what it found is given on under the number of the round.
    """

    def __init__(self, body: Callable[[], nn.Module], *, times: int, share_weights: bool = False) -> None:
        super().__init__()
        self.times = times
        self.bodies = nn.ModuleList(body() for _ in range(1 if share_weights else times))

    def forward(self, x: Tensor) -> BodyOutput:
        """The output of the last round, and what all rounds found."""
        routings: dict[str, Routing] = {}
        auxiliary: dict[str, Prediction] = {}
        for index in range(self.times):
            given: BodyOutput = self.bodies[index % len(self.bodies)](x)
            x = given.output
            routings |= under(str(index), given.routings)
            auxiliary |= under(str(index), given.auxiliary)
        return BodyOutput(x, routings, auxiliary)


def checkpoint(model: nn.Module, module: nn.Module, *inputs: Any) -> Any:
    """Call a module so that its activations are computed again in the backward pass; a plain call when not training.

    Same numbers, less memory, about a third more time (Chen et al. 2016, Training deep nets with sublinear memory cost).
    """
    if model.training and torch.is_grad_enabled():
        return recompute_in_backward(module, *inputs)
    return module(*inputs)
