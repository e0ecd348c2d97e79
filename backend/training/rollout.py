"""What the rollouts of all algorithms have in common."""

from collections.abc import Iterator
from typing import Protocol

from torch import Tensor


class Rollout(Protocol):
    """A `NamedTuple` of the tensors of T moves of N games; each algorithm has its own, and all have these."""

    @property
    def points_TN(self) -> Tensor:  # noqa: N802  # shape letters
        """Of each move."""

    @property
    def dones_TN(self) -> Tensor:  # noqa: N802
        """Whether the game ended."""

    @property
    def largest_TN(self) -> Tensor:  # noqa: N802
        """Exponent of the largest tile after each move."""

    def __iter__(self) -> Iterator[Tensor]:
        """All of its tensors."""
