"""Which number format pays off on this machine: bfloat16 where it makes products faster, float32 elsewhere."""

import math
import time
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from shared_py.training_config import Precision

BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
"""of /proc/cpuinfo, x86 and Arm"""
TRIED_TOKENS, TRIED_IN, TRIED_OUT = 2048, 64, 256
"""a product like those of a transformer layer's feed-forward part"""
TRIED_TIMES = 9
MIN_GAIN = 1.3
"""measured gains are 2.2 (AMD of family 25) and 0.6 (Intel of model 207 without AMX): far enough to come out alike each time"""


@cache
def bfloat16_pays_off() -> bool:
    """Whether the processor has bfloat16 instructions and multiplies clearly faster by them: asked once in each process."""
    return cpu_has_bfloat16() and bfloat16_gain() >= MIN_GAIN


def cpu_has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor says that it has bfloat16 instructions; false where it cannot be asked."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return False
    flags = next((line.partition(":")[2] for line in lines if line.lower().startswith(("flags", "features"))), "")
    return not BFLOAT16_FLAGS.isdisjoint(flags.split())


def bfloat16_gain() -> float:
    """How many times as fast as in float32 a product and its gradients are in bfloat16, tried out in 0.06 s.

    Both formats take turns, and the fastest time of each counts, since others can only slow it down.
    """
    seconds = {torch.float32: math.inf, torch.bfloat16: math.inf}
    tensors = {number: _tried_tensors(number) for number in seconds}
    with torch.no_grad():
        for _ in range(TRIED_TIMES):
            for number, (tokens, weight, gradient) in tensors.items():
                began = time.perf_counter()
                functional.linear(tokens, weight)
                gradient @ weight
                gradient.T @ tokens
                seconds[number] = min(seconds[number], time.perf_counter() - began)
    return seconds[torch.float32] / seconds[torch.bfloat16]


def _tried_tensors(number: torch.dtype) -> tuple[torch.Tensor, ...]:
    """Of ones, so that no stream of random numbers moves on."""
    shapes = ((TRIED_TOKENS, TRIED_IN), (TRIED_OUT, TRIED_IN), (TRIED_TOKENS, TRIED_OUT))
    return tuple(torch.ones(shape, dtype=number) for shape in shapes)


def autocast(device: torch.device, precision: Precision = "auto") -> AbstractContextManager[Any]:
    """Compute matrix products in bfloat16 inside the block: where that pays off, or as told."""
    if precision == "auto":
        pays_off = bfloat16_pays_off() if device.type == "cpu" else torch.cuda.is_bf16_supported()
        precision = "bfloat16" if pays_off else "float32"
    return torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()
