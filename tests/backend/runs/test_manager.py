"""Runs in real processes: start, watch, pause, stop, die, come back."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import torch
from support.designs import plain_design, small_design
from support.external_trainers import CountingTrainer, FailingTrainer
from support.live_runs import DEADLINE_S, LONG, await_message, await_status, make, messages, trainer_of, wait_until

from backend.errors import AlreadyExists, InvalidDesign, InvalidRequest, NotFound, RunNotActive
from backend.runs.trainer_process import NICENESS
from backend.runs.training_manager import TrainingManager
from backend.training.trainers import TRAINERS
from shared_py.design import ModelArchitecture
from shared_py.protocol import CheckpointCreated, RunStatusChanged, TrainingUpdate
from shared_py.training_config import AlgorithmName, TrainConfig


def test_a_run_from_start_to_stop(manager: TrainingManager, tmp_path: Path) -> None:
    run = manager.start(small_design(), LONG)
    assert (run.status, run.design_id, run.total_steps) == ("queued", "d0", LONG.total_steps)
    assert run.id.startswith("r")
    assert len(run.id) == 16
    await_message(manager, run.id, TrainingUpdate)
    await_message(manager, run.id, CheckpointCreated)
    update = next(message for message in messages(manager, run.id) if isinstance(message, TrainingUpdate))
    assert update.run_id == run.id
    assert update.moe is not None
    assert sum(update.moe.expert_usage) == pytest.approx(1)
    assert len(update.board_state) == 16
    manager.stop(run.id)
    stopped = await_status(manager, run.id, "stopped")
    assert stopped.steps > 0
    assert stopped.started_at is not None
    assert stopped.ended_at is not None
    folder = manager.run_folder(run.id)
    assert torch.load(folder / "checkpoint.pt", weights_only=True)["steps"] == stopped.steps
    assert (folder / "model.py").read_text() == (tmp_path / "generated" / "d0.py").read_text()
    assert [message.seq for message in messages(manager, run.id)] == list(range(1, len(messages(manager, run.id)) + 1))
    with pytest.raises(RunNotActive, match="stopped"):
        manager.stop(run.id)


def test_a_trainer_yields_to_others_also_where_sessions_share_the_time(manager: TrainingManager) -> None:
    run = manager.start(small_design(), LONG)
    await_message(manager, run.id, TrainingUpdate)
    pid = trainer_of(manager, run.id)
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
    group, own = Path(f"/proc/{pid}/autogroup"), Path("/proc/self/autogroup")
    if group.exists() and group.read_text():
        assert group.read_text().endswith(f"nice {NICENESS}\n")
        assert group.read_text().split()[:1] != own.read_text().split()[:1]


def test_updates_come_at_most_ten_times_a_second(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, TrainingUpdate, 8)
    manager.stop(run.id)
    await_status(manager, run.id, "stopped")
    times = [message.elapsed_s for message in messages(manager, run.id) if isinstance(message, TrainingUpdate)]
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 0.0999


def test_a_run_reaches_its_end(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), TrainConfig(total_steps=512, n_envs=16, n_steps=16, minibatch_size=64))
    finished = await_status(manager, run.id, "finished", "failed")
    assert (finished.status, finished.steps) == ("finished", 512)
    with pytest.raises(RunNotActive, match="finished"):
        manager.resume(run.id)


def test_pause_and_resume(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), LONG)
    with pytest.raises(RunNotActive, match=r"queued|running"):
        manager.resume(run.id)
    await_message(manager, run.id, TrainingUpdate)
    manager.pause(run.id)
    paused = await_status(manager, run.id, "paused")
    with pytest.raises(RunNotActive, match="paused"):
        manager.pause(run.id)
    count = len(messages(manager, run.id))
    assert manager.run(run.id).steps == paused.steps
    manager.resume(run.id)
    await_status(manager, run.id, "running")
    wait_until(manager, lambda: len(messages(manager, run.id)) > count + 1)
    manager.pause(run.id)
    await_status(manager, run.id, "paused")
    manager.stop(run.id)
    await_status(manager, run.id, "stopped")


def test_a_stopped_run_goes_on_from_its_checkpoint(manager: TrainingManager) -> None:
    run = manager.start(small_design(), LONG)
    await_message(manager, run.id, CheckpointCreated, 2)
    manager.stop(run.id)
    stopped = await_status(manager, run.id, "stopped")
    assert manager.resume(run.id).status == "queued"
    await_status(manager, run.id, "running")
    wait_until(manager, lambda: manager.run(run.id).steps > stopped.steps)
    updates = [message for message in messages(manager, run.id) if isinstance(message, TrainingUpdate)]
    assert [update.steps for update in updates] == sorted(update.steps for update in updates)
    assert manager.run(run.id).ended_at is None


def test_one_at_a_time_in_order(manager: TrainingManager) -> None:
    first, second, third = (manager.start(plain_design(), LONG) for _ in range(3))
    await_status(manager, first.id, "running")
    manager.poll_runs()
    assert [manager.run(run.id).status for run in (second, third)] == ["queued", "queued"]
    assert manager.stop(third.id).status == "stopped"
    manager.stop(first.id)
    await_status(manager, second.id, "running")
    assert manager.run(first.id).status == "stopped"
    assert [run.id for run in manager.runs()] == [third.id, second.id, first.id]


def test_a_paused_run_goes_on_when_there_is_room(manager: TrainingManager) -> None:
    first = manager.start(plain_design(), LONG)
    await_message(manager, first.id, TrainingUpdate)
    manager.pause(first.id)
    await_status(manager, first.id, "paused")
    second = manager.start(plain_design(), LONG)
    await_status(manager, second.id, "running")
    with pytest.raises(RunNotActive, match="another run"):
        manager.resume(first.id)
    manager.pause(second.id)
    await_status(manager, second.id, "paused")
    manager.resume(first.id)
    await_status(manager, first.id, "running")


def test_a_stop_right_after_the_start_is_heard(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), LONG)
    manager.stop(run.id)
    await_status(manager, run.id, "stopped")


def test_a_killed_trainer_is_told(manager: TrainingManager) -> None:
    run = manager.start(small_design(), LONG)
    await_message(manager, run.id, CheckpointCreated)
    os.kill(trainer_of(manager, run.id), signal.SIGKILL)
    failed = await_status(manager, run.id, "failed", "interrupted")
    assert (failed.status, failed.reason) == (
        "failed",
        "killed by SIGKILL (out of memory?); resume to go on from the last checkpoint",
    )
    manager.resume(run.id)
    wait_until(manager, lambda: manager.run(run.id).status == "running" and manager.run(run.id).steps > failed.steps)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("shape", "ValueError: the shape is wrong: shape; log.txt in the folder of the run says where"),
        ("segfault", "killed by SIGSEGV (a fault in a library); resume to begin again"),
        ("memory", "needs more memory than there is; a smaller microbatch_size needs less"),
    ],
)
def test_a_failing_trainer_fails_its_run_with_a_sentence(manager: TrainingManager, how: str, reason: str) -> None:
    manager.adopt_external_trainer(FailingTrainer(how))
    run = manager.start(plain_design(), LONG)
    failed = await_status(manager, run.id, "failed", "finished")
    assert (failed.status, failed.reason) == ("failed", reason)


def test_trainer_and_supervisor_gone_is_an_interruption(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, CheckpointCreated)
    trainer = trainer_of(manager, run.id)
    stat = Path(f"/proc/{trainer}/stat").read_text()
    supervisor = int(stat.rpartition(")")[2].split()[1])
    os.kill(supervisor, signal.SIGKILL)
    os.kill(trainer, signal.SIGKILL)
    interrupted = await_status(manager, run.id, "interrupted", "failed")
    assert interrupted.status == "interrupted"
    assert manager.resume(run.id).status == "queued"
    await_status(manager, run.id, "running")


def test_a_new_manager_finds_a_live_run_and_stops_it(manager: TrainingManager, tmp_path: Path) -> None:
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, TrainingUpdate)
    manager.close()
    second = make(tmp_path)
    assert second.run(run.id).status == "running"
    count = len(messages(second, run.id))
    wait_until(second, lambda: len(messages(second, run.id)) > count)
    second.stop(run.id)
    await_status(second, run.id, "stopped")
    with pytest.raises(AlreadyExists):
        second.start(plain_design(), LONG, run_id=run.id)


SERVER = """
import os, sys, time
from pathlib import Path
from support.designs import plain_design
from shared_py.training_config import TrainConfig
from backend.runs.training_manager import TrainingManager

