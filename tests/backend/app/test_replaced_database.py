"""A database file that is deleted or replaced while the server runs: nothing is acknowledged that a restart would lose."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.damaged_database import write_designs
from support.server_thread import Served, serving

from backend.errors import DatabaseReplaced
from backend.store.database import Store, Transaction
from backend.store.designs import create_design, find_design
from backend.store.names import DATABASE, SAVED
from shared_py.design import ModelArchitecture

DRAWN = {"id": "dmine", "name": "Drawn before"}


def delete_alone(folder: Path, _: Path) -> None:
    (folder / DATABASE).unlink()


def delete_with_its_log(folder: Path, _: Path) -> None:
    for path in folder.glob(f"{DATABASE}*"):
        path.unlink()


def put_backup(folder: Path, backup: Path) -> None:
    """Put a copy over the name, as `mv` and `rsync` do; the log of the old file stays where it is."""
    shutil.copyfile(backup, folder / "incoming")
    (folder / "incoming").replace(folder / DATABASE)


LOSSES = pytest.mark.parametrize("lose", [delete_alone, delete_with_its_log, put_backup])


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup with three designs."""
    write_designs(tmp_path / "earlier", 3)
    return tmp_path / "earlier" / DATABASE


def put(server: Served, name: str) -> Any:
    return server.put(f"/api/designs/{name}", json={**DRAWN, "id": name}, headers={"if-none-match": "*"})


@LOSSES
def test_after_the_database_is_replaced_nothing_is_acknowledged_that_a_restart_loses(
    tmp_path: Path, backup: Path, lose: Callable[[Path, Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "data"
    with serving(folder) as client:
        assert put(client, "dmine").status_code == 201
        assert client.get("/api/health").json()["database"] == "ok"
        lose(folder, backup)
        refused = [
            put(client, "dlate"),
            client.post("/api/designs"),
            client.delete("/api/designs/dmine"),
        ]
        assert [answer.status_code for answer in refused] == [503] * 3
        health = client.get("/api/health").json()
        assert (health["status"], health["database"]) == ("ok", "replaced")
        assert health["problem"] == refused[0].json()["detail"]
        assert SAVED in health["problem"]
        assert ("deleted" if lose is not put_backup else "replaced") in health["problem"]
        push = {"id": "dphone", "work": {"id": "dphone"}}
        answer = client.sync(epoch=health["epoch"], cursor=10**6, designs=[push])
        assert (answer["epoch"], [entry["problem"]["status"] for entry in answer["rejected"]]) == (health["epoch"], [503])
        assert client.get("/api/designs/dmine").json()["name"] == "Drawn before"
        told = [record for record in caplog.records if record.name == "backend.store.database"]
        assert [record.levelno for record in told] == [logging.ERROR]
    with serving(folder) as client:
        expected = {f"d{number:04d}" for number in range(3)} if lose is put_backup else set()
        assert {meta["id"] for meta in client.get("/api/designs").json()} == expected
        assert client.get("/api/health").json()["database"] == "ok"
        assert put(client, "dnext").status_code == 201
    (tmp_path / "saved").mkdir()
    shutil.copyfile(folder / SAVED, tmp_path / "saved" / DATABASE)
    with serving(tmp_path / "saved") as client:
        assert [meta["id"] for meta in client.get("/api/designs").json()] == ["dmine"]


def test_what_was_saved_before_is_not_overwritten(tmp_path: Path, backup: Path) -> None:
    folder = tmp_path / "data"
    for number, saved in enumerate((SAVED, f"{SAVED}.2"), start=1):
        with serving(folder) as client:
            assert put(client, f"dmine{number}").status_code == 201
            put_backup(folder, backup)
            assert saved in client.get("/api/health").json()["problem"].replace(",", " ").split()
    first, second = (folder / SAVED).read_bytes(), (folder / f"{SAVED}.2").read_bytes()
    assert (b"dmine1" in first, b"dmine1" in second, b"dmine2" in second) == (True, False, True)


def test_what_a_server_had_is_saved_when_it_stops_before_it_noticed(tmp_path: Path, backup: Path) -> None:
    with serving(tmp_path / "data") as client:
        assert put(client, "dmine").status_code == 201
        put_backup(tmp_path / "data", backup)
    assert b"dmine" in (tmp_path / "data" / SAVED).read_bytes()
    with serving(tmp_path / "data") as client:
        assert {meta["id"] for meta in client.get("/api/designs").json()} == {"d0000", "d0001", "d0002"}


def test_a_change_that_was_committed_while_the_file_was_replaced_is_refused(tmp_path: Path, backup: Path) -> None:
    def create(transaction: Transaction) -> None:
        create_design(transaction, ModelArchitecture("dmine"))
        put_backup(tmp_path / "data", backup)

    async def run() -> None:
        told: list[bytes] = []
        store = Store(tmp_path / "data", told.extend)
        await store.open()
        with pytest.raises(DatabaseReplaced, match=SAVED):
            await store.call(create)
        assert await store.call(find_design, "dmine") is not None
        assert told == []
        await store.close()

    asyncio.run(run())
    assert b"dmine" in (tmp_path / "data" / SAVED).read_bytes()


def test_where_nothing_can_be_saved_the_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path) as client:
        assert put(client, "dmine").status_code == 201
        monkeypatch.setattr("os.fsync", _no_space)
        delete_alone(tmp_path, tmp_path)
        problem = client.get("/api/health").json()["problem"]
        monkeypatch.undo()
        assert "No space left" in problem
        assert "export the designs" in problem
        assert client.get("/api/designs/dmine").status_code == 200
    assert not list(tmp_path.glob(f"{SAVED}*"))


def _no_space(_: int) -> None:
    raise OSError(28, "No space left on device")
