"""Functions that tests run in other processes; importable there, and without torch."""

import os
import sys
import threading
from typing import Any

from backend.errors import CompileFailed


def double(number: int) -> int:
    return 2 * number


def loaded(module: str) -> bool:
    return module in sys.modules


def setting(name: str) -> str | None:
    return os.environ.get(name)


def raise_sentence(sentence: str) -> None:
    raise ValueError(sentence)


def raise_studio_error() -> None:
    raise CompileFailed("a proof failed", errors=["mask"])


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def leave(code: int) -> None:
    os._exit(code)


def hang() -> None:
    threading.Event().wait()


def allocate(size_bytes: int) -> int:
    return len(bytearray(size_bytes))


def allocate_tensor(size_bytes: int) -> int:
    import torch

    return int(torch.zeros(size_bytes, dtype=torch.uint8).numel())


def unpicklable() -> Any:
    return lambda: None