def main():
    root = Path(sys.argv[1])
    manager = TrainingManager(root / "runs", root / "generated")
    manager.start(plain_design(), TrainConfig(total_steps=10**9, n_envs=8, n_steps=8, minibatch_size=32), run_id="r1")
    while not manager.run("r1").steps:
        manager.poll_runs()
        time.sleep(0.01)
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), 9)
    manager.close()

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("ending", ["kill", "exit"])
def test_a_run_outlives_its_server(tmp_path: Path, ending: str) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, script, tmp_path, ending], env=environment, check=False, timeout=DEADLINE_S)
    assert ended.returncode == (-9 if ending == "kill" else 0)
    manager = make(tmp_path)
    assert manager.run("r1").status == "running"
    count = len(messages(manager, "r1"))
    wait_until(manager, lambda: len(messages(manager, "r1")) > count + 2)
    manager.stop("r1")
    await_status(manager, "r1", "stopped")


def test_an_external_trainer_trains_and_goes_on(manager: TrainingManager, tmp_path: Path) -> None:
    manager.adopt_external_trainer(CountingTrainer(bias=1.0))
    config = TrainConfig(total_steps=64, n_envs=16)
    run = manager.start(plain_design(), config)
    assert await_status(manager, run.id, "finished", "failed").status == "finished"
    assert manager.run(run.id).steps == 64
    checkpoint = torch.load(manager.run_folder(run.id) / "best.pt", weights_only=True)
    assert checkpoint["trainer"] == {"steps": 64}
    assert checkpoint["model"]["block_c2.tiles.weight"].mean().item() == pytest.approx(4.0, abs=0.5)
    stranger = make(tmp_path)
    second = manager.start(plain_design(), TrainConfig(total_steps=10**9, n_envs=1))
    await_message(manager, second.id, TrainingUpdate)
    manager.stop(second.id)
    await_status(manager, second.id, "stopped")
    stranger = make(tmp_path)
    stranger.resume(second.id)
    refused = await_status(stranger, second.id, "failed", "running")
    assert refused.reason == "this run is trained by counting, which has not been registered"


