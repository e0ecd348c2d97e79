"""Limits the requests of each client: an average, above which a client may be for a while (token bucket)."""

import time
from collections import OrderedDict
from collections.abc import Callable

BURST_S = 10.0
"""seconds of the average that a client may send at once"""
MAX_CLIENTS = 10_000
"""that are remembered, so that memory stays bounded"""


class RequestRate:
    """Counts requests by client."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        """0 requests a second means no limit."""
        self._per_second, self._clock = per_second, clock
        self._burst = per_second * BURST_S
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """requests that each client may still send, and when that was counted; the one that called last is the last"""
        self.refused = 0

    def wait_s(self, client: str) -> float:
        """Count a request and return 0, or return after how many seconds the client may send it."""
        if self._per_second <= 0:
            return 0.0
        now_s = self._clock()
        left, at_s = self._left.pop(client, (self._burst, now_s))
        left = min(self._burst, left + (now_s - at_s) * self._per_second)
        is_allowed = left >= 1
        self._left[client] = (left - 1 if is_allowed else left, now_s)
        if len(self._left) > MAX_CLIENTS:
            self._left.popitem(last=False)
        if is_allowed:
            return 0.0
        self.refused += 1
        return (1 - left) / self._per_second
