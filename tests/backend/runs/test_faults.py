"""What a run outlives: kills at every moment, a full disk, a limit of memory; and what it says when it could not."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import torch
from support.damaged_files import cut_short, fill_disk, one_bit_turned, replaced_by_text, zeroed
from support.designs import plain_design, small_design
from support.faulty_trainers import DrawingTrainer, FillingTrainer, HoardingTrainer, KilledTrainer, ScoringTrainer
from support.live_runs import LONG, await_message, await_status, end_runs, make, messages, wait_until
from support.small_disk import small_disk
from torch._inductor.exc import InvalidCxxCompiler

from backend.errors import ALL_DAMAGED, DamagedCheckpoint, InvalidRequest
from backend.runs import launcher
from backend.runs.checkpoint_files import is_whole
from backend.runs.checkpoints import load_checkpoint, save_checkpoint
from backend.runs.executors import LocalExecutor
from backend.runs.failures import DISK_FULL
from backend.runs.run_folder import RunFolder
from backend.runs.trainer_process import failure_message
from backend.runs.training_manager import TrainingManager
from shared_py.analysis import analyse
from shared_py.estimation import estimate_memory
from shared_py.protocol import CheckpointCreated, RunStatus, RunStatusChanged
from shared_py.training_config import TrainConfig

SHORT = TrainConfig(total_steps=2048, n_envs=8, n_steps=8, minibatch_size=32, threads=1, checkpoint_every_s=1e-9)
"""32 rollouts, with a checkpoint after each"""
ENDS = {
    "rollout": ("failed", "killed by SIGKILL (out of memory?); resume to go on from the last checkpoint"),
    "saving": ("failed", "killed by SIGKILL (out of memory?); resume to go on from the last checkpoint"),
    "with its supervisor": ("interrupted", "the training process exited; resume to continue from the last checkpoint"),
}


@pytest.fixture
def manage(warm: None, tmp_path: Path) -> Iterator[Callable[..., TrainingManager]]:
    """Makes managers with options; their runs are ended with the test."""
    made = []

    def manage(root: Path = tmp_path, **options: Any) -> TrainingManager:
        made.append(make(root, **options))
        return made[-1]

    yield manage
    for manager in made:
        end_runs(manager)


def story(manager: TrainingManager, run_id: str) -> list[RunStatus]:
    """What a run has written of its status."""
    return [message.status for message in messages(manager, run_id) if isinstance(message, RunStatusChanged)]


def last_checkpoint(manager: TrainingManager, run_id: str) -> dict[str, Any]:
    """What a run has come to, without the clocks."""
    state = load_checkpoint(RunFolder(manager.run_folder(run_id)).checkpoint)
    return {name: part for name, part in state.items() if name not in ("elapsed_s", "processor_s")}


def assert_equal(left: Any, right: Any) -> None:
    """Bit by bit."""
    if isinstance(left, torch.Tensor):
        assert torch.equal(left, right)
    elif isinstance(left, dict):
        assert left.keys() == right.keys()
        for name in left:
            assert_equal(left[name], right[name])
    elif isinstance(left, list | tuple):
        for one, other in zip(left, right, strict=True):
            assert_equal(one, other)
    else:
        assert left == right


@pytest.fixture(scope="module")
def undisturbed(warm: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The last checkpoint of a run that nothing happened to."""
    manager = make(tmp_path_factory.mktemp("undisturbed"))
    run = manager.start(small_design(), SHORT)
    assert await_status(manager, run.id, "finished", "failed").status == "finished"
    manager.close()
    return last_checkpoint(manager, run.id)


@pytest.mark.parametrize("how", ENDS)
def test_a_killed_run_goes_on_bit_by_bit(manager: TrainingManager, undisturbed: dict[str, Any], how: str) -> None:
    manager.adopt_external_trainer(KilledTrainer(how))
    run = manager.start(small_design(), SHORT)
    ended = await_status(manager, run.id, "failed", "interrupted", "finished")
    assert (ended.status, ended.reason) == ENDS[how]
    folder = RunFolder(manager.run_folder(run.id))
    steps = load_checkpoint(folder.checkpoint)["steps"]
    assert 0 < steps < SHORT.total_steps
    if how == "saving":
        assert steps == 4 * SHORT.n_envs * SHORT.n_steps
        assert folder.checkpoint.with_suffix(".tmp").exists()
    manager.resume(run.id)
    assert await_status(manager, run.id, "failed", "interrupted", "finished").status == "finished"
    assert_equal(last_checkpoint(manager, run.id), undisturbed)
    assert not folder.checkpoint.with_suffix(".tmp").exists()


