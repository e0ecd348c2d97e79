"""Name, note and tags of a run: changed by `PATCH /api/runs/{id}`, kept in its folder, sent to every phone."""

from pathlib import Path

import pytest
from support.run_folders import write_run
from support.server_thread import serving

from backend.runs.run_folder import RunFolder
from shared_py.protocol import RunLabels


def test_labels_are_kept_beside_the_run_and_announced(tmp_path: Path) -> None:
    write_run(tmp_path / "runs", "r1", "running", "stopped")
    with serving(tmp_path) as server:
        before = server.get("/api/runs/r1").json()
        assert (before["name"], before["note"], before["tags"]) == ("", "", [])
        changed = server.patch("/api/runs/r1", json={"name": "First try", "tags": ["ppo"]}).raise_for_status().json()
        assert changed == before | {"name": "First try", "tags": ["ppo"]}
        server.patch("/api/runs/r1", json={"note": "Two experts."}).raise_for_status()
        messages = server.get("/api/runs/r1/metrics").json()
        labelled = [message for message in messages if message["type"] == "run_labelled"]
        assert [(m["name"], m["note"], m["tags"]) for m in labelled] == [
            ("First try", "", ["ppo"]),
            ("First try", "Two experts.", ["ppo"]),
        ]
    with serving(tmp_path) as server:
        (run,) = server.get("/api/runs").json()
        assert (run["name"], run["note"], run["tags"]) == ("First try", "Two experts.", ["ppo"])


def test_labels_that_are_unknown_or_too_long_change_nothing(tmp_path: Path) -> None:
    write_run(tmp_path / "runs", "r1", "running", "stopped")
    with serving(tmp_path) as server:
        for body in ({"colour": "red"}, {"name": "x" * 61}, {"tags": [""]}, {"tags": ["x"] * 13}):
            assert server.patch("/api/runs/r1", json=body).status_code == 422, body
        assert server.patch("/api/runs/r2", json={"name": "x"}).status_code == 404
        assert server.get("/api/runs/r1").json()["name"] == ""


@pytest.mark.parametrize("content", [b"{", b"\xff", b'{"name": 3}', b'{"colour": "red"}'])
def test_labels_that_cannot_be_read_leave_the_run_without_any(tmp_path: Path, content: bytes) -> None:
    folder = write_run(tmp_path, "r1", "running", "stopped")
    (folder.path / "labels.json").write_bytes(content)
    assert RunFolder(folder.path).read_labels() == RunLabels()
