"""Runs in a Ray cluster of this machine: `make test-ray` runs these tests in a network namespace."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.designs import plain_design
from support.live_runs import LONG, await_message, await_status, end_runs, make, messages
from support.ray_cluster import CLIENT_PORT, ray_cluster, ray_marks

from backend.runs.executors import LocalExecutor, RayExecutor
from backend.runs.training_manager import TrainingManager
from shared_py.protocol import CheckpointCreated
from shared_py.training_config import TrainConfig

pytestmark = ray_marks()

SHORT = TrainConfig(total_steps=512, n_envs=16, n_steps=16, minibatch_size=64, seed=5, threads=1, checkpoint_every_s=0.2)
OF_THE_CLOCK = {"seq", "run_id", "elapsed_s", "processor_s", "steps_per_second", "at"}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with ray_cluster() as started:
        yield started


@pytest.fixture
def manager(cluster: Any, tmp_path: Path) -> Iterator[TrainingManager]:
    manager = make(tmp_path, executor=RayExecutor(cluster.address))
    yield manager
    end_runs(manager)


def figures(manager: TrainingManager, run_id: str) -> dict[str, Any]:
    """What a run has found out, without what depends on the clock: its test games, and the weights of its last checkpoint."""
    import torch

    state = torch.load(manager.run_folder(run_id) / "checkpoint.pt", weights_only=True)
    tests = [msgspec.to_builtins(message) for message in messages(manager, run_id) if message_type(message) == "evaluation"]
    return {
        "weights": {name: value.double().sum().item() for name, value in state["model"].items()},
        "steps": state["steps"],
        "score": state["score"],
        "tests": [{name: value for name, value in test.items() if name not in OF_THE_CLOCK} for test in tests],
    }


def test_a_run_through_a_ray_client_is_paused_continued_and_stopped(cluster: Any, tmp_path: Path) -> None:
    manager = make(tmp_path, executor=RayExecutor(f"ray://127.0.0.1:{CLIENT_PORT}"))
    try:
        run = manager.start(plain_design(), LONG)
        await_message(manager, run.id, CheckpointCreated)
        manager.pause(run.id)
        await_status(manager, run.id, "paused")
        manager.resume(run.id)
        await_status(manager, run.id, "running")
        manager.stop(run.id)
        stopped = await_status(manager, run.id, "stopped", "failed", "interrupted")
        assert (stopped.status, stopped.reason) == ("stopped", None)
    finally:
        end_runs(manager)


def message_type(message: Any) -> str:
    return str(msgspec.to_builtins(message)["type"])


def test_a_run_has_the_same_figures_as_on_the_server(manager: TrainingManager, tmp_path: Path) -> None:
    run = manager.start(plain_design(), SHORT)
    there = await_status(manager, run.id, "finished", "failed", "interrupted")
    assert (there.status, there.reason, there.steps) == ("finished", None, 512)
    assert [message.seq for message in messages(manager, run.id)] == list(range(1, len(messages(manager, run.id)) + 1))
    local = make(tmp_path / "local", executor=LocalExecutor())
    try:
        other = local.start(plain_design(), SHORT)
        assert await_status(local, other.id, "finished", "failed").status == "finished"
        assert figures(manager, run.id) == figures(local, other.id)
        ours, theirs = (
            {path.name for path in of.run_folder(name).iterdir()} for of, name in ((manager, run.id), (local, other.id))
        )
        assert ours == theirs
    finally:
        end_runs(local)
