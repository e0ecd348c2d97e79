"""Runs in a Ray cluster of this machine: `make test-ray` runs these tests in a network namespace."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.designs import plain_design
from support.live_runs import await_status, end_runs, make, messages
from support.ray_cluster import can_run, ray_cluster

from backend.runs.executors import LocalExecutor, RayExecutor
from backend.runs.training_manager import TrainingManager
from shared_py.training_config import TrainConfig

pytestmark = pytest.mark.skipif(not can_run(), reason="needs Ray in a network namespace: make test-ray")

SHORT = TrainConfig(total_steps=512, n_envs=16, n_steps=16, minibatch_size=64, seed=5, threads=1, checkpoint_every_s=0.2)
OF_THE_CLOCK = {"seq", "run_id", "elapsed_s", "steps_per_second", "at"}


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
