"""The server as a process, and what may happen to it while a run trains: a kill, a full disk."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from support.damaged_files import fill_disk
from support.live_runs import kill_trainer
from support.server_process import server_process
from support.small_disk import small_disk
from websockets.sync.client import ClientConnection, connect

from backend.runs.failures import DISK_FULL
from backend.runs.run_folder import RunFolder

TIMEOUT_S = 240.0
CONFIG = {"total_steps": 10**9, "n_envs": 8, "n_steps": 8, "minibatch_size": 32, "threads": 1, "checkpoint_every_s": 0.2}
Message = dict[str, Any]
_pace = threading.Event()


def wait_until(condition: Callable[[], bool]) -> None:
    """Ask again and again; fails when it takes four."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in four minutes"
        _pace.wait(0.02)


def receive(socket: ClientConnection, seen: list[Message], count: int = 1, **members: Any) -> None:
    """Receive until so many messages with these members have come."""
    while count:
        seen.append(json.loads(socket.recv(timeout=TIMEOUT_S)))
        count -= members.items() <= seen[-1].items()


@contextmanager
def studio(data_dir: Path, *options: str) -> Iterator[tuple[Any, httpx.Client, str]]:
    """A server process, a client of it, and the address of its messages."""
    with server_process(data_dir, *options) as (process, url), httpx.Client(base_url=url, timeout=TIMEOUT_S) as client:
        yield process, client, url.replace("http", "ws") + "/ws"


def start_run(client: httpx.Client) -> str:
    design = client.post("/api/designs", json={"template": "tiny_mlp"}).raise_for_status().json()
    run_id: str = client.post(f"/api/designs/{design['id']}/train", json=CONFIG).raise_for_status().json()["run_id"]
    return run_id


def written(folder: RunFolder) -> list[Message]:
    """The lines of a run without what the server does not pass on."""
    lines = [json.loads(line) for line in folder.metrics.read_bytes().splitlines()]
    return [{name: value for name, value in line.items() if name not in ("seq", "at")} for line in lines]


def passed_on(seen: list[Message], run_id: str) -> list[Message]:
    """The messages of a run without their numbers."""
    return [{name: value for name, value in m.items() if name != "seq"} for m in seen if m["run_id"] == run_id]


def test_a_killed_server_finds_its_run_again_without_gap_or_repeat(tmp_path: Path) -> None:
    seen: list[Message] = []
    with studio(tmp_path) as (process, client, messages):
        run_id = start_run(client)
        folder = RunFolder(tmp_path / "runs" / run_id)
        with connect(f"{messages}?after=0") as socket:
            receive(socket, seen, 3, type="training_update")
        trainer = folder.trainer_pid()
        process.kill()
        assert process.wait(TIMEOUT_S) == -signal.SIGKILL
    try:
        count = len(written(folder))
        wait_until(lambda: len(written(folder)) > count + 2)
        with studio(tmp_path) as (_, client, messages):
            assert client.get(f"/api/runs/{run_id}").json()["status"] == "running"
            assert folder.trainer_pid() == trainer
            with connect(f"{messages}?after={seen[-1]['seq']}") as socket:
                receive(socket, seen, 5, type="training_update")
                assert client.post(f"/api/runs/{run_id}/stop").status_code == 202
                receive(socket, seen, status="stopped")
    finally:
        kill_trainer(folder)
    assert [message["seq"] for message in seen] == list(range(1, len(seen) + 1))
    assert passed_on(seen, run_id) == written(folder)


def test_a_server_whose_disk_is_full_stays_up_and_the_run_goes_on_afterwards(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 24) as disk, studio(disk) as (_, client, messages):
        run_id = start_run(client)
        folder = RunFolder(disk / "runs" / run_id)
        seen: list[Message] = []
        with connect(f"{messages}?after=0") as socket:
            receive(socket, seen, 2, type="checkpoint_created")
        try:
            fill_disk(disk / "ballast")
            wait_until(lambda: client.get(f"/api/runs/{run_id}").json()["status"] == "failed")
            run = client.get(f"/api/runs/{run_id}").json()
            assert run["reason"] == DISK_FULL
            assert client.get("/api/health").json()["status"] == "ok"
            assert client.post("/api/designs", json={"template": "tiny_mlp"}).status_code in (201, 507)
            (disk / "ballast").unlink()
            assert client.post(f"/api/runs/{run_id}/resume").status_code == 202
            with connect(f"{messages}?after={seen[-1]['seq']}") as socket:
                receive(socket, seen, status="failed")
                receive(socket, seen, 3, type="training_update")
                assert seen[-1]["steps"] > 0
                assert client.post(f"/api/runs/{run_id}/stop").status_code == 202
                receive(socket, seen, status="stopped")
        finally:
            kill_trainer(folder)
        assert [message["seq"] for message in seen] == list(range(1, len(seen) + 1))
        assert passed_on(seen, run_id) == written(folder)


def test_a_server_refuses_what_its_limit_would_end(tmp_path: Path) -> None:
    with studio(tmp_path, "--run-memory", "60") as (_, client, _messages):
        design = client.post("/api/designs", json={"template": "cell_experts"}).raise_for_status().json()
        answer = client.post(f"/api/designs/{design['id']}/train", json={})
        assert answer.status_code == 422
        assert "may take 60 MB; a microbatch_size of" in answer.json()["detail"]
        assert client.get("/api/runs").json() == []
