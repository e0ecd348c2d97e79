"""One thread: on a busy machine several OpenMP threads wait for each other a hundred times longer than they work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from watching import end_runs, make

from backend.processes import run_in_process
from backend.training.training_manager import TrainingManager

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def warm() -> None:
    """A fork server that has torch loaded."""
    run_in_process("work:double", 1, timeout_s=120.0)


@pytest.fixture
def manager(warm: None, tmp_path: Path) -> Iterator[TrainingManager]:
    """A manager whose runs are ended with the test."""
    made = make(tmp_path)
    yield made
    end_runs(made)
