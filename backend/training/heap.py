"""Where a run's memory comes from: glibc's heap is quick and leaves holes, blocks mapped one by one are slower and leave none.

Up to glibc 2.37 an aligned block that was freed rarely fits the next of its size, so that a run takes up to twice the memory
of its activations (benchmarks/memory.py). Mapping costs a small network half its speed, a large one a sixth.
"""

import ctypes
import logging

M_MMAP_THRESHOLD = -3
"""of mallopt(3)"""
MAPPED_FROM_BYTES = 1 << 18
SHARE_WITHOUT_CARE = 0.25
"""of the machine's memory; a run that holds more is kept without holes, so that it fits where the estimate says so"""

logger = logging.getLogger(__name__)


def keep_compact_if_short(training_bytes: int, memory_bytes: int) -> bool:
    """From now on map large blocks one by one, if a run takes a large share of the memory; whether that is so."""
    if training_bytes <= SHARE_WITHOUT_CARE * memory_bytes:
        return False
    try:
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES)
    except (AttributeError, OSError):
        logger.info("this system's heap cannot be set")
        return False
    return True
