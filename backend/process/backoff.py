"""How long to wait between tries: longer after every failure, up to a limit, and varied; as `pwa/src/lib/backoff.ts` does."""

import random
from collections.abc import Callable

JITTER = 0.25
"""share by which each wait is varied, so that what failed together is not tried again in one instant"""


class Backoff:
    """Exponential backoff with jitter: counts failures in a row. It does not sleep itself."""

    def __init__(self, first_s: float, max_s: float, uniform: Callable[[], float] = random.random) -> None:
        """`max_s` is the longest wait before it is varied; `uniform` returns numbers from 0 up to 1."""
        self._first_s, self._max_s, self._uniform = first_s, max_s, uniform
        self._failures = 0

    def next_s(self) -> float:
        """Count one more failure; returns the seconds to wait before the next try."""
        wait_s = min(self._first_s * 2.0**self._failures, self._max_s)
        self._failures += 1
        return wait_s * (1 - JITTER + 2 * JITTER * self._uniform())
