"""What many runs cost: a tick depends on those that are active, whatever else lies in the folder. Counted in system calls."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from support.designs import plain_design
from support.run_folders import write_run
from support.server_parts import Inside, inside

from backend.runs.executors import LocalExecutor
from backend.runs.training_manager import TrainingManager
from shared_py.training_config import TrainConfig

SYSTEM_MODULES = {"posix", "_io", "io", "fcntl"}


def system_calls(work: Callable[[], Any]) -> int:
    """How many functions of the operating system some work calls in this thread."""
    count = 0

    def note(_frame: FrameType, event: str, called: Any) -> None:
        nonlocal count
        if event == "c_call":
            owner = getattr(called, "__module__", None) or type(getattr(called, "__self__", None)).__module__
            count += owner in SYSTEM_MODULES

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def cost_of_a_tick(root: Path, ended: int, active: int) -> int:
    """Calls of one poll of the ingest loop once everything has been read, without those of the database."""
    locks = []
    for number in range(ended):
        write_run(root / "runs", f"re{number}", "running", "stopped")
    for number in range(active):
        folder = write_run(root / "runs", f"ra{number}", "running")
        locks.append(folder.take_lock())

    async def story(parts: Inside) -> int:
        for _ in range(3):
            await parts.poll_once()

        def tick() -> None:
            parts.manager.poll_runs()
            assert parts.run_service._tail.read(parts.manager.read_messages, parts.manager.changed_runs()) == []
            parts.manager.active_runs()

        return system_calls(tick)

    cost: int = inside(root, story)
    return cost


def test_a_tick_costs_nothing_for_runs_that_have_ended(tmp_path: Path) -> None:
    costs = [cost_of_a_tick(tmp_path / f"ended{ended}", ended, 1) for ended in (0, 5, 60)]
    assert costs[0] == costs[1] == costs[2] > 0
    assert cost_of_a_tick(tmp_path / "none", 60, 0) == 0
    assert cost_of_a_tick(tmp_path / "three", 5, 3) == 3 * costs[0]


def test_to_enqueue_a_run_costs_the_same_behind_many_others(tmp_path: Path) -> None:
    manager = TrainingManager(tmp_path / "runs", tmp_path / "generated", executor=LocalExecutor(0))
    costs = []
    for name in [f"r{number}" for number in range(100, 160)]:
        costs.append(system_calls(lambda run_id=name: manager.start(plain_design(), TrainConfig(), run_id=run_id)))
    assert len(set(costs[1:])) == 1
    assert system_calls(manager.poll_runs) == 0


def test_the_list_of_runs_reads_no_files_of_those_that_have_ended(tmp_path: Path) -> None:
    for number in range(5):
        write_run(tmp_path / "runs", f"r{number}", "stopped")
    manager = TrainingManager(tmp_path / "runs", tmp_path / "generated")
    assert len(manager.runs()) == 5
    assert system_calls(manager.runs) == 0
