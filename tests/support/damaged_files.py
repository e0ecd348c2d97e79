"""Ways to damage a file, and to fill a disk."""

import os
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LOCAL_HEADER_LENGTHS = 26
"""offset of the lengths of name and extra field in the header of an entry of a ZIP archive"""


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
        middle = file.seek(_middle(path))
        block = file.read(512)
        file.seek(middle)
        file.write(change(block))


def _middle(path: Path) -> int:
    """An offset in the middle of the contents of a file; in an archive, of its largest entry, since padding has no checksum."""
    if not zipfile.is_zipfile(path):
        return path.stat().st_size // 2
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        largest = max(archive.infolist(), key=lambda entry: entry.compress_size)
        file.seek(largest.header_offset + LOCAL_HEADER_LENGTHS)
        names: tuple[int, int] = struct.unpack("<HH", file.read(4))
        return largest.header_offset + LOCAL_HEADER_LENGTHS + 4 + sum(names) + largest.compress_size // 2
