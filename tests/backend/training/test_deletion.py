"""Deleting a run: what it leaves, who is told, and what a crash or a late repeat does to it."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from designs import plain_design
from pumping import Inside, inside
from served import serving
from websockets.sync.client import connect
from written_runs import update, write_run

from backend.errors import NotFound, RunActive
from backend.store import messages
from backend.store.messages import last_seq, messages_after, messages_of_run, run_offsets
from backend.training.deletion import delete_run
from backend.training.run_folder import Journal, RunFolder
from backend.training.training_manager import TrainingManager
from shared_py.design import canonical_bytes

TIMEOUT_S = 60


def ended_run(root: Path, run_id: str, updates: int = 3) -> RunFolder:
    folder = write_run(root / "runs", run_id, "running")
    with Journal(folder, folder.request) as journal:
        for steps in range(1, updates + 1):
            journal.write(update(steps))
        journal.status("stopped")
    folder.checkpoint.write_bytes(b"weights")
    (folder.path / "exports" / "1").mkdir(parents=True)
    return folder


def test_a_deleted_run_is_gone_for_everybody(tmp_path: Path) -> None:
    folder, kept = ended_run(tmp_path, "r1"), ended_run(tmp_path, "r2")
    with serving(tmp_path) as server, connect(f"{server.socket_url}?after=0") as socket:
        seen: list[dict[str, Any]] = []
        while sum(message.get("status") == "stopped" for message in seen) < 2:
            seen.append(json.loads(socket.recv(timeout=TIMEOUT_S)))
        answer = server.delete("/api/runs/r1")
        assert (answer.status_code, answer.content) == (204, b"")
        told = json.loads(socket.recv(timeout=TIMEOUT_S))
        assert told == {"type": "run_deleted", "seq": seen[-1]["seq"] + 1, "run_id": "r1", "design_id": "d1"}
        assert not folder.path.exists()
        assert {path.name for path in (tmp_path / "runs").iterdir()} == {"r2"}
        assert [run["id"] for run in server.get("/api/runs").json()] == ["r2"]
        for call in (server.get, server.delete):
            assert call("/api/runs/r1").status_code == 404
        assert server.get("/api/runs/r1/metrics").status_code == 404
        assert server.get("/api/designs/d1/export?run_id=r1&fmt=py").status_code == 404
        assert len(server.get("/api/runs/r2/metrics").json()) == 6
        with connect(f"{server.socket_url}?after=0") as late:
            replayed = [json.loads(late.recv(timeout=TIMEOUT_S)) for _ in range(7)]
        assert [message["type"] for message in replayed if message["run_id"] == "r1"] == ["run_deleted"]
    assert kept.path.exists()


def test_an_active_run_is_not_deleted_and_says_why(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "runs", "r1", "running")
    lock = folder.take_lock()
    assert lock is not None
    with serving(tmp_path) as server:
        answer = server.delete("/api/runs/r1")
        assert (answer.status_code, answer.json()["detail"]) == (409, "run r1 is running; stop it first")
        os.close(lock)
        while server.get("/api/runs/r1").json()["status"] != "interrupted":
            pass
        assert server.delete("/api/runs/r1").status_code == 204
        assert server.delete("/api/runs/r404").status_code == 404


def test_a_run_whose_process_is_still_ending_is_not_deleted_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.training.training_manager.LAST_MOMENT_S", 0.0)
    folder = ended_run(tmp_path, "r1")
    manager = TrainingManager(tmp_path / "runs", tmp_path / "generated")
    lock = folder.take_lock()
    assert lock is not None
    with pytest.raises(RunActive, match="still ending; try again"):
        manager.delete("r1")
    os.close(lock)
    manager.delete("r1")
    with pytest.raises(NotFound):
        manager.run("r1")


def test_a_crash_while_a_run_is_deleted_leaves_nothing_after_the_next_start(tmp_path: Path) -> None:
    ended_run(tmp_path, "r1")

    async def crash(parts: Inside) -> None:
        await parts.until(type="run_status", status="stopped")
        await parts.desk.delete("r1")

    async def restart(parts: Inside) -> None:
        running = asyncio.create_task(parts.pump.run())
        while (tmp_path / "runs" / ".r1.deleted").exists():
            await asyncio.sleep(0.01)
        running.cancel()
        left = await parts.store.call(messages_after, 0, 100)
        assert [json.loads(message.payload)["type"] for message in left] == ["run_deleted"]
        assert await parts.store.call(run_offsets) == {}

    inside(tmp_path, crash)
    assert (tmp_path / "runs" / ".r1.deleted" / "run.json").exists()
    inside(tmp_path, restart)
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_long_run_is_deleted_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "DELETED_AT_ONCE", 2)
    ended_run(tmp_path, "r1", updates=9)

    async def story(parts: Inside) -> None:
        await parts.until(type="run_status", status="stopped")
        before = await parts.store.call(last_seq)
        await delete_run(parts.store, parts.desk, "r1")
        left = await parts.store.call(messages_of_run, "r1", 0, 100)
        assert [message.seq for message in left] == [before + 1]

    inside(tmp_path, story)


def test_lines_read_before_a_deletion_are_not_stored_after_it(tmp_path: Path) -> None:
    ended_run(tmp_path, "r1")

    async def story(parts: Inside) -> None:
        (read,) = (await parts.desk.tend()).lines
        await delete_run(parts.store, parts.desk, "r1")
        await parts.store.call(messages.take_run_messages, read.run_id, read.messages, read.offset)
        assert len(await parts.store.call(messages_of_run, "r1", 0, 100)) == 1
        assert await parts.store.call(run_offsets) == {}

    inside(tmp_path, story)


def test_a_late_repeat_of_the_request_does_not_start_a_deleted_run_again(tmp_path: Path) -> None:
    with serving(tmp_path, max_concurrent_runs=0, run_memory_bytes=10**10) as server:
        document = json.loads(canonical_bytes(plain_design()))
        server.post("/api/designs", json={"id": "d1", "architecture": document}).raise_for_status()
        key = {"idempotency-key": "tap-1"}
        run_id = server.post("/api/designs/d1/train", headers=key).json()["run_id"]
        assert server.post(f"/api/runs/{run_id}/stop").json()["status"] == "stopped"
        assert server.delete(f"/api/runs/{run_id}").status_code == 204
        again = server.post("/api/designs/d1/train", headers=key)
        assert (again.status_code, again.json()) == (202, {"run_id": run_id})
        assert server.get("/api/runs").json() == []
