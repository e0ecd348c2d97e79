"""The other processes of a run that several train together: started by the trainer, and ended with it."""

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from backend.process.process import die_with
from backend.runs.malloc import Heap
from backend.runs.process_setup import limit_to_estimate, network_of, training_threads
from backend.runs.random_state import seed_all
from backend.runs.run_folder import RunFolder
from backend.training.trainers import TRAINERS
from backend.training.workers import Workers, seed_of
from shared_py.estimation import share_of_worker
from shared_py.training_config import TrainConfig

STORE = "store"
TIDY_EVERY_S = 0.5


def start_workers(size: int, work: Callable[[int, Path], None]) -> tuple[Path, list[int]]:
    """Fork processes of the ranks from 1 on, which call `work` with their rank and the file through which they find each other.

    Returns that file and their ids. Call it before torch has computed anything: its threads do not survive a fork.
    """
    store = Path(tempfile.mkdtemp(prefix="model-studio-workers-")) / STORE
    parent, started = os.getpid(), []
    for rank in range(1, size):
        child = os.fork()
        if child == 0:
            _work(parent, rank, store, work)
        started.append(child)
    return store, started


def _work(parent: int, rank: int, store: Path, work: Callable[[int, Path], None]) -> None:
    code = 1
    try:
        die_with(parent)
        # the lock of the run and the pipe to its supervisor are of the trainer alone
        os.closerange(3, 4096)
        work(rank, store)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


class Silent:
    """The report and the control of a process other than the trainer's: it says nothing, and stops when the trainer says so."""

    def __init__(self, heap: Heap) -> None:
        self._heap, self._tidy_at_s = heap, 0.0

    def due(self) -> bool:
        """Never."""
        return False

    def poll(self, before_pause: Callable[[], None] | None = None) -> bool:
        """Never stops by itself; here the heap is kept near its estimate."""
        if time.monotonic() >= self._tidy_at_s:
            self._tidy_at_s = time.monotonic() + TIDY_EVERY_S
            self._heap.tidy()
        return False

    def loss(self, loss: float) -> None:
        """Reported by the trainer."""

    def update(self, metrics: Any) -> None:
        """Reported by the trainer."""

    def phase(self, phase: Any) -> None:
        """Reported by the trainer."""

    def checkpoint(self, steps: int, score: float | None) -> None:
        """Stored by the trainer."""

    def evaluation(self, evaluation: Any) -> None:
        """Reported by the trainer."""

    def evaluation_progress(self, games_done: int, games: int, board: Sequence[int]) -> None:
        """Reported by the trainer."""


def follow(folder: RunFolder, rank: int, size: int, store: Path, memory_limit_bytes: int | None) -> None:
    """Train together with the process of rank 0, which sends the settings, until it says that the run ends."""
    workers = Workers(rank, size, store)
    config: TrainConfig = workers.hand_out(None)
    torch.set_num_threads(training_threads(config))
    heap = limit_to_estimate(folder, share_of_worker(config), memory_limit_bytes)
    seed_all(seed_of(config.seed, rank))
    trainer = TRAINERS[config.algorithm]()
    trainer.workers = workers
    trainer.follow(network_of(folder, rank), config, Silent(heap), Silent(heap))
