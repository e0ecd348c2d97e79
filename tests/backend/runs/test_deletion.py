"""Deleting a run: what it leaves, who is told, and what a crash or a late repeat does to it."""

import asyncio
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support.damaged_database import overwrite, write_designs
from support.damaged_files import fill_disk
from support.designs import plain_design
from support.metric_messages import update
from support.run_folders import write_run
from support.server_parts import Inside, inside, opened
from support.server_thread import serving
from support.small_disk import small_disk
from websockets.sync.client import connect

from backend.errors import DatabaseDamaged, NotFound, RunEnding
from backend.runs.deletion import delete_run, finish_deletions
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder
from backend.runs.training_manager import TrainingManager
from backend.store import messages
from backend.store.database import Transaction
from backend.store.messages import delete_messages_of_run, is_run_deleted, last_seq, messages_after, messages_of_run, run_offsets
from backend.store.names import DATABASE
from shared_py.design import canonical_bytes
from shared_py.protocol import RunStatusChanged

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


def test_a_run_whose_process_is_still_ending_is_not_deleted_yet(tmp_path: Path) -> None:
    folder = ended_run(tmp_path, "r1")
    manager = TrainingManager(tmp_path / "runs", tmp_path / "generated")
    lock = folder.take_lock()
    assert lock is not None
    with pytest.raises(RunEnding, match="still ending; try again"):
        manager.delete("r1", 0.0)
    os.close(lock)
    manager.delete("r1")
    with pytest.raises(NotFound):
        manager.run("r1")


def test_a_crash_while_a_run_is_deleted_leaves_nothing_after_the_next_start(tmp_path: Path) -> None:
    ended_run(tmp_path, "r1")

    async def crash(parts: Inside) -> None:
        await parts.until(type="run_status", status="stopped")
        await parts.run_service.delete("r1")

    async def restart(parts: Inside) -> None:
        running = asyncio.create_task(parts.ingest.run())
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


def test_requests_about_other_runs_are_served_while_a_deletion_waits_for_a_process_to_exit(tmp_path: Path) -> None:
    lock = ended_run(tmp_path, "r1").take_lock()
    assert lock is not None

    async def story(parts: Inside) -> None:
        await parts.until(type="run_status", status="stopped")
        waiting = [asyncio.create_task(parts.run_service.delete("r1")), asyncio.create_task(parts.run_service.resume("r1"))]
        for _ in range(3):
            assert [run.id for run in await parts.run_service.runs()] == ["r1"]
        assert not any(task.done() for task in waiting)
        waiting[1].cancel()
        os.close(lock)
        assert await waiting[0] == "d1"

    inside(tmp_path, story)


def test_a_deletion_frees_space_on_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 24) as disk:
        folder = ended_run(disk, "r1", updates=500)
        folder.checkpoint.write_bytes(bytes(4_000_000))

        async def story(parts: Inside) -> None:
            await parts.until(type="run_status", status="stopped")
            fill_disk(disk / "ballast")
            await delete_run(parts.store, parts.run_service, "r1")
            assert await parts.store.call(is_run_deleted, "r1")

        inside(disk, story)
        assert list((disk / "runs").iterdir()) == []
        assert os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize >= 3_000_000


def test_a_deletion_that_the_database_refuses_is_retried_and_stops_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended_run(tmp_path, "r1")
    is_refused = True

    def refuse(transaction: Transaction, run_id: str, design_id: str) -> bool:
        if is_refused:
            raise sqlite3.OperationalError("database or disk is full")
        return delete_messages_of_run(transaction, run_id, design_id)

    monkeypatch.setattr("backend.runs.deletion.delete_messages_of_run", refuse)

    async def story(parts: Inside) -> None:
        nonlocal is_refused
        await parts.until(type="run_status", status="stopped")
        await delete_run(parts.store, parts.run_service, "r1")
        assert await parts.run_service.runs() == []
        assert [path.name for path in (tmp_path / "runs" / ".r1.deleted").iterdir()] == ["run.json"]
        await finish_deletions(parts.store, parts.run_service)
        is_refused = False
        await finish_deletions(parts.store, parts.run_service)
        assert list((tmp_path / "runs").iterdir()) == []
        assert await parts.store.call(is_run_deleted, "r1")

    inside(tmp_path, story)


def test_a_run_is_not_deleted_while_its_messages_cannot_be(tmp_path: Path) -> None:
    folder = ended_run(tmp_path, "r1")
    write_designs(tmp_path, 200)
    overwrite(tmp_path, 0.4, 0.3, 1)

    async def story() -> None:
        async with opened(tmp_path) as parts:
            assert parts.store.condition == "damaged"
            with pytest.raises(DatabaseDamaged):
                await delete_run(parts.store, parts.run_service, "r1")
            assert [run.id for run in await parts.run_service.runs()] == ["r1"]

    asyncio.run(story())
    assert folder.checkpoint.exists()
    assert (tmp_path / DATABASE).exists()


def test_a_status_that_comes_after_a_deletion_is_not_stored(tmp_path: Path) -> None:
    ended_run(tmp_path, "r1")

    async def story(parts: Inside) -> None:
        await parts.until(type="run_status", status="stopped")
        await delete_run(parts.store, parts.run_service, "r1")
        late = RunStatusChanged(seq=0, run_id="r1", status="running", reason=None, design_id="d1", responding=False)
        await parts.store.call(messages.append_unless_deleted, late)
        kept = await parts.store.call(messages_of_run, "r1", 0, 9)
        assert [json.loads(message.payload)["type"] for message in kept] == ["run_deleted"]

    inside(tmp_path, story)


def test_a_long_run_is_deleted_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "DELETED_AT_ONCE", 2)
    ended_run(tmp_path, "r1", updates=9)

    async def story(parts: Inside) -> None:
        await parts.until(type="run_status", status="stopped")
        before = await parts.store.call(last_seq)
        await delete_run(parts.store, parts.run_service, "r1")
        left = await parts.store.call(messages_of_run, "r1", 0, 100)
        assert [message.seq for message in left] == [before + 1]

    inside(tmp_path, story)


def test_lines_read_before_a_deletion_are_not_stored_after_it(tmp_path: Path) -> None:
    ended_run(tmp_path, "r1")

    async def story(parts: Inside) -> None:
        (read,) = (await parts.run_service.poll_runs()).lines
        await delete_run(parts.store, parts.run_service, "r1")
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
