"""Writes and reads checkpoints: a file is complete or absent, and reading it runs no code from it."""

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import torch

from backend.errors import ALL_DAMAGED, DamagedCheckpoint
from backend.process.durable import sync_file, sync_folder
from backend.runs.checkpoint_files import SUMMARY, Summary, is_whole

COPY_CHUNK_BYTES = 1 << 20


def save_checkpoint(
    path: Path, state: dict[str, Any], also: Sequence[Path] = (), copies: Sequence[Path] = (), previous: Path | None = None
) -> None:
    """Write a checkpoint so that a crash leaves the old one or the new one.

    `also` are hard links to the same file; `copies` are real copies, so that damage to one file does not affect the others.
    The old file at `path` is moved to `previous`. For the first checkpoint of a run, `previous` is a copy, so that two
    independent files always exist. OSError if the disk is full; then nothing of the new checkpoint remains.
    """
    unfinished, kept = path.with_suffix(".tmp"), None
    if previous is not None and not path.exists():
        copies = [*copies, previous]
    copied = [copy.with_suffix(".copy") for copy in copies]
    try:
        _write(unfinished, state)
        for copy in copied:
            _copy(unfinished, copy)
        if previous is not None and path.exists():
            kept = _link(path, previous.with_suffix(".kept"))
    except BaseException:
        for written in (unfinished, *copied):
            written.unlink(missing_ok=True)
        raise
    for written, copy in zip(copied, copies, strict=True):
        written.replace(copy)
    for name in also:
        _link(unfinished, path.with_suffix(".link")).replace(name)
    unfinished.replace(path)
    if previous is not None and kept is not None:
        kept.replace(previous)
    sync_folder(path.parent)


def _link(path: Path, name: Path) -> Path:
    """Make `name` another name of the bytes at `path`."""
    name.unlink(missing_ok=True)
    os.link(path, name)
    return name


def _copy(path: Path, target: Path) -> None:
    """Copy by reading and writing, since other ways of copying may share blocks on disk."""
    with path.open("rb") as source, target.open("wb") as file:
        while piece := source.read(COPY_CHUNK_BYTES):
            file.write(piece)
    sync_file(target)


def _write(path: Path, state: dict[str, Any]) -> None:
    with path.open("wb") as file:
        try:
            torch.save(state, file)
        except RuntimeError as error:
            if isinstance(error.__context__, OSError):  # torch raises a second error after a failed write
                raise error.__context__ from None
            raise
    if "steps" in state:
        with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
            root = archive.namelist()[0].partition("/")[0]
            archive.writestr(f"{root}/{SUMMARY}", msgspec.json.encode(Summary(state["steps"], state.get("score"))))
    sync_file(path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint of tensors and plain values to the CPU (`weights_only=True`, so no code in it is run).

    DamagedCheckpoint if the file is damaged.
    """
    if not is_whole(path):
        raise DamagedCheckpoint(f"{path.name} is damaged and cannot be read")
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def load_first_whole(checkpoints: Sequence[Path]) -> tuple[dict[str, Any], list[Path]]:
    """Read the first checkpoint, or if it is damaged the one with the most moves; also returns the damaged ones.

    DamagedCheckpoint if all are.
    """
    damaged: list[Path] = []
    newest: dict[str, Any] | None = None
    for path in checkpoints:
        try:
            state = load_checkpoint(path)
        except DamagedCheckpoint:
            damaged.append(path)
            continue
        if newest is None or state["steps"] > newest["steps"]:
            newest = state
        if not damaged:
            break
    if newest is None:
        raise DamagedCheckpoint(ALL_DAMAGED)
    return newest, damaged
