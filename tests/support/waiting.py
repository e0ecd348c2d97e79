"""Waits for what another thread or process does."""

import time
from collections.abc import Callable

LOOK_S = 0.02


def wait_until(condition: Callable[[], bool], limit_s: float = 30.0) -> None:
    """Return as soon as the condition is true; AssertionError when it is not within the limit."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, f"waited {limit_s:g} s in vain"
        time.sleep(LOOK_S)