def test_an_executor_may_resume_a_run_that_was_lost(manage: Callable[..., TrainingManager], undisturbed: dict[str, Any]) -> None:
    manager = manage(executor=LocalExecutor(automatic_resumes=1))
    manager.adopt_external_trainer(KilledTrainer("with its supervisor"))
    run = manager.start(small_design(), SHORT)
    assert await_status(manager, run.id, "failed", "interrupted", "finished").status == "finished"
    statuses = [status for status, _ in groupby(story(manager, run.id))]  # phases of a running one aside
    assert statuses == ["queued", "running", "queued", "running", "finished"]
    reasons = [message.reason for message in messages(manager, run.id) if isinstance(message, RunStatusChanged)]
    assert "the process that followed its training is gone; resumed automatically (1 of 1)" in reasons
    assert_equal(last_checkpoint(manager, run.id), undisturbed)


@pytest.mark.parametrize("damage", [cut_short, zeroed, one_bit_turned, replaced_by_text])
def test_what_is_no_longer_as_it_was_written_is_damaged(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, {"model": {"weight": torch.randn(64, 64)}, "steps": 1})
    assert load_checkpoint(path)["steps"] == 1
    damage(path)
    with pytest.raises(DamagedCheckpoint, match=r"checkpoint.pt is damaged"):
        load_checkpoint(path)


def test_a_damaged_checkpoint_gives_way_to_the_one_before(manager: TrainingManager, undisturbed: dict[str, Any]) -> None:
    manager.adopt_external_trainer(KilledTrainer("saving"))
    run = manager.start(small_design(), SHORT)
    await_status(manager, run.id, "interrupted", "failed")
    folder = RunFolder(manager.run_folder(run.id))
    before = list(folder.spaced())[-2]
    one_bit_turned(folder.checkpoint)
    manager.resume(run.id)
    assert await_status(manager, run.id, "failed", "interrupted", "finished").status == "finished"
    lines = [line for line in messages(manager, run.id) if isinstance(line, RunStatusChanged)]
    told = [line.reason for line in lines if line.status == "running" and line.phase == "training"]
    assert told == [None, None, f"its newest checkpoint was damaged; it continues after {before:,} moves"]
    assert_equal(last_checkpoint(manager, run.id), undisturbed)
    assert all(is_whole(path) for path in folder.checkpoints())


@pytest.mark.parametrize(("is_best_damaged", "best"), [(False, 9.0), (True, 6.0)])
def test_the_best_outlives_a_damaged_checkpoint(manager: TrainingManager, is_best_damaged: bool, best: float) -> None:
    manager.adopt_external_trainer(ScoringTrainer(5.0, 9.0, 7.0, 6.0))
    run = manager.start(plain_design(), TrainConfig(total_steps=8))
    await_status(manager, run.id, "failed")
    folder = RunFolder(manager.run_folder(run.id))
    assert load_checkpoint(folder.best)["score"] == 9.0
    for path in (folder.checkpoint, folder.best)[: 1 + is_best_damaged]:
        one_bit_turned(path)
    manager.resume(run.id)
    assert await_status(manager, run.id, "finished", "failed").status == "finished"
    assert load_checkpoint(folder.checkpoint)["score"] == 6.0
    assert load_checkpoint(folder.checkpoint)["best_score"] == load_checkpoint(folder.best)["score"] == best


def test_a_run_whose_checkpoints_are_all_damaged_says_so(manager: TrainingManager) -> None:
    manager.adopt_external_trainer(KilledTrainer("saving"))
    run = manager.start(small_design(), SHORT)
    await_status(manager, run.id, "interrupted", "failed")
    folder = RunFolder(manager.run_folder(run.id))
    for path in folder.checkpoints():
        cut_short(path)
    manager.resume(run.id)
    failed = await_status(manager, run.id, "failed", "interrupted", "finished")
    assert (failed.status, failed.reason) == ("failed", ALL_DAMAGED)
    assert folder.checkpoint.exists()


def test_every_generator_goes_on(manager: TrainingManager) -> None:
    ends = []
    for is_killed in (False, True):
        manager.adopt_external_trainer(DrawingTrainer(is_killed))
        run = manager.start(plain_design(), TrainConfig(total_steps=8))
        ended = await_status(manager, run.id, "failed", "finished")
        if is_killed:
            assert ended.status == "failed"
            manager.resume(run.id)
            await_status(manager, run.id, "finished")
        ends.append(last_checkpoint(manager, run.id))
    assert_equal(*ends)


def test_checkpoints_are_spaced_over_the_run(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), SHORT)
    assert await_status(manager, run.id, "failed", "finished").status == "finished"
    folder = RunFolder(manager.run_folder(run.id))
    spaced = folder.spaced()
    assert len(spaced) == 8
    assert min(spaced) == SHORT.n_envs * SHORT.n_steps
    assert max(spaced) == SHORT.total_steps
    assert all(load_checkpoint(path)["steps"] == steps for steps, path in spaced.items())
    assert spaced[SHORT.total_steps].samefile(folder.checkpoint)


