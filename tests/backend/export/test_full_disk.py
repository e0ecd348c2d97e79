"""Exports while the disk of the server is full: 507 for each format, and nothing unfinished stays."""

import os
from collections.abc import Iterator

import pytest
from support.damaged_files import fill_disk
from support.server_thread import Served, serving
from support.small_disk import small_disk
from support.trained_runs import make_run

from backend.errors import OutOfSpace
from backend.export.formats import FORMATS
from backend.runs.run_folder import RunFolder

LEFT_BYTES = 16_384
"""enough for a folder and its summary, so that it is the writing of the file itself that fails"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, RunFolder]]:
    """A server with one trained run, on a small disk."""
    with small_disk(tmp_path_factory.mktemp("small") / "disk", 24) as disk:
        (disk / "data" / "runs").mkdir(parents=True)
        folder = make_run(disk / "data" / "runs" / "r1")
        with serving(disk / "data") as server:
            yield server, folder


@pytest.mark.parametrize(("fmt", "inspect"), [*((row.suffix, False) for row in FORMATS), ("onnx", True)])
def test_a_full_disk_is_told_as_one(served: tuple[Served, RunFolder], fmt: str, inspect: bool) -> None:
    server, folder = served
    ballast = server.settings.data_dir.parent / "ballast"
    fill_disk(ballast)
    os.truncate(ballast, ballast.stat().st_size - LEFT_BYTES)
    answer = server.get("/api/designs/d0/export", params={"fmt": fmt, "inspect": inspect})
    assert (answer.status_code, answer.json()["title"]) == (507, OutOfSpace.title), answer.text
    assert {path.name for path in folder.exports.rglob("*") if path.is_file()} <= {"checkpoint.json"}
