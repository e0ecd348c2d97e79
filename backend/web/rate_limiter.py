"""Limits the requests of each client by a token bucket: an average rate, with bursts."""

import time
from collections import OrderedDict
from collections.abc import Callable

BURST_S = 10.0
"""a burst may have the requests of this many seconds at the average rate"""
MAX_CLIENTS = 10_000
"""clients whose buckets are kept, so that memory stays bounded"""


class RateLimiter:
    """A token bucket for each client."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`per_second` is the average rate; 0 means no limit."""
        self._per_second, self._clock = per_second, clock
        self._burst = per_second * BURST_S
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """tokens of each client and when they were counted, the most recent client last"""
        self.refused = 0

    def retry_after_s(self, client: str) -> float:
        """Count a request and return 0 if it is allowed, else the seconds until it is."""
        if self._per_second <= 0:
            return 0.0
        now_s = self._clock()
        tokens, at_s = self._buckets.pop(client, (self._burst, now_s))
        tokens = min(self._burst, tokens + (now_s - at_s) * self._per_second)
        is_allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if is_allowed else tokens, now_s)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        if is_allowed:
            return 0.0
        self.refused += 1
        return (1 - tokens) / self._per_second
