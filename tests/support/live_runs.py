"""For tests that start real training processes: make a manager, wait for a status or a message, kill a trainer."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from backend.runs.run_folder import ACTIVE, RunFolder
from backend.runs.training_manager import TrainingManager
from shared_py.protocol import LiveMessage, Run, RunStatus
from shared_py.training_config import TrainConfig

LONG = TrainConfig(total_steps=10**9, n_envs=8, n_steps=8, minibatch_size=32, checkpoint_every_s=0.2)
LAUNCH_S = 60.0
DEADLINE_S = 240.0
_pace = threading.Event()


def wait_until(manager: TrainingManager, condition: Callable[[], bool]) -> None:
    """Poll the manager until a condition is true; fails when it takes four."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in four minutes"
        manager.poll_runs()
        _pace.wait(0.005)


def await_status(manager: TrainingManager, run_id: str, *statuses: RunStatus) -> Run:
    """The run, as soon as it has one of these statuses."""
    wait_until(manager, lambda: manager.run(run_id).status in statuses)
    return manager.run(run_id)


def messages(manager: TrainingManager, run_id: str) -> list[LiveMessage]:
    """All messages that a run has written."""
    return manager.read_messages(run_id, 0)[0]


def await_message(manager: TrainingManager, run_id: str, kind: type, count: int = 1) -> None:
    """Wait until a run has written so many messages of a kind."""
    wait_until(manager, lambda: sum(isinstance(message, kind) for message in messages(manager, run_id)) >= count)


def trainer_of(manager: TrainingManager, run_id: str) -> int:
    """The process id of a live run's trainer."""
    pid = RunFolder(manager.run_folder(run_id)).trainer_pid()
    assert pid is not None
    return pid


def make(root: Path, **options: Any) -> TrainingManager:
    """A manager of the runs below a folder."""
    return TrainingManager(root / "runs", root / "generated", **options)


def end_runs(manager: TrainingManager) -> None:
    """Close a manager, and kill every trainer that still runs or is about to start."""
    manager.close()
    for run in manager.runs():
        if run.status in ACTIVE:
            _kill_whoever_holds(RunFolder(manager.run_folder(run.id)))


def _kill_whoever_holds(folder: RunFolder) -> None:
    """Kill the trainer as soon as its process id is known: a process that is still starting holds the lock, but has no id."""
    deadline = time.monotonic() + LAUNCH_S
    while (lock := folder.take_lock()) is None:
        assert time.monotonic() < deadline, "a trainer could not be ended"
        kill_trainer(folder)
        time.sleep(0.01)
    os.close(lock)


def kill_trainer(folder: RunFolder) -> None:
    """Kill the run, if it still trains."""
    if (pid := folder.trainer_pid()) is not None:
        with suppress(ProcessLookupError):  # it has ended meanwhile
            os.kill(pid, signal.SIGKILL)
