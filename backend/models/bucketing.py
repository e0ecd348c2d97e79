"""Few sizes of batches in place of many.

On processors oneDNN convolves, and multiplies bfloat16, with code it writes for every shape it meets: a hundred kilobytes and
milliseconds each. Where a size changes from call to call, a somewhat larger one that comes again is quicker and takes less
memory.
"""

import torch
from torch import Tensor

MIN_STEP = 8
SIZES_AN_OCTAVE = 8


def bucket_size(count: int) -> int:
    """The next multiple of 8, and from 128 on the next of eight sizes an octave, at most an eighth more."""
    step = max(MIN_STEP, 1 << max(0, count.bit_length() - SIZES_AN_OCTAVE.bit_length()))
    return -(-count // step) * step


def pad_batch(boards: Tensor, most: int) -> Tensor:
    """(N, 16) boards, and the first one again until there are `bucket_size(N)` or the `most` there may be; N is at least 1."""
    missing = min(bucket_size(len(boards)), most) - len(boards)
    return torch.cat([boards, boards[:1].expand(missing, -1)]) if missing else boards
