"""Files that only the user of the server process can read."""

import os
from pathlib import Path

from backend.process.durable import replacing

ONLY_OWNER = 0o600


def write_private(path: Path, content: bytes) -> None:
    """Write a file atomically, with permissions of the owner only from the start."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with replacing(path) as unfinished:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_OWNER)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)


def close_to_others(path: Path) -> None:
    """Remove the permissions of other users, which a copied file can have."""
    if path.stat().st_mode & 0o077:
        path.chmod(ONLY_OWNER)
