"""Where a run's memory comes from: glibc's heap is quick and leaves holes, blocks mapped one by one are slower and leave none.

Up to glibc 2.37 an aligned block that was freed rarely fits the next of its size, so that a run takes up to twice the memory
of its activations (benchmarks/memory.py). Mapping costs a small network half its speed, a large one a sixth. Where memory is
plentiful the heap keeps what is freed: by itself it gives the end of it back after every pass, and takes it anew, page by page.
"""

import ctypes
import logging

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""of mallopt(3); setting one of them stops glibc from moving both"""
MAPPED_FROM_BYTES = 1 << 18
LARGEST_IN_HEAP_BYTES = 1 << 25
"""the most that glibc would come to by itself"""
KEPT_BYTES = 1 << 30
"""free memory at the end of the heap that is not given back"""
SHARE_WITHOUT_CARE = 0.25
"""of the machine's memory; a run that holds more is kept without holes, so that it fits where the estimate says so"""

logger = logging.getLogger(__name__)


def keep_compact_if_short(training_bytes: int, memory_bytes: int) -> bool:
    """From now on map large blocks one by one, if a run takes a large share of the memory, else keep what is freed.

    Whether blocks are mapped.
    """
    is_short = training_bytes > SHARE_WITHOUT_CARE * memory_bytes
    try:
        heap = ctypes.CDLL(None)
        heap.mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES if is_short else LARGEST_IN_HEAP_BYTES)
        if not is_short:
            heap.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
    except (AttributeError, OSError):
        logger.info("this system's heap cannot be set")
        return False
    return is_short
