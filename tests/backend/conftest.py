"""Servers and training managers for tests, and one thread.

On a busy machine several OpenMP threads wait for each other a hundred times longer than they compute.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from support.live_runs import end_runs, make
from support.server_thread import Served, serving

from backend.process.process import run_in_process
from backend.runs.training_manager import TrainingManager

torch.set_num_threads(1)


class _Lost(logging.Handler):
    """Collects what asyncio logs of errors that nobody has seen."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "never retrieved" in record.getMessage():
            self.messages.append(record.getMessage())


@pytest.fixture(autouse=True)
def lost_errors() -> Iterator[list[str]]:
    """Fail a test during which a task or future ended in an error that nobody has seen."""
    handler = _Lost()
    logging.getLogger("asyncio").addHandler(handler)
    try:
        yield handler.messages
    finally:
        logging.getLogger("asyncio").removeHandler(handler)
    assert handler.messages == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for a module; its tests make designs of their own."""
    with serving(tmp_path_factory.mktemp("data")) as client:
        yield client


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Served]:
    """A server with an empty database."""
    with serving(tmp_path / "data") as client:
        yield client


@pytest.fixture(scope="session")
def warm() -> None:
    """A fork server that has torch loaded."""
    run_in_process("support.process_functions:double", 1, timeout_s=120.0)


@pytest.fixture
def manager(warm: None, tmp_path: Path) -> Iterator[TrainingManager]:
    """A manager whose runs are ended with the test."""
    made = make(tmp_path)
    yield made
    end_runs(made)
