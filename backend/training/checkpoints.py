"""Checkpoints on disk: whole or not there, and read without running anything that is in them."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from backend.errors import ALL_DAMAGED, DamagedCheckpoint
from backend.training.run_folder import is_whole

MOST_SPACED = 8
MOST_SPACED_BYTES = 1 << 30


def save_checkpoint(path: Path, state: dict[str, Any], also: Sequence[Path] = ()) -> None:
    """Write a checkpoint so that a crash leaves the old one or the new one; `also` are other names of the same bytes.

    OSError where there is no room for it, and then nothing of it stays.
    """
    unfinished = path.with_suffix(".tmp")
    try:
        _write(unfinished, state)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    link = path.with_suffix(".link")
    for name in also:
        link.unlink(missing_ok=True)
        os.link(unfinished, link)
        link.replace(name)
    unfinished.replace(path)
    _sync_folder(path.parent)


def thin_out(spaced: Mapping[int, Path], most_bytes: int = MOST_SPACED_BYTES) -> None:
    """Keep eight of the checkpoints spaced over a run, by their steps, or fewer where they are large: first, newest, even gaps.

    The one goes whose neighbours are closest to each other. Called after every checkpoint, this keeps the gaps alike within a
    factor of three, however long the run becomes.
    """
    left = sorted(spaced)
    total = sum(path.stat().st_size for path in spaced.values())
    while len(left) > 2 and (len(left) > MOST_SPACED or total > most_bytes):
        goes = min(range(1, len(left) - 1), key=lambda index: left[index + 1] - left[index - 1])
        path = spaced[left.pop(goes)]
        total -= path.stat().st_size
        path.unlink()


def _write(path: Path, state: dict[str, Any]) -> None:
    with path.open("wb") as file:
        try:
            torch.save(state, file)
        except RuntimeError as error:
            if isinstance(error.__context__, OSError):  # torch tells of its own confusion after a failed write
                raise error.__context__ from None
            raise
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint of tensors and plain values to the CPU (`weights_only=True`, so no code in it is run).

    DamagedCheckpoint where the file is not as it was written.
    """
    if not is_whole(path):
        raise DamagedCheckpoint(f"{path.name} is damaged and cannot be read")
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def load_first_whole(paths: Sequence[Path]) -> tuple[dict[str, Any], list[Path]]:
    """Read the first checkpoint that is whole, and say which before it are not; DamagedCheckpoint if all are damaged."""
    damaged: list[Path] = []
    for path in paths:
        try:
            return load_checkpoint(path), damaged
        except DamagedCheckpoint:
            damaged.append(path)
    raise DamagedCheckpoint(ALL_DAMAGED)
