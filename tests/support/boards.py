"""Boards for the tests of modules: any tiles, also such as no game reaches."""

import numpy as np
import torch


def random_boards(count: int, highest: int) -> torch.Tensor:
    """(count, 16) int64 with exponents up to `highest`, some thinly filled, some with many equal high tiles."""
    random = np.random.default_rng(highest)
    boards = random.integers(0, highest + 1, (count, 16))
    boards[::3] *= random.random((len(boards[::3]), 16)) < 0.5
    boards[1::7] = np.maximum(boards[1::7], highest - 1)
    return torch.from_numpy(boards)
