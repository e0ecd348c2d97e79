"""A worker as the relay sees it, with a module in place of Ray whose calls fail as those of Ray do."""

from types import SimpleNamespace
from typing import Any

import pytest

from backend.cluster.batches import Batch, Received
from backend.cluster.remote_worker import Lost, RemoteWorker
from backend.cluster.resources import Needs
from backend.cluster.worker import installed_versions
from backend.errors import ProcessFailed

NEEDS = Needs(processors=1, gpus=0, memory_bytes=1)
LOSSES = ("RayActorError", "RaySystemError", "WorkerCrashedError", "GetTimeoutError")


class RayTaskError(Exception):
    """An error on the node."""

    def __init__(self, cause: Exception) -> None:
        super().__init__("a traceback")
        self.cause = cause


class FakeRay:
    """Every call of the worker returns what `answers` has for its name; an exception is raised."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {"versions": installed_versions(), "node": ("n1", "box"), "open": None} | answers
        self.alive = True
        names = {name: type(name, (Exception,), {}) for name in LOSSES}
        self.exceptions = SimpleNamespace(**names, RayTaskError=RayTaskError)
        self.cloudpickle = SimpleNamespace(register_pickle_by_value=lambda _: None)
        self.options: dict[str, Any] = {}

    def remote(self, **options: Any) -> Any:
        self.options = options
        calls = {name: SimpleNamespace(remote=lambda *_, name=name: name) for name in ("versions", "node", "open", "call")}
        return lambda _: SimpleNamespace(remote=lambda: SimpleNamespace(**calls))

    def get(self, name: str, timeout: float) -> Any:
        assert timeout > 0
        if isinstance(answer := self.answers[name], Exception):
            raise answer
        return answer

    def nodes(self) -> list[dict[str, Any]]:
        return [{"NodeID": "n1", "Alive": self.alive, "Resources": {}}]


def test_a_run_asks_for_its_resources_and_is_not_repeated_by_ray() -> None:
    ray = FakeRay()
    RemoteWorker(ray, NEEDS)
    assert ray.options == {"max_restarts": 0, "max_task_retries": 0, "num_cpus": 1, "num_gpus": 0, "memory": 1}


@pytest.mark.parametrize("error", [*LOSSES, "ConnectionError"])
def test_a_worker_that_is_gone_or_silent_is_lost(error: str) -> None:
    ray = FakeRay()
    worker = RemoteWorker(ray, NEEDS)
    assert worker.describe_loss() == "its node was lost before it trained"
    worker.require_same_versions()
    ray.answers["call"] = ConnectionError() if error == "ConnectionError" else getattr(ray.exceptions, error)()
    with pytest.raises(Lost):
        worker.next_batch(Received())
    assert worker.describe_loss() == "its worker on box was lost"
    ray.alive = False
    assert worker.describe_loss() == "its node box left the cluster"


def test_an_error_on_the_node_fails_the_run_with_its_cause() -> None:
    worker = RemoteWorker(FakeRay(call=RayTaskError(OSError(28, "No space left on device"))), NEEDS)
    with pytest.raises(ProcessFailed, match=r"the worker failed: OSError: \[Errno 28\] No space left on device"):
        worker.next_batch(Received())
    assert RemoteWorker(FakeRay(call=Batch()), NEEDS).next_batch(Received()) == Batch()


@pytest.mark.parametrize(
    ("there", "sentence"),
    [
        ({"torch": "1.0"}, "the worker on box has torch 1.0 where this server has torch 2"),
        ({"model-studio": "none"}, "the worker on box has no model-studio where this server has model-studio"),
        ({"Python": "3.10", "torch": "none"}, "has Python 3.10 where this server has Python 3.* and no torch where"),
    ],
)
def test_other_versions_are_refused(there: dict[str, str], sentence: str) -> None:
    ray = FakeRay(versions=installed_versions() | there, open=AssertionError("nothing of the run may be there"))
    with pytest.raises(ProcessFailed, match=sentence):
        RemoteWorker(ray, NEEDS).require_same_versions()
