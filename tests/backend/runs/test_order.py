"""The order of runs is that in which they were asked for, also where the clock was set back meanwhile."""

import itertools
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import torch
from support.designs import plain_design
from support.run_folders import write_run
from support.server_thread import serving

from backend.machine import service as machine_desk
from backend.machine.service import Speed, surroundings
from backend.runs import launcher, training_manager
from backend.runs.executors import LocalExecutor
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder
from backend.runs.training_manager import TrainingManager
from shared_py.protocol import CheckpointCreated
from shared_py.training_config import TrainConfig

TODAY, A_YEAR_AGO = "2026-11-29T12:00:00.000+00:00", "2025-11-29T12:00:00.000+00:00"


def manager_of(root: Path, **options: Any) -> TrainingManager:
    return TrainingManager(root / "runs", root / "generated", **options)


def test_runs_asked_for_after_the_clock_was_set_back_are_the_newest_and_wait_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = manager_of(tmp_path, executor=LocalExecutor(0))
    monkeypatch.setattr(training_manager, "now", lambda: TODAY)
    first = manager.start(plain_design(), TrainConfig())
    monkeypatch.setattr(training_manager, "now", lambda: A_YEAR_AGO)
    second, third = (manager.start(plain_design(), TrainConfig()) for _ in range(2))
    assert second.created_at < first.created_at
    newest_first = [third.id, second.id, first.id]
    assert [run.id for run in manager.runs()] == newest_first
    launched: list[str] = []

    def start_process(tracked: Any, lock: int, *_: Any) -> None:
        launched.append(tracked.request.id)
        os.close(lock)

    monkeypatch.setattr(launcher, "_start_process", start_process)
    restarted = manager_of(tmp_path)
    assert [run.id for run in restarted.runs()] == newest_first
    for _ in range(2 * len(newest_first)):  # each start takes one call, noticing that its process is gone at most one more
        restarted.poll_runs()
        restarted.close()
    assert launched == newest_first[::-1]


def test_runs_of_older_versions_come_before_all_others_by_their_clock(tmp_path: Path) -> None:
    write_run(tmp_path / "runs", "rold2", "stopped", created_at=TODAY)
    write_run(tmp_path / "runs", "rold1", "stopped", created_at=A_YEAR_AGO)
    old = tmp_path / "runs" / "rold1" / "run.json"
    old.write_bytes(old.read_bytes().replace(b',"sequence":0', b""))
    manager = manager_of(tmp_path, executor=LocalExecutor(0))
    new = manager.start(plain_design(), TrainConfig())
    assert [run.id for run in manager.runs()] == [new.id, "rold2", "rold1"]
    assert [run.id for run in manager_of(tmp_path, executor=LocalExecutor(0)).runs()] == [new.id, "rold2", "rold1"]
    assert RunFolder(tmp_path / "runs" / new.id).request.sequence == 1


def test_an_export_takes_the_run_that_was_asked_for_last(tmp_path: Path) -> None:
    for sequence, created_at in ((1, TODAY), (2, A_YEAR_AGO)):
        folder = write_run(tmp_path / "runs", f"r{sequence}", "stopped", created_at=created_at, sequence=sequence)
        torch.save({"model": {}, "steps": 100, "score": None}, folder.checkpoint)
    with serving(tmp_path) as server:
        answer = server.get("/api/designs/d1/export?fmt=py")
        assert answer.status_code == 200
        assert "-r2-last-100.py" in answer.headers["content-disposition"]


def write_checkpoint(path: Path) -> None:
    """An archive that is whole; its content is not looked at."""
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data", b"weights")


@pytest.mark.parametrize("best", [100, 300])
def test_checkpoints_go_by_their_moves_and_not_by_the_time_of_their_files(tmp_path: Path, best: int) -> None:
    folder = write_run(tmp_path, "r1", "running")
    with Journal(folder, folder.request) as journal:
        for steps in (100, 200, 300, 400):
            journal.write(CheckpointCreated(0, "", steps, 9.0 if steps == best else 5.0))
    spaced = {steps: folder.spaced_at(steps) for steps in (100, 200, 400)}
    for age_days, path in enumerate((spaced[100], folder.best, spaced[200], spaced[400])):
        write_checkpoint(path)
        moment = datetime(2026, 11, 29, tzinfo=UTC) - timedelta(days=age_days)
        os.utime(path, (moment.timestamp(), moment.timestamp()))
    found = folder.checkpoints()
    steps_of = {path: steps for steps, path in spaced.items()} | {folder.best: best}
    assert len(found) == 4
    assert all(steps_of[earlier] >= steps_of[later] for earlier, later in itertools.pairwise(found))
    write_checkpoint(folder.checkpoint)
    assert folder.checkpoints() == [folder.checkpoint, *found]


@pytest.mark.parametrize(
    ("age", "is_fresh"), [(timedelta(days=1), True), (timedelta(days=31), False), (timedelta(days=-300), False)]
)
def test_a_speed_measured_in_the_future_of_a_clock_that_was_set_back_is_measured_again(age: timedelta, is_fresh: bool) -> None:
    measured_at = (datetime.now(UTC) - age).isoformat()
    assert machine_desk._is_fresh(Speed(1.0, 1.0, measured_at, surroundings())) is is_fresh
