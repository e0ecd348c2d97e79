"""Reads complete lines of a growing file from a byte offset, even if the file was replaced by another one."""

import os
from pathlib import Path
from typing import BinaryIO

READ_BYTES = 8_000_000
"""at a time, far more than the longest line"""
SHOWN_BYTES = 100
"""of a line that is too long, for the message about it"""
STEP_BACK_BYTES = 65_536
"""read at a time while searching backwards for the start of a line"""


def read_lines(path: Path, offset: int) -> tuple[list[bytes], int]:
    """Whole lines from a byte offset, some megabytes at most, and the offset after them; an incomplete last line is left.

    Of a line too long to be valid only the first bytes are returned, which cannot be decoded.

    Where no line begins at the offset, since after a power cut or a restored backup the file is shorter or another one, reading
    continues from the last line that begins before it.
    """
    with path.open("rb") as file:
        offset = _line_start(file, offset)
        file.seek(offset)
        text = file.read(READ_BYTES)
        if len(text) == READ_BYTES and b"\n" not in text:
            end = _next_line(file)
            return ([text[:SHOWN_BYTES]], end) if end is not None else ([], offset)
    whole = text[: text.rfind(b"\n") + 1]
    return whole.split(b"\n")[:-1], offset + len(whole)


def _next_line(file: BinaryIO) -> int | None:
    """Where the line after the next newline begins; None where there is no newline."""
    while text := file.read(READ_BYTES):
        if (newline := text.find(b"\n")) >= 0:
            return file.tell() - len(text) + newline + 1
    return None


def line_start(path: Path, offset: int) -> int:
    """The largest offset up to this one at which a line starts, or the next one will; at most the end of the complete lines."""
    with path.open("rb") as file:
        return _line_start(file, offset)


def _line_start(file: BinaryIO, offset: int) -> int:
    offset = min(offset, file.seek(0, os.SEEK_END))
    while offset > 0:
        begin = max(0, offset - STEP_BACK_BYTES)
        file.seek(begin)
        newline = file.read(offset - begin).rfind(b"\n")
        if newline >= 0:
            return begin + newline + 1
        offset = begin
    return 0
