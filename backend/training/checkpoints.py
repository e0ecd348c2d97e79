"""Checkpoints on disk: whole or not there, and read without running anything that is in them."""

import os
from pathlib import Path
from typing import Any

import torch


def save_checkpoint(path: Path, state: dict[str, Any], also: Path | None = None) -> None:
    """Write a checkpoint so that a crash leaves the old one or the new one; `also` names the same bytes a second time."""
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    if also is not None:
        second = also.with_suffix(".link")
        second.unlink(missing_ok=True)
        os.link(unfinished, second)
        second.rename(also)
    unfinished.rename(path)
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint of tensors and plain values to the CPU (`weights_only=True`, so no code in it is run)."""
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state
