"""Thins `metrics.jsonl` of a run that has ended: of the chart, one point for each interval of moves stays."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from backend.process.durable import replacing
from backend.runs.run_folder import RunFolder

THIN_FROM_BYTES = 1_000_000
"""a smaller file is left alone"""
MAX_NEW_SHARE = 0.8
"""a file that would keep more than this share of its size is left as it is"""
_UPDATE, _PROGRESS = "training_update", "evaluation_progress"


class _Glance(Struct):
    type: str
    steps: int = 0


_glance_decoder = msgspec.json.Decoder(_Glance)


def thin_metrics(folder: RunFolder, points: int, known_bytes: int) -> int | None:
    """Rewrite the file with fewer points; returns its new size, or None where it stays. OSError.

    Nobody may write to the run meanwhile: its lock is held here, and nothing is done where a process holds it. Nothing is done
    either unless the file has `known_bytes`, which have been stored in the database.
    """
    lock = folder.take_lock()
    if lock is None:
        return None
    try:
        size = folder.metrics.stat().st_size
        if size != known_bytes or size < THIN_FROM_BYTES:
            return None
        width, last = _extent(folder.metrics, points)
        kept = _kept_lines(folder.metrics, width, last)
        with replacing(folder.metrics) as unfinished:
            with unfinished.open("wb") as file:
                for number, line in enumerate(kept, 1):
                    file.write(_numbered(line, number))
            new_size = unfinished.stat().st_size
            if new_size > MAX_NEW_SHARE * size:
                raise _NotWorthIt
    except _NotWorthIt:
        return None
    finally:
        os.close(lock)
    return new_size


class _NotWorthIt(Exception):
    """The file would hardly become smaller."""


def _glances(path: Path) -> Iterator[tuple[int, _Glance, bytes]]:
    """The number, the kind and the text of each line; damaged lines are left out, as every reader does."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                yield number, _glance_decoder.decode(line), line


def _extent(path: Path, points: int) -> tuple[int, int]:
    """The length of the intervals of moves, and the number of the last line with a point."""
    highest = last = 0
    for number, seen, _ in _glances(path):
        if seen.type == _UPDATE:
            highest, last = max(highest, seen.steps), number
    width = 1
    while (highest + 1) / width > points:
        width *= 2
    return width, last


def _kept_lines(path: Path, width: int, last: int) -> Iterator[bytes]:
    place = None
    for number, seen, line in _glances(path):
        if seen.type == _PROGRESS:
            continue
        if seen.type == _UPDATE:
            before, place = place, seen.steps // width
            if place == before and number != last:
                continue
        yield line


def _numbered(line: bytes, number: int) -> bytes:
    """The line with another number: lines are numbered without gaps, since the next one gets their count plus one."""
    fields = msgspec.json.decode(line)
    fields["seq"] = number
    return msgspec.json.encode(fields) + b"\n"
