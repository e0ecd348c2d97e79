"""Locks of files, which end with the process that holds them."""

import fcntl
import os
from pathlib import Path


def take_lock(path: Path) -> int | None:
    """Open and lock a file; None if another process holds the lock. Close the descriptor to release it. OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
