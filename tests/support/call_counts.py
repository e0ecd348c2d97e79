"""Counts the calls of a function of ours in this process, whichever module calls it."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

PACKAGES = ("shared_py", "backend")


def count_calls(monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any]) -> list[tuple[Any, ...]]:
    """Record the positional arguments of every call from now on; modules that import the function later are not seen."""
    calls: list[tuple[Any, ...]] = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return function(*args, **kwargs)

    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in PACKAGES:
            for attribute, value in list(vars(module).items()):
                if value is function:
                    monkeypatch.setattr(module, attribute, counted)
    return calls
