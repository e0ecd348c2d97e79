"""Several processes that train one network: averaged gradients, the same result each time, stops, pauses, resumes and losses."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from support.designs import plain_design, small_design, template
from support.live_runs import await_message, await_status, end_runs, make, messages, trainer_of, wait_until

from backend.errors import InvalidRequest
from backend.runs.training_manager import TrainingManager
from backend.training.workers import seed_of
from shared_py.protocol import CheckpointCreated, TrainingUpdate
from shared_py.training_config import TrainConfig

pytestmark = pytest.mark.timeout(600)
SHORT = TrainConfig(
    total_steps=2048, n_envs=16, n_steps=16, minibatch_size=64, seed=5, threads=1, checkpoint_every_s=0.2, workers=2
)
TD = msgspec.structs.replace(SHORT, algorithm="afterstate_td", reward="log_points", gamma=0.99)
TESTS = Path(__file__).parents[2]
ENDED = ("finished", "failed", "stopped", "interrupted")


@pytest.fixture
def manager(tmp_path: Path) -> Any:
    manager = make(tmp_path)
    yield manager
    end_runs(manager)


def weights(manager: TrainingManager, run_id: str) -> dict[str, torch.Tensor]:
    state = torch.load(manager.run_folder(run_id) / "checkpoint.pt", weights_only=True)
    found: dict[str, torch.Tensor] = state["model"]
    return found


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


def others(trainer: int) -> list[int]:
    """The other processes of a run."""
    return [int(text) for text in Path(f"/proc/{trainer}/task/{trainer}/children").read_text().split()]


@pytest.mark.parametrize("config", [SHORT, TD], ids=["ppo", "td"])
def test_a_stop_and_a_pause_change_nothing(manager: TrainingManager, config: TrainConfig) -> None:
    """Every process continues exactly where it was, wherever in a rollout or an update that is."""
    longer = msgspec.structs.replace(config, total_steps=8192, update_epochs=3)
    whole = manager.start(small_design(), longer)
    assert await_status(manager, whole.id, *ENDED).status == "finished"
    run = manager.start(small_design(), longer)
    await_message(manager, run.id, CheckpointCreated)
    manager.pause(run.id)
    await_status(manager, run.id, "paused")
    manager.resume(run.id)
    await_status(manager, run.id, "running")
    manager.stop(run.id)
    stopped = await_status(manager, run.id, *ENDED)
    assert (stopped.status, stopped.reason) == ("stopped", None)
    assert stopped.steps < 8192
    manager.resume(run.id)
    assert await_status(manager, run.id, "finished", "failed").status == "finished"
    assert same(weights(manager, whole.id), weights(manager, run.id))
    updates = [message for message in messages(manager, run.id) if isinstance(message, TrainingUpdate)]
    assert updates[-1].steps == 8192
    assert all(update.processor_s is not None for update in updates)


def test_a_killed_process_ends_the_run_with_the_reason(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), msgspec.structs.replace(SHORT, total_steps=10**9))
    await_message(manager, run.id, CheckpointCreated)
    (other,) = others(trainer_of(manager, run.id))
    os.kill(other, signal.SIGKILL)
    failed = await_status(manager, run.id, *ENDED)
    assert failed.status == "failed"
    assert failed.reason is not None
    assert "a worker process killed by SIGKILL" in failed.reason
    assert failed.failure == "killed"


def test_the_others_end_with_the_trainer_and_listen_on_loopback_alone(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), msgspec.structs.replace(SHORT, total_steps=10**9, workers=4))
    await_message(manager, run.id, CheckpointCreated)
    trainer = trainer_of(manager, run.id)
    processes = [trainer, *others(trainer)]
    assert len(processes) == 4
    listening = [address for process in processes for address in listening_addresses(process)]
    assert set(listening) <= {"0100007F", "00000000000000000000000001000000"}, "127.0.0.1 or ::1"
    os.kill(trainer, signal.SIGKILL)
    assert await_status(manager, run.id, *ENDED).status in ("failed", "interrupted")
    wait_until(manager, lambda: not any(is_alive(process) for process in processes))


def listening_addresses(process: int) -> list[str]:
    """The addresses, as /proc shows them, on which a process listens."""
    sockets = {link.readlink().name for link in Path(f"/proc/{process}/fd").iterdir() if link.is_symlink()}
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                found.append(fields[1].partition(":")[0])
    return found


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"workers": 3}, "3 workers cannot share n_envs 16 evenly; take a multiple of 3"),
        ({"minibatch_size": 65}, "2 workers cannot share minibatch_size 65 evenly; take a multiple of 2"),
    ],
)
def test_what_cannot_be_shared_is_refused(manager: TrainingManager, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        manager.start(plain_design(), msgspec.structs.replace(SHORT, **change))
    assert refused.value.detail == sentence


def test_tables_are_trained_by_one_process(manager: TrainingManager) -> None:
    with pytest.raises(InvalidRequest, match="look-up tables is trained by one process"):
        manager.start(template("n_tuple_5"), msgspec.structs.replace(TD, workers=2))


def test_seeds_differ_by_process_and_are_those_of_the_run_alone() -> None:
    seeds = [seed_of(5, rank) for rank in range(8)]
    assert seeds[0] == 5
    assert len(set(seeds)) == 8
    assert seeds == [seed_of(5, rank) for rank in range(8)]
    assert seed_of(6, 1) != seeds[1]


def test_gradients_and_means_are_those_of_the_joined_batch() -> None:
    """Two processes with halves of a batch take the gradient that one process has of the whole."""
    command = [sys.executable, "-m", "support.averaged_gradients"]
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    ended = subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, timeout=240)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["averaged", "0"]
