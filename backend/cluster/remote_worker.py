"""A worker as the relay sees it: calls with a limit on what is under way, and errors of Ray in plain words."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from backend.cluster import worker as worker_module
from backend.cluster.batches import Batch, FileNames, Received
from backend.cluster.resources import Needs
from backend.cluster.worker import NOT_INSTALLED, RunWorker, installed_versions
from backend.errors import ProcessFailed
from backend.process.process import describe_exception

logger = logging.getLogger(__name__)
WAIT_S = 0.2
"""for one look at an answer"""
ANSWER_S = 120.0
"""for an answer, which takes a quarter of a second; then the worker counts as lost, though Ray has not noticed"""


class Lost(Exception):
    """The worker, its node or the connection to it is gone, or its trainer has ended without a message."""


class RemoteWorker:
    """One worker, from its request to its end. At most one call is under way, so at most one batch is in memory."""

    def __init__(self, ray: Any, needs: Needs) -> None:
        self._ray = ray
        ray.cloudpickle.register_pickle_by_value(worker_module)
        actor_class = ray.remote(max_restarts=0, max_task_retries=0, **needs.options)(RunWorker)
        self._actor = actor_class.remote()
        self._versions = self._actor.versions.remote()
        self._node = self._actor.node.remote()
        self._node_id, self._node_name = "", ""

    def is_placed(self) -> bool:
        """Whether the worker runs on a node; waits for a moment. Lost."""
        return bool(self._ray.wait([self._versions], timeout=WAIT_S)[0])

    def require_same_versions(self) -> None:
        """ProcessFailed where the node has other versions than the server, before anything of the run is there."""
        self._node_id, self._node_name = self._result(self._node)
        there, here = self._result(self._versions), installed_versions()
        different = [name for name in here if there[name] != here[name]]
        if not different:
            self._result(self._actor.open.remote())
            return
        differences = " and ".join(
            f"{_shown(name, there[name])} where this server has {_shown(name, here[name])}" for name in different
        )
        raise ProcessFailed(f"the worker on {self._node_name} has {differences}; install the same on both, then resume")

    def write(self, name: str, content: bytes) -> None:
        """Append to a file of the folder on the node."""
        self._call("write", name, content)

    def start(self) -> FileNames:
        """Start the trainer; returns the checkpoints that it starts with."""
        names: FileNames = self._call("start")
        return names

    def ask(self, request: str, reason: str | None = None) -> None:
        """Stop, pause or resume the trainer."""
        self._call("ask", request, reason)

    def next_batch(self, received: Received) -> Batch:
        """What comes after what was received."""
        batch: Batch = self._call("next", received)
        return batch

    def describe_loss(self) -> str:
        """What was lost, as far as the cluster has noticed, for the person."""
        if not self._node_id:
            return "its node was lost before it trained"
        return (
            f"its worker on {self._node_name} was lost"
            if self.is_node_alive()
            else f"its node {self._node_name} left the cluster"
        )

    def is_node_alive(self) -> bool:
        """Whether the cluster counts the node of the worker as alive."""
        return any(node["Alive"] and node["NodeID"] == self._node_id for node in self.nodes())

    def nodes(self) -> Sequence[Mapping[str, Any]]:
        """The nodes of the cluster; none where the cluster does not answer."""
        try:
            nodes: list[dict[str, Any]] = self._ray.nodes()
        except Exception:  # Ray raises errors of many classes
            logger.exception("the cluster does not answer")
            return []
        return nodes

    def end(self) -> None:
        """End the worker, wherever it is, and its trainer with it."""
        try:
            self._ray.kill(self._actor)
        except Exception:  # it is gone already, or the cluster is
            return

    def _call(self, method: str, *args: Any) -> Any:
        return self._result(self._actor.call.remote(method, *args))

    def _result(self, reference: Any) -> Any:
        """The answer to a call. Lost; ProcessFailed where the call raised an error on the node."""
        errors = self._ray.exceptions
        try:
            return self._ray.get(reference, timeout=ANSWER_S)
        except (
            errors.RayActorError,
            errors.RaySystemError,
            errors.WorkerCrashedError,
            errors.GetTimeoutError,
            ConnectionError,
        ) as error:
            raise Lost from error
        except errors.RayTaskError as error:
            raise ProcessFailed(f"the worker failed: {describe_exception(error.cause or error)}") from error


def _shown(name: str, version: str) -> str:
    return f"no {name}" if version == NOT_INSTALLED else f"{name} {version}"
