"""The epoch: the name of one history of the database, in a file outside of it."""

import re
import secrets
from pathlib import Path

from backend.process.durable import write_atomically

_EPOCH = re.compile(rb"e[0-9a-f]{16}")


def read_epoch(path: Path) -> str | None:
    """Read the epoch; None if there is no file, or one with something else in it."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    return text.decode() if _EPOCH.fullmatch(text) else None


def write_new_epoch(path: Path) -> str:
    """Make a new epoch; it is on the disk when this returns, before any phone learns its name."""
    epoch = "e" + secrets.token_hex(8)
    write_atomically(path, epoch.encode())
    return epoch
