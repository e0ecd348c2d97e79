"""Exports of runs whose files are damaged, missing or not files: sentences that say which, and no path of the server."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.damaged_files import cut_short
from support.server_thread import Served, serving
from support.trained_runs import make_run, write_checkpoint

from backend.errors import DamagedCheckpoint, RunUnusable
from backend.export import exporter
from backend.export.exporter import export_checkpoint
from backend.export.file_details import details_file, write_details
from backend.process.process import run_in_process
from backend.runs.run_folder import RunFolder

Change = Callable[[RunFolder], Any]
URL = "/api/designs/d0/export"


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run of a server, whose best checkpoint was after 5 moves and the last after 9."""
    (tmp_path / "data" / "runs").mkdir(parents=True)
    folder = make_run(tmp_path / "data" / "runs" / "r1", seed=9)
    write_checkpoint(folder, folder.best, seed=5)
    return folder


def listed(server: Served) -> dict[str, list[str]]:
    """The formats of each checkpoint of the only run."""
    (run,) = server.get("/api/designs/d0/exports").raise_for_status().json()["runs"]
    return {checkpoint["checkpoint"]: [file["fmt"] for file in checkpoint["files"]] for checkpoint in run["checkpoints"]}


def make_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir(parents=True)


def damage_all(folder: RunFolder) -> None:
    make_folder(folder.best)
    folder.checkpoint.write_bytes(b"damaged")


def change_during_the_export(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Do something just before the first file is written."""
    left = [change]

    def changed(function: str, *args: Any, **options: Any) -> Any:
        if left:
            left.pop()()
        return run_in_process(function, *args, **options)

    monkeypatch.setattr(exporter, "run_in_process", changed)


def test_a_checkpoint_that_is_damaged_during_the_export_gives_way_and_is_named(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_during_the_export(monkeypatch, lambda: cut_short(folder.best))
    export = export_checkpoint(folder.path, "pt")
    assert export.steps == 9
    assert "The best checkpoint can no longer be read" in (export.note or "")
    write_checkpoint(folder, folder.best, seed=5)
    change_during_the_export(monkeypatch, lambda: cut_short(folder.best))
    with pytest.raises(DamagedCheckpoint, match=r"^The checkpoint after 5 moves can no longer be read"):
        export_checkpoint(folder.path, "safetensors", "5")


@pytest.mark.parametrize("suffix", ["pt", "zip"])
def test_a_removed_folder_of_exports_is_no_path(folder: RunFolder, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    change_during_the_export(monkeypatch, lambda: shutil.rmtree(folder.exports))
    with pytest.raises(RunUnusable, match=r"^A file of this run was removed while it was exported; try again$"):
        export_checkpoint(folder.path, suffix)


@pytest.mark.parametrize(
    ("change", "query", "sentence"),
    [
        (lambda run: run.model.unlink(), "fmt=py", "model.py of this run cannot be read"),
        (lambda run: run.model.unlink(), "fmt=pt", "model.py of this run cannot be read"),
        (lambda run: run.design.unlink(), "fmt=pt", "design.json of this run cannot be read"),
        (lambda run: run.design.unlink(), "fmt=zip", "design.json of this run cannot be read"),
        (lambda run: run.design.unlink(), "inspect=true", "The design of this run cannot be read"),
        (lambda run: run.design.write_text("{"), "inspect=true", "The design of this run cannot be read"),
        (lambda run: (run.path / "run.json").write_text("{"), "fmt=pt", "run.json of this run is damaged"),
        (damage_all, "fmt=pt", "every checkpoint of this run is damaged"),
    ],
)
def test_what_is_missing_or_damaged_is_named(folder: RunFolder, change: Change, query: str, sentence: str) -> None:
    with serving(folder.path.parent.parent) as server:
        server.get("/api/runs/r1").raise_for_status()
        change(folder)
        answer = server.get(f"{URL}?{query}")
    assert answer.status_code == 409, answer.text
    assert answer.json()["detail"].startswith(sentence)
    assert str(folder.path.parent) not in answer.text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda run: run.model.unlink(), ["py"]),
        (lambda run: run.design.unlink(), ["onnx", "py"]),
        (lambda run: make_folder(run.path / "spaced" / "abc.pt"), ["onnx", "pt", "safetensors", "py", "zip"]),
        (lambda run: make_folder(run.exports / f"{'9' * 30}-{'9' * 30}" / "d0.py"), ["onnx", "pt", "safetensors", "py", "zip"]),
    ],
)
def test_the_list_has_what_can_still_be_had(folder: RunFolder, change: Change, expected: list[str]) -> None:
    export_checkpoint(folder.path, "py")
    with serving(folder.path.parent.parent) as server:
        before = listed(server)
        change(folder)
        after = listed(server)
        exported = server.get(f"{URL}?fmt=py&checkpoint=best")
    assert list(dict.fromkeys(before["best"])) == ["onnx", "pt", "safetensors", "py", "zip"]
    assert list(dict.fromkeys(after["best"])) == expected
    assert exported.status_code == 200


def test_a_huge_number_in_the_name_of_a_folder_is_ignored(folder: RunFolder) -> None:
    stray = folder.exports / f"{'9' * 30}-{'9' * 30}" / "d0.py"
    stray.parent.mkdir(parents=True)
    stray.write_text("pass\n")
    with serving(folder.path.parent.parent) as server:
        assert list(listed(server)) == ["best", "last"]


@pytest.mark.parametrize("of", [details_file, lambda path: path.with_name(exporter.SUMMARY_NAME)])
def test_a_folder_in_place_of_what_is_beside_a_file_is_ignored(folder: RunFolder, of: Callable[[Path], Path]) -> None:
    export = export_checkpoint(folder.path, "py")
    make_folder(of(export.path))
    with serving(folder.path.parent.parent) as server:
        assert "best" in listed(server)
        assert server.get(f"{URL}?fmt=py").status_code == 200
        os.truncate(export.path, 0)
        assert server.get(f"{URL}?fmt=py").status_code == 200
        assert server.get(f"{URL}?fmt=pt").status_code == 200


def test_an_empty_file_is_written_again(folder: RunFolder) -> None:
    export = export_checkpoint(folder.path, "py")
    content = export.path.read_bytes()
    os.truncate(export.path, 0)
    details_file(export.path).unlink()
    with serving(folder.path.parent.parent) as server:
        assert server.get(f"{URL}?fmt=py").content == content
        write_details(export.path)
        os.truncate(export.path, 0)
        write_details(export.path)
        assert server.get(f"{URL}?fmt=py").content == content


def test_a_note_of_any_characters_fits_into_a_header(folder: RunFolder) -> None:
    export = export_checkpoint(folder.path, "py")
    details = write_details(export.path, None, "two\r\nlines, \x00 and ∞")
    assert "\n" in msgspec.to_builtins(details)["note"]
    with serving(folder.path.parent.parent) as server:
        answer = server.get(f"{URL}?fmt=py")
    assert (answer.status_code, answer.headers["x-export-note"]) == (200, "two lines, and ?")
