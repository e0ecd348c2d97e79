"""The epoch: a name for one line of history, kept in a file outside the database."""

import re
import secrets
from pathlib import Path

from backend.process.durable import sync_folder, write_durably

_EPOCH = re.compile(rb"e[0-9a-f]{16}")


def read_epoch(path: Path) -> str | None:
    """Read the epoch; nothing if there is none, or none that we wrote."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    return text.decode() if _EPOCH.fullmatch(text) else None


def write_new_epoch(path: Path) -> str:
    """Make a new epoch and see it reach the disk before anyone is told its name."""
    epoch = "e" + secrets.token_hex(8)
    draft = path.with_suffix(".new")
    write_durably(draft, epoch.encode())
    draft.replace(path)
    sync_folder(path.parent)
    return epoch
