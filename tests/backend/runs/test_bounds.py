"""Limits on runs: how many wait, how long one trains, how full the disk may be."""

from pathlib import Path
from typing import Any

import pytest
from support.designs import plain_design
from support.live_runs import LONG, await_message, await_status, end_runs, make
from support.run_folders import write_run

from backend.errors import OutOfSpace, TooManyRuns
from backend.runs.capacity import RunBounds
from backend.runs.executors import LocalExecutor
from shared_py.protocol import TrainingUpdate

NO_SLOT: dict[str, Any] = {"executor": LocalExecutor(0)}


def test_a_run_too_many_to_wait_is_refused_until_one_is_stopped(tmp_path: Path) -> None:
    manager = make(tmp_path, bounds=RunBounds(max_queued=2), **NO_SLOT)
    first, _ = (manager.start(plain_design()) for _ in range(2))
    with pytest.raises(TooManyRuns, match=r"2 runs wait already.*--max-queued"):
        manager.start(plain_design())
    assert len(manager.runs()) == 2
    manager.stop(first.id)
    again = manager.start(plain_design())
    assert again.status == "queued"
    with pytest.raises(TooManyRuns):
        manager.resume(first.id)
    manager.stop(again.id)
    assert manager.resume(first.id).status == "queued"
    manager.close()


def test_a_run_that_ended_is_not_resumed_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(tmp_path / "runs", "r1", "running", "stopped")
    manager = make(tmp_path, bounds=RunBounds(free_disk_bytes=100), **NO_SLOT)
    usage = type("Usage", (), {"free": 99, "total": 2000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(OutOfSpace):
        manager.resume("r1")
    usage.free = 100
    assert manager.resume("r1").status == "queued"
    manager.close()


def test_a_small_disk_is_never_too_full_by_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 60, "total": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    RunBounds(free_disk_bytes=1_000_000_000).refuse(tmp_path, 0)
    usage.free = 49
    with pytest.raises(OutOfSpace):
        RunBounds(free_disk_bytes=1_000_000_000).refuse(tmp_path, 0)


@pytest.mark.usefixtures("warm")
def test_a_run_that_holds_its_slot_for_too_long_is_stopped_and_can_go_on(tmp_path: Path) -> None:
    """Without a limit a run with `total_steps: 10**10` occupied the only slot for days."""
    manager = make(tmp_path, bounds=RunBounds(max_run_s=3.0))
    try:
        run, behind = manager.start(plain_design(), LONG), manager.start(plain_design("d2"), LONG)
        stopped = await_status(manager, run.id, "stopped")
        assert stopped.reason == "it trained for 0.000833333 hours, the limit of this server (--max-run-hours); resume to go on"
        assert stopped.failure is None
        await_status(manager, behind.id, "running")
        manager.stop(behind.id)
        await_status(manager, behind.id, "stopped")
        assert manager.run(behind.id).reason is None
        manager.resume(run.id)
        await_status(manager, run.id, "running")
        await_message(manager, run.id, TrainingUpdate)
        manager.stop(run.id)
        assert await_status(manager, run.id, "stopped").reason is None, "a person stopped it this time"
    finally:
        end_runs(manager)