@pytest.mark.parametrize("algorithm", TRAINERS)
def test_run_json_has_the_name_of_the_algorithm_that_trains(manager: TrainingManager, algorithm: AlgorithmName) -> None:
    run = manager.start(plain_design(), msgspec.structs.replace(LONG, algorithm=algorithm))
    written = json.loads((manager.run_folder(run.id) / "run.json").read_bytes())
    assert (written["trainer"], written["adopted"]) == (algorithm, False)


def test_a_run_of_an_older_version_that_says_ppo_for_afterstate_td_goes_on_as_afterstate_td(
    manager: TrainingManager, tmp_path: Path
) -> None:
    run = manager.start(plain_design(), msgspec.structs.replace(LONG, algorithm="afterstate_td"))
    await_message(manager, run.id, CheckpointCreated)
    manager.stop(run.id)
    stopped = await_status(manager, run.id, "stopped")
    path = manager.run_folder(run.id) / "run.json"
    written = json.loads(path.read_bytes())
    del written["adopted"]
    path.write_text(json.dumps(written | {"trainer": "ppo"}))
    later = make(tmp_path)
    later.resume(run.id)
    wait_until(later, lambda: later.run(run.id).steps > stopped.steps)
    assert later.run(run.id).status == "running"
    later.stop(run.id)
    await_status(later, run.id, "stopped")
    later.close()


@pytest.mark.parametrize("name", TRAINERS)
def test_no_external_trainer_has_the_name_of_a_built_in_one(manager: TrainingManager, name: str) -> None:
    trainer = CountingTrainer(bias=1.0)
    trainer.name = name
    with pytest.raises(InvalidRequest, match=f"may not be called '{name}'"):
        manager.adopt_external_trainer(trainer)


