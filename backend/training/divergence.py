"""Detects a diverging run from its losses and metrics; knows no network, file or process."""

import math
from collections import deque
from collections.abc import Iterator
from statistics import median
from typing import Any

from backend.errors import ADVICE

WINDOW = 100
"""gradient steps whose losses are compared with"""
FIRST_WEIGHT = 20
"""the first loss is added this many times, so that divergence in the first steps is noticed"""
FACTOR = 1e6
IN_A_ROW = 10
MIN_MEDIAN = 1 / FACTOR
"""so that losses near 0 are not called far above others even nearer"""
WARNING = (
    f"the loss has been more than a million times its median {IN_A_ROW} times in a row; the run has probably diverged, {ADVICE}"
)


class LossWatch:
    """Compares each loss with the median of the last 100 losses that were not themselves far above the median.

    Losses far above the median are not added to this window, so that a run which diverges at its second step is noticed as
    well. Losses near 0 before any other are not added either: nothing can be compared with them.
    """

    def __init__(self) -> None:
        self.window: deque[float] = deque(maxlen=WINDOW)
        self.row = 0
        """how many losses in a row contradict `is_diverging`"""
        self.is_diverging = False

    def add(self, loss: float) -> bool:
        """Take in the loss of a gradient step; true when `is_diverging` has changed by it.

        It becomes true after ten losses in a row above a million times the median, and false after ten in a row that are not.
        """
        size = abs(loss)
        if not self.window:
            if size <= MIN_MEDIAN:
                return False
            self.window.extend([size] * (FIRST_WEIGHT - 1))
        is_far = size > FACTOR * max(median(self.window), MIN_MEDIAN)
        if not is_far:
            self.window.append(size)
        self.row = 0 if is_far == self.is_diverging else self.row + 1
        if self.row < IN_A_ROW:
            return False
        self.row, self.is_diverging = 0, not self.is_diverging
        return True

    def state_dict(self) -> dict[str, Any]:
        """The window of losses, and how many losses in a row contradict the current `is_diverging`."""
        return {"window": list(self.window), "row": self.row}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned; `is_diverging` itself is restored from the lines of the run."""
        self.window = deque(state["window"], maxlen=WINDOW)
        self.row = state["row"]


def require_finite(metrics: dict[str, Any]) -> None:
    """FloatingPointError that names the first number, at any depth of dicts and lists, that is not a finite number."""
    for name, value in _numbers(metrics):
        if not math.isfinite(value):
            raise FloatingPointError(f"{name} is no longer a finite number; {ADVICE}")


def _numbers(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Every float inside, with the name of the outermost member that holds it."""
    if isinstance(value, float):
        yield name, value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _numbers(member, name or str(key))
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _numbers(member, name)
