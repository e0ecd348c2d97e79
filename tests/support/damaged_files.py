"""Ways to damage a file, and to fill a disk."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def fill_disk(ballast: Path) -> None:
    """Write a file until the disk is full to the last byte."""
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass


def cut_short(path: Path) -> None:
    """Leave half of a file."""
    os.truncate(path, path.stat().st_size // 2)


def zeroed(path: Path) -> None:
    """Write zeros over a block in the middle of a file."""
    _write_over(path, lambda block: bytes(len(block)))


def one_bit_turned(path: Path) -> None:
    """Turn one bit in the middle of a file."""
    _write_over(path, lambda block: bytes([block[0] ^ 1]) + block[1:])


def replaced_by_text(path: Path) -> None:
    """Another file of that name."""
    path.write_text("weights of another program")


def _write_over(path: Path, change: Callable[[bytes], bytes]) -> None:
    with path.open("r+b") as file:
        middle = file.seek(path.stat().st_size // 2)
        block = file.read(512)
        file.seek(middle)
        file.write(change(block))
