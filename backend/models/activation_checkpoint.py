"""Less memory for more time: what a module keeps for the backward pass is computed again when that comes."""

import threading
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint as recompute

_within = threading.local()
"""whether this thread runs a module that is recomputed as a whole"""


def _call_as_a_whole(module: nn.Module, *inputs: Any) -> Any:
    _within.active = True
    try:
        return module(*inputs)
    finally:
        _within.active = False


def recompute_in_backward(module: nn.Module, *inputs: Any) -> Any:
    """Call a module so that of what the backward pass needs only the inputs are kept (`torch.utils.checkpoint`).

    The second computation has the random state and the autocast of the first, so dropout and router jitter give the same numbers.
    Inside a module that is recomputed this is a plain call: nothing of it is kept anyway, and a third computation saves little.
    """
    if torch.compiler.is_dynamo_compiling():
        return recompute(module, *inputs, use_reentrant=False)
    if getattr(_within, "active", False):
        return module(*inputs)
    return recompute(_call_as_a_whole, module, *inputs, use_reentrant=False)
