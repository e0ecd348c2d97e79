"""Temporal-coherence learning of tables: a rate of its own for each entry (Beal and Smith 1999; Jaskowski 2016, section 4.2).

The value of a board is the sum of the entries it reads. Each entry keeps the sum of its errors and the sum of their sizes; its
rate is the quotient: 1 while all errors have one sign, near 0 once they cancel out. Only entries that are read are changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from backend.models import NTupleTables


class _Entries:
    """The entries of one module of tables, with the two sums of each, and room for the errors of one minibatch."""

    def __init__(self, module: NTupleTables) -> None:
        self.module = module
        self.values = module.tables.weight.detach()[:, 0]
        self.errors, self.sizes = torch.zeros_like(self.values), torch.zeros_like(self.values)
        self._sums, self._counts = torch.zeros_like(self.values), torch.zeros_like(self.values)

    def learn(self, rows: Tensor, errors_B: Tensor, share: float) -> None:
        """Move the entries of these rows (B, L); one that is read several times moves by the mean of the errors.

        The sum instead of the mean diverges at the start, when many games read the same entries. An entry that stands several
        times among the rows is written several times, with the same number.
        """
        read = rows.flatten()
        added = errors_B.repeat_interleave(rows.shape[1])
        self._sums.scatter_add_(0, read, added)
        self._counts.scatter_add_(0, read, torch.ones_like(added))
        means = self._sums.index_select(0, read).div_(self._counts.index_select(0, read))
        errors, sizes = self.errors.index_select(0, read), self.sizes.index_select(0, read)
        moves = errors.abs().div_(sizes).masked_fill_(sizes == 0, 1.0).mul_(means).mul_(share)
        self.values.index_copy_(0, read, moves.add_(self.values.index_select(0, read)))
        self.errors.index_copy_(0, read, errors.add_(means))
        self.sizes.index_copy_(0, read, sizes.add_(means.abs_()))
        self._sums.index_fill_(0, read, 0.0)
        self._counts.index_fill_(0, read, 0.0)


class TemporalCoherence:
    """Learns the tables of a network whose value is the sum of table entries; it keeps no moving average of the weights."""

    def __init__(self, model: nn.Module, learning_rate: float) -> None:
        self.learning_rate = learning_rate
        self.steps = 0
        self._entries = [_Entries(module) for module in model.modules() if isinstance(module, NTupleTables)]
        self._lookups = sum(len(entries.module.offsets) for entries in self._entries)

    @torch.no_grad()
    def learn(self, boards_BS: Tensor, targets_B: Tensor) -> None:
        """Take one step: move what the entries of each board (B, 16) add up to towards its target."""
        self.steps += 1
        rows = [entries.module.rows(boards_BS) for entries in self._entries]
        values_B = sum(entries.values[read].sum(dim=1) for entries, read in zip(self._entries, rows, strict=True))
        errors_B = targets_B - values_B
        for entries, read in zip(self._entries, rows, strict=True):
            entries.learn(read, errors_B, self.learning_rate / self._lookups)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within, the weights are what is evaluated: those that learn."""
        yield

    def swap_averages(self) -> None:
        """There are no averages."""

    def state_dict(self) -> dict[str, Any]:
        """Steps, and the two sums of each entry; the tensors are the live ones."""
        return {
            "steps": self.steps,
            "errors": [entries.errors for entries in self._entries],
            "sizes": [entries.sizes for entries in self._entries],
        }

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.steps = state["steps"]
        for entries, errors, sizes in zip(self._entries, state["errors"], state["sizes"], strict=True):
            entries.errors.copy_(errors)
            entries.sizes.copy_(sizes)
