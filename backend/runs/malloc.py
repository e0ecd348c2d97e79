"""How a run's memory is taken and given back: glibc's heap, set so that it stays near the estimate.

Up to glibc 2.37 an aligned block that was freed rarely fits the next of its size, since small pieces beside it stay in use. So a
process that trains keeps no cache of small pieces (`HEAP_SETTING` in backend/process/process.py, and `M_MXFAST`), keeps what it
frees for the next pass, and gives free pages back once it holds more than the estimate. Where memory is short every large block
is mapped by itself: no holes, at half the speed.
"""

import ctypes
import logging
import resource
import time
from pathlib import Path

M_MXFAST, M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = 1, -1, -3
"""of mallopt(3); setting one of the latter stops glibc from moving both"""
MAPPED_FROM_BYTES = 1 << 18
MAX_IN_HEAP_BYTES = 1 << 25
"""the most that glibc would come to by itself"""
KEPT_BYTES = 1 << 30
"""free memory at the end of the heap that is not given back"""
SECONDS_BETWEEN_TRIMS = 10.0
"""giving pages back costs a tenth of a second of taking them anew"""

logger = logging.getLogger(__name__)


class Heap:
    """The heap of a process that trains; `told_bytes` is what it may hold beyond what it holds now."""

    def __init__(self, told_bytes: int, *, compact: bool) -> None:
        """Set the heap: `compact` maps large blocks one by one. Where the system's heap cannot be set, nothing happens."""
        self._most = held_bytes() + told_bytes
        self._trim_at = time.monotonic()
        self._glibc: ctypes.CDLL | None = None
        try:
            glibc = ctypes.CDLL(None)
            glibc.mallopt(M_MXFAST, 0)
            glibc.mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES if compact else MAX_IN_HEAP_BYTES)
            if not compact:
                glibc.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
                self._glibc = glibc
        except (AttributeError, OSError):
            logger.info("this system's heap cannot be set")

    def tidy(self) -> None:
        """Give free pages back if more is held than was estimated, at most every 10 s; called between pieces of work."""
        now = time.monotonic()
        if self._glibc is not None and now >= self._trim_at and held_bytes() > self._most:
            self._glibc.malloc_trim(0)
            self._trim_at = now + SECONDS_BETWEEN_TRIMS


def held_bytes() -> int:
    """Resident memory of this process that is no file's; 0 where the system does not tell."""
    try:
        _, resident, of_files, *_ = Path("/proc/self/statm").read_text().split()
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(of_files)) * resource.getpagesize()
