"""Which parts of a network leave autocast, and in which number format they compute; a part here knows no other."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor


def full_precision(like: Tensor) -> AbstractContextManager[Any]:
    """Leave autocast for what needs float32: heads, router logits, log-softmax and losses."""
    kind = like.device.type
    return torch.autocast(kind, enabled=False) if torch.is_autocast_enabled(kind) else nullcontext()


def at_least_float32(x: Tensor) -> Tensor:
    """The same numbers in float32, or in float64 if they come in it."""
    return x.to(torch.promote_types(x.dtype, torch.float32))
