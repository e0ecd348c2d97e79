"""Saves and restores the global random states of a trainer process: Python, numpy, torch and each GPU.

The trainer saves its own generators itself.
"""

import random
from typing import Any

import numpy as np
import torch

RandomStates = dict[str, Any]
"""contains only tensors and plain values, so that it can be stored in a checkpoint"""


def seed_all(seed: int) -> None:
    """Seed all of them."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def random_states() -> RandomStates:
    """All states, for a checkpoint."""
    version, numbers, gauss = random.getstate()
    kind, keys, position, has_gauss, cached_gauss = np.random.get_state(legacy=True)
    return {
        "python": [version, list(numbers), gauss],
        "numpy": [kind, torch.from_numpy(np.asarray(keys, dtype=np.int64)), position, has_gauss, cached_gauss],
        "torch": torch.get_rng_state(),
        "cards": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore_random_states(states: RandomStates) -> None:
    """Restore what `random_states` returned; states of GPUs that this machine does not have are ignored."""
    version, numbers, gauss = states["python"]
    random.setstate((version, tuple(numbers), gauss))
    kind, keys, *rest = states["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), *rest))
    torch.set_rng_state(states["torch"])
    if torch.cuda.is_available():
        for gpu, state in enumerate(states["cards"][: torch.cuda.device_count()]):
            torch.cuda.set_rng_state(state, gpu)
