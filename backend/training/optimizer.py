"""`torch.optim.AdamW` without weight decay, which is Adam (Kingma & Ba 2015, algorithm 1), and an average of the weights.

Tables of which a batch reads a few rows learn by `torch.optim.SparseAdam`, which leaves all other rows and their moments alone.

The average is taken over the steps (Polyak & Juditsky 1992): single steps are noisy; the averaged weights play better.
Constructing an optimizer imports torch's compiler, so the fork server has that loaded (backend/process/process.py).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

if TYPE_CHECKING:
    from backend.training.workers import Workers

BETAS = (0.9, 0.999)


class Adam:
    """One step size for all parameters; parameters without a gradient are left alone.

    With `ema_decay`, each step moves the average towards the parameters by a factor of 1 - ema_decay; in the first steps by
    1 / steps, which is the plain mean.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        learning_rate: float,
        epsilon: float,
        ema_decay: float = 0.0,
        tables: Iterable[nn.Parameter] = (),
    ) -> None:
        """`tables` are those of the parameters whose gradients are sparse; no average is kept of them."""
        self.tables = list(tables)
        self.parameters = [parameter for parameter in parameters if not any(parameter is table for table in self.tables)]
        self._sparse = torch.optim.SparseAdam(self.tables, lr=learning_rate, betas=BETAS, eps=epsilon) if self.tables else None
        self.ema_decay = ema_decay
        self.steps = 0
        self.workers: Workers | None = None
        """the processes whose gradients are averaged"""
        self.averages = [parameter.detach().clone() for parameter in self.parameters] if ema_decay else []
        self._adamw = torch.optim.AdamW(
            [{"params": self.parameters}], lr=learning_rate, betas=BETAS, eps=epsilon, weight_decay=0.0, fused=True
        )
        self._set_moments(*([torch.zeros_like(parameter) for parameter in self.parameters] for _ in BETAS))

    @property
    def learning_rate(self) -> float:
        """The step size of the next step."""
        return float(self._adamw.param_groups[0]["lr"])

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._adamw.param_groups[0]["lr"] = value
        if self._sparse is not None:
            self._sparse.param_groups[0]["lr"] = value

    def clear_gradients(self) -> None:
        """Zero the gradients in place: allocating them anew between activations would fragment the heap."""
        for parameter in self.parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self._adamw.zero_grad(set_to_none=False)
        for table in self.tables:
            table.grad = None

    @torch.no_grad()
    def share(self, means: Tensor) -> bool:
        """Average the gradients and the means of a minibatch over all processes; false when the run ends."""
        if self.workers is None:
            return True
        return self.workers.average([*(parameter.grad for parameter in self.parameters if parameter.grad is not None), means])

    @torch.no_grad()
    def clip_gradients(self, max_norm: float) -> Tensor:
        """Scale all gradients down to this norm together; returns the norm before. Of tables the rows that were read count."""
        for table in self.tables:
            table.grad = None if table.grad is None else table.grad.coalesce()
        rows = [table.grad.values() for table in self.tables if table.grad is not None]
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        norm: Tensor = nn.utils.get_total_norm([*gradients, *rows])
        nn.utils.clip_grads_with_norm_(self.parameters, max_norm, norm)
        for row in rows:
            row.mul_((max_norm / (norm + 1e-6)).clamp(max=1.0))
        return norm

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter against its gradient."""
        self._adamw.step()
        if self._sparse is not None:
            self._sparse.step()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self.steps += 1
        if self.averages:
            decay = min(self.ema_decay, 1 - 1 / self.steps)
            move = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]  # torch leaves it untyped
            move(self.averages, self.parameters, self.steps)

    @torch.no_grad()
    def swap_averages(self) -> None:
        """Swap the parameters and their averages; a second call swaps them back."""
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
        states = [self._adamw.state[parameter] for parameter in self.parameters]
        means, squares = ([state[name] for state in states] for name in ("exp_avg", "exp_avg_sq"))
        state = {"steps": self.steps, "means": means, "squares": squares, "weights": self.averages}
        if self._sparse is not None:
            state["tables"] = self._sparse.state_dict()["state"]
        return state

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned; the parameters hold the averages before, and the weights that learn after.

        A state of an older version without averages starts new averages.
        """
        self.steps = state["steps"]
        self._set_moments(state["means"], state["squares"])
        if self._sparse is not None:
            groups = self._sparse.state_dict()["param_groups"]
            self._sparse.load_state_dict({"state": state["tables"], "param_groups": groups})
        weights = (state.get("weights") or self.parameters) if self.averages else []
        for target, source in zip(self.averages, weights, strict=True):
            target.copy_(source)
        self.swap_averages()

    def _set_moments(self, means: list[Tensor], squares: list[Tensor]) -> None:
        states = {
            index: {"step": torch.tensor(float(self.steps)), "exp_avg": mean.clone(), "exp_avg_sq": square.clone()}
            for index, (mean, square) in enumerate(zip(means, squares, strict=True))
        }
        self._adamw.load_state_dict({"state": states, "param_groups": self._adamw.state_dict()["param_groups"]})
