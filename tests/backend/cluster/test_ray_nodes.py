"""Nodes of a Ray cluster that are lost, full, or of another version; `make test-ray` runs these tests in a network namespace."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.designs import plain_design
from support.live_runs import LONG, await_message, await_status, end_runs, make, messages, wait_until
from support.ray_cluster import ray_cluster, ray_marks, trainers_on_nodes, workers_on_nodes

from backend.runs.executors import RayExecutor
from backend.runs.run_folder import RunFolder
from backend.runs.training_manager import TrainingManager
from shared_py.protocol import CheckpointCreated, RunStatusChanged

pytestmark = ray_marks()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with ray_cluster(processors=0) as started:
        yield started


@pytest.fixture
def manager(cluster: Any, tmp_path: Path) -> Iterator[TrainingManager]:
    manager = make(tmp_path, executor=RayExecutor(cluster.address))
    yield manager
    end_runs(manager)


@pytest.fixture
def nodes(cluster: Any) -> Iterator[list[Any]]:
    """The nodes of one test, which are removed after it."""
    added: list[Any] = []
    yield added
    for node in added:
        if node in cluster.worker_nodes:
            cluster.remove_node(node, allow_graceful=False)


def reasons(manager: TrainingManager, run_id: str) -> list[str]:
    return [line.reason for line in messages(manager, run_id) if isinstance(line, RunStatusChanged) and line.reason]


def numbers(manager: TrainingManager, run_id: str) -> list[int]:
    return [message.seq for message in messages(manager, run_id)]


def test_a_run_continues_on_another_node(cluster: Any, manager: TrainingManager, nodes: list[Any], tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    nodes.append(cluster.add_node(num_cpus=1, env_vars={"TMPDIR": str(temporary)}))
    run = manager.start(plain_design(), LONG)
    waiting = manager.start(plain_design(), LONG)
    await_message(manager, run.id, CheckpointCreated)
    wait_until(manager, lambda: manager.run(waiting.id).reason == "waits for a processor: all of the cluster are in use")
    assert manager.stop(waiting.id).status in ("queued", "stopped")
    await_status(manager, waiting.id, "stopped")
    manager.pause(run.id)
    await_status(manager, run.id, "paused")
    manager.resume(run.id)
    await_status(manager, run.id, "running")

    before = trainers_on_nodes()
    assert len(before) == 2, "a supervisor and a trainer"
    assert any(temporary.glob("model-studio-run-*"))
    nodes.append(cluster.add_node(num_cpus=1))
    cluster.remove_node(nodes[0], allow_graceful=False)
    wait_until(manager, lambda: any("resumed automatically (1 of 3)" in reason for reason in reasons(manager, run.id)))
    wait_until(manager, lambda: not trainers_on_nodes() & before)
    wait_until(manager, lambda: not any(temporary.glob("model-studio-run-*")))
    saved = manager.run(run.id).steps
    await_status(manager, run.id, "running")
    wait_until(manager, lambda: manager.run(run.id).steps > saved)
    assert numbers(manager, run.id) == list(range(1, len(numbers(manager, run.id)) + 1))

    manager.stop(run.id)
    stopped = await_status(manager, run.id, "stopped", "failed", "interrupted")
    assert (stopped.status, stopped.reason) == ("stopped", None)
    summary = RunFolder(manager.run_folder(run.id)).summary(manager.run_folder(run.id) / "checkpoint.pt")
    assert summary is not None
    assert summary.steps == stopped.steps


def test_a_run_whose_only_node_is_lost_is_interrupted(cluster: Any, manager: TrainingManager, nodes: list[Any]) -> None:
    nodes.append(cluster.add_node(num_cpus=1))
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, CheckpointCreated)
    cluster.remove_node(nodes[0], allow_graceful=False)
    lost = await_status(manager, run.id, "interrupted", "failed", "stopped")
    assert lost.status == "interrupted"
    assert lost.reason is not None
    assert re.match(r"its (node|worker) .*, and no other node can take the run;", lost.reason)
    assert "no other node can take the run; resume to continue from the last checkpoint" in lost.reason


def test_a_killed_worker_is_replaced(cluster: Any, manager: TrainingManager, nodes: list[Any]) -> None:
    nodes.append(cluster.add_node(num_cpus=1))
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, CheckpointCreated)
    (worker,) = workers_on_nodes()
    os.kill(worker, signal.SIGKILL)
    wait_until(manager, lambda: any("resumed automatically (1 of 3)" in reason for reason in reasons(manager, run.id)))
    await_status(manager, run.id, "running")


def test_a_worker_with_another_version_is_refused(
    cluster: Any, manager: TrainingManager, nodes: list[Any], tmp_path: Path
) -> None:
    other = tmp_path / "other" / "torch-1.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 1.0\n")
    nodes.append(cluster.add_node(num_cpus=1, env_vars={"PYTHONPATH": f"{other.parent}:{os.environ['PYTHONPATH']}"}))
    wait_until(manager, lambda: not trainers_on_nodes())  # of the test before
    run = manager.start(plain_design(), LONG)
    refused = await_status(manager, run.id, "failed", "interrupted", "running")
    assert refused.status == "failed"
    assert refused.reason is not None
    assert "has torch 1.0 where this server has torch 2" in refused.reason
    assert not trainers_on_nodes()
