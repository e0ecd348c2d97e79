"""What the relay does where workers are lost or refuse, with workers that are no Ray actors."""

import errno
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.run_folders import write_run

from backend.cluster import relay as relay_module
from backend.cluster.batches import Batch, FileNames, Received
from backend.cluster.inbox import Inbox
from backend.cluster.relay import Control, Relay
from backend.cluster.relay_exit import on_relay_exit
from backend.cluster.remote_worker import Lost
from backend.errors import ProcessFailed
from backend.runs.failures import DISK_FULL
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder

NODE = {"Alive": True, "NodeID": "n1", "Resources": {"CPU": 4, "memory": 1e10}}


class Cluster:
    """What the relay asks the module `ray`."""

    nodes_now: list[dict[str, Any]]

    def __init__(self) -> None:
        self.nodes_now = [NODE]

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 4}

    def available_resources(self) -> dict[str, float]:
        return {"CPU": 0}

    def nodes(self) -> list[dict[str, Any]]:
        return self.nodes_now


class Worker:
    """A worker that plays a list: each batch, or the loss of the worker."""

    plays: list[list[Batch | None]]
    written: list[dict[str, bytes]]

    def __init__(self, cluster: Cluster, _needs: Any) -> None:
        self.cluster = cluster
        self._play = self.plays.pop(0)
        self._files: dict[str, bytes] = {}
        self.written.append(self._files)

    def is_placed(self) -> bool:
        return True

    def require_same_versions(self) -> None: ...

    def write(self, name: str, content: bytes) -> None:
        self._files[name] = self._files.get(name, b"") + content

    def start(self) -> FileNames:
        return {}

    def next_batch(self, received: Received) -> Batch:
        if (batch := self._play.pop(0)) is None:
            raise Lost
        return batch

    def describe_loss(self) -> str:
        return "its node b left the cluster"

    def nodes(self) -> list[dict[str, Any]]:
        return self.cluster.nodes()

    def is_node_alive(self) -> bool:
        return False

    def end(self) -> None: ...


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Worker]]:
    Worker.plays, Worker.written = [], []
    monkeypatch.setattr(relay_module, "RemoteWorker", Worker)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)}
    yield Worker
    for number, handler in handlers.items():
        signal.signal(number, handler)


