"""Train longer: a run that has ended continues from its last checkpoint, as the same run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.designs import plain_design
from support.live_runs import LONG, await_message, await_status, end_runs, make, messages
from support.run_folders import write_run
from support.trained_runs import make_run

from backend.errors import RunNotActive
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder
from backend.runs.tracked_run import NO_CHECKPOINT
from backend.runs.training_manager import TrainingManager
from shared_py.protocol import CheckpointCreated, RunStatusChanged, TrainingUpdate
from shared_py.training_config import TrainConfig

SHORT = TrainConfig(total_steps=512, n_envs=16, n_steps=16, minibatch_size=64, learning_rate=1e-3, final_learning_rate=0.0)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[TrainingManager]:
    manager = make(tmp_path)
    yield manager
    end_runs(manager)


def test_a_finished_run_goes_on_from_its_last_checkpoint_by_the_schedule_of_the_longer_run(
    manager: TrainingManager, tmp_path: Path
) -> None:
    run = manager.start(plain_design(), SHORT)
    await_status(manager, run.id, "finished")
    count = len(messages(manager, run.id))
    longer = manager.resume(run.id, total_steps=1024)
    assert (longer.id, longer.status, longer.total_steps, longer.steps) == (run.id, "queued", 1024, 512)
    assert longer.config["total_steps"] == 1024
    finished = await_status(manager, run.id, "finished", "failed")
    assert (finished.status, finished.steps, finished.saved_steps) == ("finished", 1024, 1024)
    written = messages(manager, run.id)[count:]
    updates = [message for message in written if isinstance(message, TrainingUpdate)]
    assert {update.total_steps for update in updates} == {1024}
    assert min(update.steps for update in updates) > 512
    assert max(update.learning_rate for update in updates) <= SHORT.learning_rate / 2
    assert {message.total_steps for message in written if isinstance(message, RunStatusChanged)} == {1024}
    assert make(tmp_path).run(run.id).total_steps == 1024
    assert RunFolder(manager.run_folder(run.id)).request.config.total_steps == 512


def test_a_stopped_run_is_given_more_moves_and_keeps_them_when_it_is_stopped_again(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), LONG)
    for total in (2 * LONG.total_steps, 3 * LONG.total_steps):
        await_message(manager, run.id, CheckpointCreated, 2)
        manager.stop(run.id)
        await_status(manager, run.id, "stopped")
        assert manager.resume(run.id, total_steps=total).total_steps == total
        await_status(manager, run.id, "running")
    manager.stop(run.id)
    assert await_status(manager, run.id, "stopped").total_steps == 3 * LONG.total_steps
    manager.resume(run.id)
    assert await_status(manager, run.id, "running").total_steps == 3 * LONG.total_steps


def test_more_moves_are_refused_with_the_reason(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    write_run(runs, "r1", "running", "finished", config=SHORT)
    folder = make_run(runs / "r2", config=SHORT)
    with Journal(folder, folder.request) as journal:
        journal.status("finished")
    manager = make(tmp_path)
    with pytest.raises(RunNotActive, match=NO_CHECKPOINT):
        manager.resume("r1", total_steps=1024)
    with pytest.raises(RunNotActive, match="has 512 moves already"):
        manager.resume("r2", total_steps=512)
    with pytest.raises(RunNotActive, match="finished and cannot be resumed"):
        manager.resume("r2")
    assert [run.status for run in manager.runs()] == ["finished", "finished"]


def test_an_active_run_is_given_no_more_moves(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), LONG)
    await_status(manager, run.id, "running")
    manager.pause(run.id)
    await_status(manager, run.id, "paused")
    with pytest.raises(RunNotActive, match="is paused and cannot be resumed"):
        manager.resume(run.id, total_steps=2 * LONG.total_steps)