def test_a_full_disk_fails_the_run_until_there_is_space(manage: Callable[..., TrainingManager], tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as disk:
        manager = manage(disk)
        run = manager.start(plain_design(), LONG)
        await_message(manager, run.id, CheckpointCreated, 1)
        fill_disk(disk / "ballast")
        failed = await_status(manager, run.id, "failed", "interrupted")
        assert (failed.status, failed.reason) == ("failed", DISK_FULL)
        folder = RunFolder(manager.run_folder(run.id))
        assert load_checkpoint(folder.checkpoint)["steps"] > 0
        assert not folder.checkpoint.with_suffix(".tmp").exists()
        (disk / "ballast").unlink()
        manager.resume(run.id)
        wait_until(manager, lambda: manager.run(run.id).status == "running" and manager.run(run.id).steps > failed.steps)
        manager.stop(run.id)
        await_status(manager, run.id, "stopped")
        numbers = [message.seq for message in messages(manager, run.id)]
        assert numbers == list(range(1, len(numbers) + 1))


def test_an_end_for_which_there_is_no_room_is_told_and_written_later(
    manage: Callable[..., TrainingManager], tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 8) as disk:
        manager = manage(disk)
        manager.adopt_external_trainer(FillingTrainer(disk / "ballast"))
        run = manager.start(plain_design(), TrainConfig(total_steps=64))
        failed = await_status(manager, run.id, "failed", "interrupted", "finished")
        assert (failed.status, failed.reason) == ("failed", DISK_FULL)
        assert failed.ended_at is not None
        assert story(manager, run.id) == ["queued", "running"]
        with pytest.raises(OSError, match="No space left"):
            manager.resume(run.id)
        manager.poll_runs()
        assert manager.run(run.id).reason == DISK_FULL
        again = make(disk)
        again.poll_runs()
        assert (again.run(run.id).status, again.run(run.id).reason) == ("failed", DISK_FULL)
        (disk / "ballast").unlink()
        wait_until(manager, lambda: story(manager, run.id) == ["queued", "running", "failed"])
        manager.resume(run.id)
        assert await_status(manager, run.id, "failed", "finished").status == "finished"


@pytest.mark.parametrize("how", ["torch", "python"])
def test_a_run_that_takes_more_than_it_may_is_ended(manage: Callable[..., TrainingManager], how: str) -> None:
    manager = manage(executor=LocalExecutor(1, 200_000_000))
    manager.adopt_external_trainer(HoardingTrainer(how))
    run = manager.start(plain_design(), TrainConfig())
    failed = await_status(manager, run.id, "failed", "finished")
    assert failed.reason == "needs more memory than the 200 MB it may take; a smaller microbatch_size needs less"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            torch.OutOfMemoryError("CUDA out of memory"),
            "needs more memory than the GPU has; a smaller microbatch_size needs less",
        ),
        (
            RuntimeError("could not create a primitive"),
            "needs more memory than the 5 MB it may take; a smaller microbatch_size needs less",
        ),
        (OSError(errno.EDQUOT, "quota"), DISK_FULL),
        (InvalidCxxCompiler(), "this machine cannot prepare the network with torch.compile; set compile to never"),
        (FloatingPointError("a smaller rate may help"), "a smaller rate may help"),
        (KeyError("c4"), "KeyError: 'c4'; log.txt in the folder of the run says where"),
    ],
)
def test_every_error_is_a_sentence(error: Exception, sentence: str) -> None:
    assert failure_message(error, 5_000_000) == sentence


def test_a_run_within_its_limit_is_left_alone(manage: Callable[..., TrainingManager]) -> None:
    told = estimate_memory(analyse(small_design()).sizes, SHORT).training
    manager = manage(executor=LocalExecutor(1, told))
    run = manager.start(small_design(), SHORT)
    assert await_status(manager, run.id, "failed", "finished").status == "finished"


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [(60_000_000, r"may take 60 MB; a microbatch_size of \d+ fits"), (10_000_000, "a smaller network or rollout needs less")],
)
def test_what_cannot_fit_is_refused(manage: Callable[..., TrainingManager], limit: int, sentence: str) -> None:
    manager = manage(executor=LocalExecutor(1, limit))
    wide = TrainConfig(microbatch_size=4096, minibatch_size=4096, n_envs=128, n_steps=32)
    with pytest.raises(InvalidRequest, match=sentence):
        manager.start(small_design(), wide)
    assert manager.runs() == []


def test_a_run_whose_process_ends_before_its_first_line_is_not_started_again_and_again(
    manager: TrainingManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr(launcher, "_start_process", lambda tracked, lock, *_: (started.append(1), os.close(lock)))
    run = manager.start(plain_design(), LONG)
    failed = await_status(manager, run.id, "failed", "interrupted")
    assert failed.reason == "the training process exited without a message; resume to try again"
    assert started == [1]


def test_the_pending_end_of_a_run_whose_folder_is_missing_is_dropped(warm: None, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as disk:
        lost = make(disk)
        lost.adopt_external_trainer(FillingTrainer(disk / "ballast"))
        run = lost.start(plain_design(), TrainConfig(total_steps=64))
        await_status(lost, run.id, "failed", "interrupted", "finished")
        shutil.rmtree(lost.run_folder(run.id))
        wait_until(lost, lambda: lost._runs[run.id].pending_end is None)
        assert lost.run(run.id).status == "failed"
        lost.close()