def follow(folder: RunFolder, cluster: Cluster) -> list[tuple[str, str | None]]:
    """Let the relay follow the run; returns the statuses and reasons of its lines."""
    with Journal(folder, folder.request) as journal:
        Relay(cluster, folder, journal, Control(folder), None).run()
    lines = [msgspec.json.decode(line) for line in folder.metrics.read_bytes().splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    return [(line["status"], line["reason"]) for line in lines]


def status_line(folder: RunFolder, seq: int, status: str) -> bytes:
    fields = {"type": "run_status", "seq": seq, "run_id": folder.request.id, "status": status, "reason": None, "design_id": "d1"}
    return msgspec.json.encode(fields) + b"\n"


def test_a_run_is_resumed_three_times_and_then_interrupted(workers: type[Worker], tmp_path: Path) -> None:
    workers.plays = [[None] for _ in range(4)]
    said = follow(write_run(tmp_path, "r1"), Cluster())
    loss = "its node b left the cluster"
    assert said[1:] == [
        *(("queued", f"{loss}; resumed automatically ({count} of 3)") for count in (1, 2, 3)),
        ("interrupted", f"{loss}, after 3 automatic resumes; resume to begin again"),
    ]


def test_a_run_without_another_node_is_interrupted(workers: type[Worker], tmp_path: Path) -> None:
    workers.plays = [[None]]
    cluster = Cluster()
    cluster.nodes_now = [NODE | {"Alive": False}]
    folder = write_run(tmp_path, "r1")
    folder.checkpoint.write_bytes(b"")
    reason = "its node b left the cluster, and no other node can take the run; resume to continue from the last checkpoint"
    assert follow(folder, cluster)[1:] == [("interrupted", reason)]


def test_a_worker_that_is_lost_after_the_last_line_changes_nothing(workers: type[Worker], tmp_path: Path) -> None:
    folder = write_run(tmp_path, "r1")
    workers.plays = [[Batch(lines=status_line(folder, 2, "running") + status_line(folder, 3, "finished")), None]]
    assert follow(folder, Cluster())[1:] == [("running", None), ("finished", None)]


def test_the_next_worker_continues_the_numbers(workers: type[Worker], tmp_path: Path) -> None:
    folder = write_run(tmp_path, "r1")
    workers.plays = [
        [Batch(lines=status_line(folder, 2, "running")), None],
        [Batch(lines=status_line(folder, 4, "running") + status_line(folder, 5, "finished"), has_ended=True)],
    ]
    follow(folder, Cluster())
    heads = [msgspec.json.decode(files["metrics.jsonl"]) for files in workers.written]
    assert [(head["seq"], head["status"]) for head in heads] == [(1, "queued"), (3, "queued")]
    assert msgspec.json.decode(workers.written[0]["run.json"])["config"]["threads"] == 1


def test_a_run_that_was_stopped_while_its_worker_was_lost_is_stopped(workers: type[Worker], tmp_path: Path) -> None:
    folder = write_run(tmp_path, "r1")
    folder.stop_marker.touch()
    workers.plays = [[None]]
    workers.ask = lambda self, request, reason: None  # type: ignore[attr-defined]
    reason = "its node b left the cluster before it had stopped; resume to begin again"
    assert follow(folder, Cluster())[1:] == [("stopped", reason)]


def test_damaged_checkpoints_are_sent_empty_before_the_whole_one(workers: type[Worker], tmp_path: Path) -> None:
    import torch

    from backend.runs.checkpoints import save_checkpoint

    folder = write_run(tmp_path, "r1")
    save_checkpoint(folder.previous, {"steps": 5, "score": None, "x": torch.zeros(3)})
    folder.checkpoint.write_bytes(b"damaged")
    workers.plays = [[Batch(lines=status_line(folder, 2, "finished"), has_ended=True)]]
    follow(folder, Cluster())
    assert workers.written[0]["checkpoint.pt"] == b""
    assert workers.written[0]["previous.pt"] == folder.previous.read_bytes()


def test_a_full_disk_of_the_server_is_named(workers: type[Worker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Inbox, "store", fill)
    monkeypatch.setattr(relay_module, "connect", lambda _: Cluster())
    workers.plays = [[Batch()]]
    with pytest.raises(ProcessFailed, match=DISK_FULL):
        relay_module.relay(str(write_run(tmp_path, "r1").path), None, "auto")


def test_a_stop_while_it_connects_is_kept(workers: type[Worker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, asked = write_run(tmp_path, "r1"), []

    def connect(_: str) -> Cluster:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # to this thread: others of the test process do not block it, those of a relay begin within the block
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        return Cluster()

    monkeypatch.setattr(relay_module, "connect", connect)
    monkeypatch.setattr(Cluster, "shutdown", lambda _: None, raising=False)
    workers.ask = lambda self, request, reason: asked.append(request)  # type: ignore[attr-defined]
    workers.plays = [[Batch(lines=status_line(folder, 2, "stopped"), has_ended=True)]]
    relay_module.relay(str(folder.path), None, "auto")
    assert asked == ["stop"]


def test_a_relay_that_was_killed_leaves_the_run_to_the_manager(tmp_path: Path) -> None:
    folder = write_run(tmp_path, "r1", "running")
    before = folder.metrics.read_bytes()
    on_relay_exit(str(folder.path), None, "auto", "killed by SIGKILL", killed=True)
    assert folder.metrics.read_bytes() == before
    folder.stop_by_force("it did not respond to a stop")
    on_relay_exit(str(folder.path), None, "auto", "killed by SIGKILL", killed=True)
    assert b'"status":"stopped","reason":"it did not respond to a stop"' in folder.metrics.read_bytes()
    other = write_run(tmp_path, "r2", "running")
    on_relay_exit(str(other.path), None, "auto", "the worker has no torch", killed=False)
    assert b'"status":"failed","reason":"the worker has no torch"' in other.metrics.read_bytes()
