"""The heartbeat of a trainer: a small file in the run's folder that its training thread rewrites about once a second."""

import logging
import os
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from backend.runs.run_folder import now

HEARTBEAT_S = 1.0
"""between two heartbeats, if the trainer polls at least that often"""
FILE_BYTES = 160
"""the file is rewritten in place and padded to this length, so that it never grows or shrinks, not even on a full disk"""

logger = logging.getLogger(__name__)


class Heartbeat(Struct, frozen=True):
    """One heartbeat."""

    steps: int
    """moves played"""
    at: str
    """time of day, for display only"""
    monotonic_s: float
    """the monotonic clock, which is the same for all processes of a machine"""
    saving: bool = False
    """whether a checkpoint is being written, which a slow disk may make long"""


class HeartbeatWriter:
    """Writes heartbeats from the thread that trains: a thread of its own would continue while the training hangs."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._steps = 0
        self._has_failed = False
        self.beat()

    def beat_if_due(self, steps: int | None = None) -> None:
        """Note the moves played, if given, and write a heartbeat where the last one was `HEARTBEAT_S` ago."""
        if steps is not None:
            self._steps = steps
        if time.monotonic() >= self._next_s:
            self.beat()

    def beat(self, steps: int | None = None, *, saving: bool = False) -> None:
        """Write a heartbeat now; an error does not stop the training."""
        if steps is not None:
            self._steps = steps
        now_s = time.monotonic()
        self._next_s = now_s + HEARTBEAT_S
        text = msgspec.json.encode(Heartbeat(self._steps, now(), now_s, saving))
        try:
            os.pwrite(self._file, text.ljust(FILE_BYTES - 1) + b"\n", 0)
        except OSError as error:
            if not self._has_failed:
                logger.warning("the heartbeat cannot be written: %s", error)
            self._has_failed = True


def read_heartbeat(path: Path) -> Heartbeat | None:
    """The last heartbeat; None where there is none, or one that is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Heartbeat)
    except (OSError, UnicodeDecodeError, RecursionError, msgspec.DecodeError):
        return None
