"""Checkpoints: whole or not there, spaced over the run, and with every random state in them."""

import itertools
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from backend.runs import checkpoint_files
from backend.runs.checkpoint_files import thin_out
from backend.runs.checkpoints import load_checkpoint, save_checkpoint
from backend.runs.random_state import random_states, restore_random_states, seed_all

STATE = {"weights": torch.arange(1000.0), "steps": 7}


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_all_names_are_of_the_same_bytes(tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("checkpoint.pt", "best.pt", "7.pt")]
    for _ in range(2):
        save_checkpoint(names[0], STATE, also=names[1:])
    assert files(tmp_path) == {"checkpoint.pt", "best.pt", "7.pt"}
    assert all(name.samefile(names[0]) for name in names)
    assert torch.equal(load_checkpoint(names[1])["weights"], STATE["weights"])


def test_what_a_crash_left_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    for leftover in ("checkpoint.tmp", "checkpoint.link"):
        (tmp_path / leftover).write_bytes(b"half")
    save_checkpoint(path, STATE, also=[tmp_path / "best.pt"])
    assert files(tmp_path) == {"checkpoint.pt", "best.pt"}
    assert load_checkpoint(tmp_path / "best.pt")["steps"] == 7


class FullFile:
    """A file on a disk that is full from the first byte on."""

    def __enter__(self) -> "FullFile":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, _: bytes) -> int:
        raise OSError(28, os.strerror(28))

    def flush(self) -> None:
        pass


def test_a_full_disk_is_told_as_one_and_leaves_the_old_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, STATE)

    def open_full(self: Path, mode: str) -> Any:
        self.touch()
        return FullFile()

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", open_full)
        with pytest.raises(OSError, match="No space left"):
            save_checkpoint(path, STATE | {"steps": 8})
    assert files(tmp_path) == {"checkpoint.pt"}
    assert load_checkpoint(path)["steps"] == 7


@pytest.mark.parametrize("pace", [lambda _: 1000, lambda draw: draw.randint(500, 1500)], ids=["even", "uneven"])
def test_spaced_ones_stay_few_and_even_however_long_the_run(tmp_path: Path, pace: Any) -> None:
    draw, steps, spaced = random.Random(1), 0, {}
    for _ in range(600):
        steps += pace(draw)
        spaced[steps] = tmp_path / f"{steps}.pt"
        spaced[steps].touch()
        thin_out(spaced)
        spaced = {steps: path for steps, path in spaced.items() if path.exists()}
        kept = list(spaced)
        assert kept[-1] == steps
        assert len(kept) <= 8
        gaps = [later - earlier for earlier, later in itertools.pairwise(kept[:-1])]
        assert not gaps or max(gaps) <= 3 * min(gaps)
    assert len(spaced) == 8


def test_large_ones_are_fewer(tmp_path: Path) -> None:
    spaced = {steps: tmp_path / f"{steps}.pt" for steps in range(1, 7)}
    for path in spaced.values():
        path.write_bytes(bytes(100))
    thin_out(spaced, most_bytes=350)
    assert files(tmp_path) == {"1.pt", "3.pt", "6.pt"}
    thin_out({steps: spaced[steps] for steps in (1, 3, 6)}, most_bytes=1)
    assert files(tmp_path) == {"1.pt", "6.pt"}


def draws() -> list[float]:
    return [random.gauss(), float(np.random.normal()), torch.randn(()).item()]


def test_every_generator_goes_on_where_it_stood(tmp_path: Path) -> None:
    seed_all(5)
    first = draws()
    save_checkpoint(tmp_path / "states.pt", random_states())
    expected = draws()
    seed_all(5)
    assert draws() == first
    seed_all(6)
    restore_random_states(load_checkpoint(tmp_path / "states.pt"))
    assert draws() == expected


def test_the_generators_of_cards_go_along(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus = {0: torch.tensor([1], dtype=torch.uint8), 1: torch.tensor([2], dtype=torch.uint8)}
    restored: dict[int, torch.Tensor] = {}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_rng_state_all", lambda: list(gpus.values()))
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda state, gpu: restored.update({gpu: state}))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    states = random_states()
    restore_random_states(states)
    assert restored == gpus
    restored.clear()
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    restore_random_states(states)
    assert list(restored) == [0]


@pytest.mark.parametrize("error", [PermissionError(13, "denied"), OSError(24, "too many open files"), MemoryError()])
def test_what_cannot_be_read_now_is_not_called_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, STATE)

    def fail(_: Path) -> None:
        raise error

    monkeypatch.setattr(checkpoint_files.zipfile, "ZipFile", fail)
    with pytest.raises(type(error)):
        checkpoint_files.is_whole(path)
