"""Less memory for more time: what a module keeps for the backward pass is computed again when that comes.

`torch.utils.checkpoint` does the same, but loads torch's compiler at its first call: 80 MB and 2 s for each run.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
import torch.utils.checkpoint
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

DEVICES = ("cpu", "cuda")
_within = threading.local()
"""whether this thread runs a module that is recomputed as a whole; what it holds is then not recomputed by itself"""


@contextmanager
def _as_a_whole() -> Iterator[None]:
    _within.active = True
    try:
        yield
    finally:
        _within.active = False


class _Recomputed:
    """One call of a module: in place of each tensor that autograd would keep, its place in the order they come in."""

    def __init__(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        self.module, self.inputs = module, inputs
        self.count = 0
        self.found: dict[int, Tensor] = {}
        self.autocasts = [(kind, torch.get_autocast_dtype(kind)) for kind in DEVICES if torch.is_autocast_enabled(kind)]

    def note(self, _: Tensor) -> int:
        self.count += 1
        return self.count - 1

    def find(self, index: int) -> Tensor:
        """Give a tensor, once; compute all of them when the first is asked for, or one is asked for again."""
        if index not in self.found:
            self._compute()
        return self.found.pop(index)

    def _compute(self) -> None:
        found: dict[int, Tensor] = {}

        def keep(tensor: Tensor) -> None:
            found[len(found)] = tensor.detach()

        with ExitStack() as stack:
            stack.enter_context(torch.enable_grad())
            for kind, dtype in self.autocasts:
                stack.enter_context(torch.autocast(kind, dtype))
            stack.enter_context(saved_tensors_hooks(keep, _nothing))
            stack.enter_context(_as_a_whole())
            self.module(*self.inputs)
        assert len(found) == self.count, "a module that is recomputed must do the same twice"
        self.found = found


def _nothing(_: None) -> Tensor:
    raise RuntimeError("what is computed again serves one backward pass alone")


def recompute_in_backward(module: nn.Module, *inputs: Any) -> Any:
    """Call a module so that of what the backward pass needs only the inputs are kept; the module must draw no random numbers.

    Within a module that is recomputed itself this is a plain call: nothing of it is kept anyway, and an input held here would be.
    What torch.compile traces is left to torch's own form, which it knows.
    """
    if torch.compiler.is_dynamo_compiling():
        return torch.utils.checkpoint.checkpoint(module, *inputs, use_reentrant=False)
    if getattr(_within, "active", False):
        return module(*inputs)
    call = _Recomputed(module, inputs)
    with saved_tensors_hooks(call.note, call.find), _as_a_whole():
        return module(*inputs)