def test_a_fresh_model_is_a_new_run_of_the_same_design(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, TrainingUpdate)
    fresh = manager.reset_to_fresh_model(run.id)
    assert fresh.id != run.id
    assert (fresh.design_id, fresh.config, fresh.steps) == (run.design_id, run.config, 0)
    await_status(manager, run.id, "stopped")
    await_status(manager, fresh.id, "running")


def test_what_cannot_be_is_refused(manager: TrainingManager) -> None:
    with pytest.raises(InvalidDesign) as refused:
        manager.start(ModelArchitecture("d9"))
    assert refused.value.problems
    for call in (manager.run, manager.stop, manager.pause, manager.resume, manager.reset_to_fresh_model):
        with pytest.raises(NotFound):
            call("r404")
    assert manager.runs() == []


def test_leftovers_are_swept_and_strangers_left_alone(tmp_path: Path) -> None:
    (tmp_path / "runs" / ".r1.new").mkdir(parents=True)
    (tmp_path / "runs" / "notes").mkdir()
    (tmp_path / "runs" / ".snapshots").mkdir()
    (tmp_path / "runs" / ".DS_Store").touch()
    (tmp_path / "runs" / "damaged").mkdir()
    (tmp_path / "runs" / "damaged" / "run.json").write_text("{")
    (tmp_path / "runs" / "no_text").mkdir()
    (tmp_path / "runs" / "no_text" / "run.json").write_bytes(b'{"id": "\xff"}')
    assert make(tmp_path).runs() == []
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"notes", "damaged", "no_text", ".snapshots", ".DS_Store"}


def test_status_lines_tell_the_story(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, TrainingUpdate)
    manager.stop(run.id)
    await_status(manager, run.id, "stopped")
    story = [message.status for message in messages(manager, run.id) if isinstance(message, RunStatusChanged)]
    assert story == ["queued", "running", "stopped"]


def test_a_run_whose_folder_was_taken_away_fails_and_holds_up_nobody(manager: TrainingManager) -> None:
    lost = manager.start(small_design(), LONG)
    await_message(manager, lost.id, TrainingUpdate)
    pid = trainer_of(manager, lost.id)
    shutil.rmtree(manager.run_folder(lost.id))
    gone = await_status(manager, lost.id, "failed")
    assert gone.reason == "the files of this run are missing"
    stopped = manager.start(small_design(), LONG)
    await_message(manager, stopped.id, TrainingUpdate)
    manager.stop(stopped.id)
    await_status(manager, stopped.id, "stopped")
    shutil.rmtree(manager.run_folder(stopped.id))
    for run in (lost, stopped):
        with pytest.raises(RunNotActive, match="files of this run are missing; it cannot be resumed"):
            manager.resume(run.id)
    wait_until(manager, lambda: not Path(f"/proc/{pid}").exists())
    other = manager.start(small_design(), LONG)
    await_message(manager, other.id, TrainingUpdate)
    assert {run.id for run in manager.runs()} == {lost.id, stopped.id, other.id}


def test_a_damaged_line_is_passed_over(manager: TrainingManager, tmp_path: Path) -> None:
    run = manager.start(small_design(), LONG)
    await_message(manager, run.id, TrainingUpdate)
    with (manager.run_folder(run.id) / "metrics.jsonl").open("ab") as file:
        file.write(b'{"type":"training_upd\x00 \xff garbage\n')
    before = len(messages(manager, run.id))
    await_message(manager, run.id, TrainingUpdate, before + 1)
    again = make(tmp_path)
    assert again.run(run.id).status == "running"
    again.stop(run.id)
    await_status(again, run.id, "stopped")
    again.close()


def test_a_rollout_beyond_memory_is_refused(manager: TrainingManager) -> None:
    with pytest.raises(InvalidRequest, match="268,435,456 boards"):
        manager.start(small_design(), TrainConfig(n_envs=65_536, n_steps=4096))
    assert manager.runs() == []
