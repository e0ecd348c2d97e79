"""A Ray cluster of several nodes on this machine; only in a network namespace, since Ray listens on every interface."""

import importlib.util
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

IN_NAMESPACE = "MODEL_STUDIO_RAY_NAMESPACE"
"""set by tests/backend/cluster/in_namespace.sh"""
ROOT = Path(__file__).parents[2]
CLIENT_PORT = 10001
START_S = 60.0


def can_run() -> bool:
    """Whether Ray is installed and nothing outside of this machine can be reached."""
    return IN_NAMESPACE in os.environ and [name for _, name in socket.if_nameindex()] == ["lo"] and _is_installed()


def ray_marks() -> list[pytest.MarkDecorator]:
    """The marks of a module whose tests start Ray, which leaves files of nodes open that are killed."""
    return [
        pytest.mark.skipif(not can_run(), reason="needs Ray in a network namespace: make test-ray"),
        pytest.mark.filterwarnings("ignore::ResourceWarning"),
        pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    ]


def _is_installed() -> bool:
    return importlib.util.find_spec("ray") is not None


@contextmanager
def ray_cluster(processors: int = 1) -> Iterator[Any]:
    """Start a cluster whose head node has `processors` processors; its method `add_node` adds nodes."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["PYTHONPATH"] = f"{ROOT}:{ROOT / 'tests'}"  # of workers
    from ray.cluster_utils import Cluster

    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        head = {"num_cpus": processors, "include_dashboard": False, "temp_dir": folder, "ray_client_server_port": CLIENT_PORT}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        try:
            _await_listening(CLIENT_PORT)
            yield cluster
        finally:
            end_cluster(cluster)


def _await_listening(port: int) -> None:
    """Wait until the server for clients accepts connections; it begins after the cluster is there."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), START_S).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, f"nothing listens on port {port}"
            time.sleep(0.05)
        else:
            return


def end_cluster(cluster: Any) -> None:
    """End every process of the cluster at once, without the half minute in which Ray lets its work end."""
    for node in cluster.list_all_nodes():
        node.kill_all_processes(check_alive=False, allow_graceful=False)


def trainers_on_nodes() -> set[int]:
    """The process ids of supervisors and trainers on the nodes of this machine."""
    return _processes("backend.cluster.attached_trainer")


def workers_on_nodes() -> set[int]:
    """The process ids of workers."""
    return _processes("ray::RunWorker")


def _processes(words: str) -> set[int]:
    """Processes by a part of their command line; that of one that has ended is empty."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if words in (path / "cmdline").read_text().replace("\0", " "):
                found.add(int(path.name))
    return found
