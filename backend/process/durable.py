"""Files that survive a crash and a power cut: each is as it was before or as it is to be, never half written."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file, or make it; the content and the name are on the disk when this returns. OSError."""
    with replacing(path) as unfinished:
        unfinished.write_bytes(content)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the path of an unfinished file in the same folder, which takes the name `path` when the block ends without an error.

    Several threads may replace the same file; the last one wins. After an error nothing of the unfinished file stays. Its name
    begins with a dot and ends as that of `path`, from which some libraries tell the format.
    """
    unfinished = path.with_name(f".new-{secrets.token_hex(4)}.{path.name}")
    try:
        yield unfinished
        sync_file(unfinished)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_durably(path: Path, content: bytes) -> None:
    """Write a file and wait until its content is on the disk, for a folder that gets its name when it is complete."""
    path.write_bytes(content)
    sync_file(path)


def sync_file(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
