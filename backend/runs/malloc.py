"""Settings of glibc's heap that keep the memory of a run near the estimate.

Up to glibc 2.37 a freed aligned block is rarely reused for the next block of its size, because small allocations next to it are
still in use (fragmentation). So a process that trains has no cache of small blocks (`HEAP_SETTING` in
backend/process/process.py, and `M_MXFAST`), keeps freed memory for the next pass, and returns free pages to the system once it
holds more than the estimate. If memory is short, every large block is mapped separately, which avoids fragmentation at half the
speed.
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
"""the highest threshold that glibc sets by itself"""
KEPT_BYTES = 1 << 30
"""free memory at the end of the heap that is not given back"""
SECONDS_BETWEEN_TRIMS = 10.0
"""pages that are returned cost a tenth of a second to get again"""

logger = logging.getLogger(__name__)


class Heap:
    """The heap of a process that trains; `expected_bytes` is the estimate, beyond what the process holds now."""

    def __init__(self, expected_bytes: int, *, compact: bool) -> None:
        """Set the heap: `compact` maps large blocks one by one. Where the system's heap cannot be set, nothing happens."""
        self._max_bytes = held_bytes() + expected_bytes
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
        """Return free pages to the system if more is held than was estimated, at most every 10 s; called between updates."""
        now = time.monotonic()
        if self._glibc is not None and now >= self._trim_at and held_bytes() > self._max_bytes:
            self._glibc.malloc_trim(0)
            self._trim_at = now + SECONDS_BETWEEN_TRIMS


def held_bytes() -> int:
    """Resident memory of this process without mapped files, in bytes; 0 where the system does not report it."""
    try:
        _, resident, of_files, *_ = Path("/proc/self/statm").read_text().split()
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(of_files)) * resource.getpagesize()
