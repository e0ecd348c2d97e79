"""Functions that tests run in other processes; importing them does not import torch."""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from backend.errors import CompileFailed, ExportCheckFailed


def double(number: int) -> int:
    return 2 * number


def loaded(module: str) -> bool:
    return module in sys.modules


def setting(name: str) -> str | None:
    return os.environ.get(name)


def raise_sentence(sentence: str) -> None:
    raise ValueError(sentence)


def read(path: str) -> bytes:
    return Path(path).read_bytes()


def raise_studio_error() -> None:
    raise CompileFailed("a check failed", errors=["mask"])


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def leave(code: int) -> None:
    os._exit(code)


def hang(*_: Any) -> None:
    threading.Event().wait()


def allocate(size_bytes: int) -> int:
    return len(bytearray(size_bytes))


def allocate_tensor(size_bytes: int) -> int:
    import torch

    return int(torch.zeros(size_bytes, dtype=torch.uint8).numel())


def niceness() -> int:
    return os.nice(0)


def write_for_ever(_run: str, _checkpoint: str, target: str, *_: str) -> None:
    """In place of a writer: begins a file and one beside it, and never ends."""
    Path(target).write_text("begun")
    Path(f"{target}.unchecked").write_text("begun")
    threading.Event().wait()


def fail_export_check(*_: str) -> None:
    raise ExportCheckFailed("The ONNX file did not pass its check: the outputs differ by 1.0e-02, more than 1e-04")


def unpicklable() -> Any:
    return lambda: None


def check_for_ever(design_id: str, generated_dir: str, *_: Any) -> None:
    """In place of the checks: writes which process it is, and never ends."""
    (Path(generated_dir) / f"{design_id}.{os.getpid()}.pid").touch()
    threading.Event().wait()


def killed_while_checking(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def check_without_memory(*_: Any) -> None:
    raise MemoryError
