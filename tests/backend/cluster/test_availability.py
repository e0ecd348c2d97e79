"""What the server says where a cluster cannot be used; nothing here needs Ray."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from support.run_folders import write_run

from backend.cluster.availability import ClusterUnavailable, require_ray
from backend.cluster.connection import connect, sentence_for_failure
from backend.cluster.opening import with_cluster
from backend.cluster.resources import Needs, fits_some_node, needs_of, reason_to_wait, threads_on_node
from backend.cluster.worker import installed_versions
from backend.runs.executors import MAX_AUTOMATIC_RESUMES, RayExecutor, count_automatic_resume
from backend.settings import Settings
from shared_py.training_config import TrainConfig

NEEDS = Needs(processors=2, gpus=1, memory_bytes=1_000_000_000)


def node(alive: bool = True, **resources: float) -> dict[str, object]:
    return {"Alive": alive, "Resources": resources}


def test_without_ray_the_start_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ClusterUnavailable, match=r"pip install 'model-studio\[ray\]'"):
        with_cluster(Settings(executor="ray"))
    assert with_cluster(Settings()) == Settings()


@pytest.mark.parametrize("address", ["here", "ray://", "ray://head", "head:port", ""])
def test_a_malformed_address_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.cluster.connection.require_ray", lambda: None)
    with pytest.raises(ClusterUnavailable, match="--ray-address is auto, local, ray://host:port or host:port"):
        connect(address)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Token authentication is enabled but no authentication token was found. Ensure",
            "wants a token, and there is none here",
        ),
        ("Unauthenticated: RPC error: InvalidAuthToken", "head:6379 does not admit this server, as where its token"),
        ("Version mismatch: The cluster was started with:\n Ray: 2.59.0", "different versions of Ray or Python"),
        ("Failed to connect to Ray cluster", "does not admit this server"),
        ("something else", "cannot be used (something else): check --ray-address"),
    ],
)
def test_each_failure_has_its_sentence(text: str, sentence: str) -> None:
    assert sentence in sentence_for_failure(RuntimeError(text), "head:6379")


def test_the_server_does_not_import_ray() -> None:
    code = "import sys, backend.app, backend.cli, backend.serve; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_reason_to_wait_names_what_is_missing() -> None:
    large = node(CPU=4, GPU=1, memory=2e9)
    free = {"CPU": 4, "GPU": 1, "memory": 2e9}
    assert reason_to_wait(NEEDS, [large], free | {"GPU": 0}) == "waits for a GPU: all of the cluster are in use"
    assert reason_to_wait(NEEDS, [large], free | {"CPU": 1}) == "waits for 2 processors: all of the cluster are in use"
    assert reason_to_wait(NEEDS, [large], free | {"memory": 1}) == "waits for 1,000 MB of memory: all of the cluster are in use"
    assert reason_to_wait(NEEDS, [large], free) == "waits for a place on a node of the cluster"
    small = node(CPU=1, GPU=1, memory=2e9)
    reason = "waits for a larger node: it needs 2 processors, and no node has more than a processor"
    assert reason_to_wait(NEEDS, [small, node(alive=False, CPU=8, GPU=1, memory=2e9)], free) == reason
    assert fits_some_node(NEEDS, [small, large])
    assert not fits_some_node(NEEDS, [small, node(alive=False, CPU=8, GPU=1, memory=2e9)])


def test_a_run_asks_for_its_threads_its_memory_and_a_gpu_where_there_is_one(tmp_path: Path) -> None:
    folder = write_run(tmp_path, "r1")
    plain = needs_of(folder, TrainConfig(), {"CPU": 8})
    assert (plain.processors, plain.gpus) == (1, 0)
    assert plain.options == {"num_cpus": 1, "num_gpus": 0, "memory": plain.memory_bytes}
    wide = needs_of(folder, TrainConfig(threads=4, n_envs=4096), {"CPU": 8, "GPU": 2})
    assert (wide.processors, wide.gpus) == (4, 1)
    assert wide.memory_bytes > plain.memory_bytes
    assert threads_on_node(TrainConfig()) == 1


def test_automatic_resumes_are_counted_up_to_three(tmp_path: Path) -> None:
    counts = [count_automatic_resume(tmp_path, MAX_AUTOMATIC_RESUMES) for _ in range(5)]
    assert counts == [1, 2, 3, None, None]


def test_one_run_at_a_time_asks_the_cluster_for_a_place() -> None:
    executor = RayExecutor("auto", max_relays=5)
    assert [executor.room(busy, waiting) for busy, waiting in ((0, 0), (2, 1), (2, 0), (4, 0), (5, 0))] == [1, 0, 1, 1, 0]


def test_versions_are_read_without_imports() -> None:
    versions = installed_versions()
    assert set(versions) == {"Python", "model-studio", "torch"}
    assert "+" not in versions["torch"]


def test_ray_is_required_by_a_sentence_or_is_there() -> None:
    if importlib.util.find_spec("ray") is None:
        with pytest.raises(ClusterUnavailable, match="not installed"):
            require_ray()
    else:
        require_ray()
