"""Adam, written out: `torch.optim` imports the compiler when an optimizer is made, which costs as long as loading torch.

Kingma & Ba 2015, algorithm 1; equal to `torch.optim.Adam` without weight decay, which a test holds it to. If asked, it keeps
the average of the parameters over the steps (Polyak & Juditsky 1992): single steps are noisy, and their middle plays better.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

BETA_1, BETA_2 = 0.9, 0.999


class Adam:
    """One step size for all parameters; parameters without a gradient are left alone.

    With an `ema_decay` the average moves by 1 - ema_decay of the way at each step, at first by so much that it is the plain mean.
    """

    def __init__(self, parameters: Iterable[Tensor], learning_rate: float, epsilon: float, ema_decay: float = 0.0) -> None:
        self.parameters = list(parameters)
        self.learning_rate = learning_rate
        self.epsilon = epsilon
        self.ema_decay = ema_decay
        self.steps = 0
        self.averages = [parameter.detach().clone() for parameter in self.parameters] if ema_decay else []
        self.means = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.squares = [torch.zeros_like(parameter) for parameter in self.parameters]

    def clear_gradients(self) -> None:
        """Set all gradients to zero where they are: made anew amid activations, they would leave holes in the heap."""
        for parameter in self.parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            else:
                parameter.grad.zero_()

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter against its gradient."""
        self.steps += 1
        step_size = self.learning_rate / (1 - BETA_1**self.steps)
        correction = (1 - BETA_2**self.steps) ** 0.5
        for parameter, mean, square in zip(self.parameters, self.means, self.squares, strict=True):
            if (gradient := parameter.grad) is None:
                continue
            mean.lerp_(gradient, 1 - BETA_1)
            square.mul_(BETA_2).addcmul_(gradient, gradient, value=1 - BETA_2)
            parameter.addcdiv_(mean, square.sqrt().div_(correction).add_(self.epsilon), value=-step_size)
        share = max(1 - self.ema_decay, 1 / self.steps)
        for average, parameter in zip(self.averages, self.parameters, strict=bool(self.averages)):
            average.lerp_(parameter, share)

    @torch.no_grad()
    def swap_averages(self) -> None:
        """Put the averages in the place of the parameters and keep those in theirs; a second time undoes it."""
        for average, parameter in zip(self.averages, self.parameters, strict=bool(self.averages)):
            kept = parameter.clone()
            parameter.copy_(average)
            average.copy_(kept)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within, the parameters hold the averages."""
        self.swap_averages()
        try:
            yield
        finally:
            self.swap_averages()

    def state_dict(self) -> dict[str, Any]:
        """Steps, moments, and the weights that learn, while the averages stand in their place and are stored with the network.

        The tensors are the live ones, so write them out before the next step.
        """
        return {"steps": self.steps, "means": self.means, "squares": self.squares, "weights": self.averages}

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave; the parameters hold the averages before, and the weights that learn after.

        A state from before averages were kept begins them anew.
        """
        self.steps = state["steps"]
        weights = (state.get("weights") or self.parameters) if self.averages else []
        for own, stored in ((self.means, state["means"]), (self.squares, state["squares"]), (self.averages, weights)):
            for target, source in zip(own, stored, strict=True):
                target.copy_(source)
        self.swap_averages()
