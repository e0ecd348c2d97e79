"""`model-studio telemetry export` writes the events of all devices, also beside a server and from a damaged database."""

import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.paired import PairedDevice, serving_paired
from support.server_thread import serving
from support.telemetry import EVENTS, batch, recorded

from backend.backup.back_up import back_up
from backend.backup.restore import restore
from backend.cli import main

OLD_DATA = Path(__file__).parents[2] / "fixtures" / "data_8403e01.tar.gz"


def exported(data: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["telemetry", "export", "--data-dir", str(data)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_events_of_all_devices_are_written_while_the_server_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    with serving_paired(data) as server:
        devices = [PairedDevice(server, name) for name in ("One", "Two")]
        for number, device in enumerate(devices):
            device("POST", "/api/telemetry", json=batch(*EVENTS, device_id=f"t{number}")).raise_for_status()
        lines = exported(data, capsys)
    assert [(line["paired_device"], line["device_id"]) for line in lines] == [
        (device.id, f"t{number}") for number, device in enumerate(devices) for _ in EVENTS
    ]
    members = ("number", "device_id", "paired_device", "received_at")
    assert [{name: value for name, value in line.items() if name not in members} for line in lines] == [*EVENTS, *EVENTS]
    assert exported(data, capsys) == lines, "and when it is stopped"


def test_without_a_database_and_from_an_older_one_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exported(tmp_path / "nothing", capsys) == []
    with tarfile.open(OLD_DATA) as archive:
        archive.extractall(tmp_path, filter="data")
    assert exported(tmp_path / "data", capsys) == []
    with serving(tmp_path / "data") as server:
        server.post("/api/telemetry", json=batch(*EVENTS)).raise_for_status()
        assert [line["id"] for line in exported(tmp_path / "data", capsys)] == ["e1", "e2", "e3", "e4", "e5"]


def test_a_damaged_event_is_written_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        server.post("/api/telemetry", json=batch(*EVENTS[:2])).raise_for_status()
    (path,) = data.glob("*.db")
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE telemetry SET event = '{\"type\": ' WHERE event_id = 'e2'")
        database.commit()
    first, second = exported(data, capsys)
    assert first["id"] == "e1"
    assert second["damaged"] == '{"type": '


def test_a_backup_has_no_telemetry_so_that_a_restore_brings_nothing_back(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "backup.tar"
    with serving(data) as server:
        design = server.new_design()
        server.post("/api/telemetry", json=batch({**EVENTS[0], "designId": "dsecret"})).raise_for_status()
        back_up(data, file, with_runs=False, force=False)
        assert len(recorded(server)) == 1
    assert b"dsecret" not in file.read_bytes()
    restore(data, file)
    with serving(data) as server:
        assert server.get(f"/api/designs/{design['id']}").status_code == 200
        assert recorded(server) == []
