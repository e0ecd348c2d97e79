"""Which network an export is of: said in headers, name and file, and what was exported stays when its checkpoint is lost."""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from safetensors import safe_open
from support.damaged_files import cut_short, one_bit_turned, replaced_by_text, zeroed
from support.run_folders import write_run
from support.server_parts import Inside, inside
from support.server_thread import serving
from support.trained_runs import make_run, write_checkpoint

from backend.errors import DamagedCheckpoint, NotFound
from backend.export import exporter
from backend.export.exporter import Export, export_checkpoint, export_run
from backend.export.formats import FORMATS, Suffix
from backend.export.service import ExportService
from backend.process.process import run_in_process
from backend.runs.checkpoint_files import Summary, read_summary
from backend.runs.run_folder import RunFolder
from shared_py.protocol import Run

LOST = "The best checkpoint can no longer be read; this is the network after 1 moves."


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run whose best checkpoint was after 5 moves, the one before the last after 7, and the last after 9."""
    folder = make_run(tmp_path / "r1")
    write_checkpoint(folder, folder.best, seed=5, score=90.0)
    write_checkpoint(folder, folder.spaced_at(7), seed=7, score=80.0)
    write_checkpoint(folder, folder.checkpoint, seed=9, score=70.0)
    return folder


def is_of(export: Export, checkpoint: Path) -> bool:
    """Whether a `.pt` has the weights of a checkpoint."""
    given, expected = torch.load(export.path, weights_only=True), torch.load(checkpoint, weights_only=True)["model"]
    return all(torch.equal(given[name], tensor) for name, tensor in expected.items())


@pytest.mark.parametrize(
    ("asked", "name", "steps", "file"),
    [
        (None, "best", 5, "best.pt"),
        ("best", "best", 5, "best.pt"),
        ("last", "last", 9, "checkpoint.pt"),
        ("7", "7", 7, "spaced/7.pt"),
        ("5", "5", 5, "best.pt"),
    ],
)
def test_each_checkpoint_can_be_exported_and_says_which_it_is(
    folder: RunFolder, asked: str | None, name: str, steps: int, file: str
) -> None:
    export = export_checkpoint(folder.path, "pt", asked)
    assert export[1:] == (name, steps, None)
    assert is_of(export, folder.path / file)
    with zipfile.ZipFile(export.path) as archive:
        (about,) = [entry for entry in archive.namelist() if entry.endswith("/checkpoint.json")]
        assert msgspec.json.decode(archive.read(about)) == {"checkpoint": name, "steps": str(steps)}
    with safe_open(export_checkpoint(folder.path, "safetensors", asked).path, "pt") as weights:
        assert (weights.metadata()["checkpoint"], weights.metadata()["steps"]) == (name, str(steps))


@pytest.mark.parametrize("damage", [cut_short, zeroed, one_bit_turned, replaced_by_text])
def test_a_damaged_best_checkpoint_does_not_export_another_network_without_saying_so(
    folder: RunFolder, damage: Callable[[Path], None]
) -> None:
    damage(folder.best)
    export = export_checkpoint(folder.path, "pt")
    assert export[1:3] == ("last", 9)
    assert export.note == "The best checkpoint can no longer be read; this is the network after 9 moves."
    assert is_of(export, folder.checkpoint)
    damage(folder.checkpoint)
    export = export_checkpoint(folder.path, "pt", "last")
    assert export.note == "The last checkpoint can no longer be read; this is the network after 7 moves."
    assert export[1:3] == ("7", 7)


def test_what_was_exported_before_the_best_checkpoint_was_damaged_stays_and_is_given(folder: RunFolder) -> None:
    before = export_checkpoint(folder.path, "pt")
    written = before.path.read_bytes()
    one_bit_turned(folder.best)
    export_checkpoint(folder.path, "pt", "last")
    export_checkpoint(folder.path, "safetensors")
    after = export_checkpoint(folder.path, "pt", "best")
    assert after.path == before.path
    assert after.path.read_bytes() == written
    assert after[1:3] == ("best", 5)
    assert after.note == "The best checkpoint can no longer be read; this file was written from it earlier after 5 moves."
    assert export_checkpoint(folder.path, "pt", "5") == before._replace(note=None)


def test_a_bad_sector_that_leaves_the_time_of_the_file_alone_gives_what_was_exported_as_it_is(folder: RunFolder) -> None:
    before = export_checkpoint(folder.path, "pt")
    times = folder.best.stat()
    zeroed(folder.best)
    os.utime(folder.best, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert export_checkpoint(folder.path, "pt") == before


def test_an_export_is_given_when_no_checkpoint_can_be_read_any_more(folder: RunFolder) -> None:
    export_checkpoint(folder.path, "pt", "last")
    for path in folder.checkpoints():
        zeroed(path)
    export = export_checkpoint(folder.path, "pt")
    assert (export.checkpoint, export.steps) == ("last", 9)
    assert export.note == "No checkpoint of this run can be read any more; this file was written from one earlier."
    with pytest.raises(DamagedCheckpoint, match="every checkpoint of this run is damaged"):
        export_checkpoint(folder.path, "safetensors")


def test_an_export_goes_only_when_a_better_one_is_there(folder: RunFolder) -> None:
    first = export_run(folder.path, "pt")
    source = export_run(folder.path, "py")
    write_checkpoint(folder, folder.best, seed=6, score=60.0)
    assert export_checkpoint(folder.path, "pt").steps == 6
    assert first.exists(), "a worse one does not take its place"
    write_checkpoint(folder, folder.best, seed=11, score=95.0)
    assert export_checkpoint(folder.path, "pt").steps == 11
    assert not first.exists()
    assert source.exists(), "of another format"


def test_an_export_that_fails_removes_nothing(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = export_run(folder.path, "pt")
    write_checkpoint(folder, folder.best, seed=11, score=95.0)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("backend.export.exporter.run_in_process", fail)
    with pytest.raises(OSError, match="No space"):
        export_run(folder.path, "pt")
    assert first.exists()


def test_a_run_deleted_during_its_export_does_not_come_back(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = exporter._summary

    def delete_first(found: RunFolder, checkpoint: Path) -> Summary:
        said = summary(found, checkpoint)
        folder.path.rename(folder.path.with_name("deleted"))
        return said

    monkeypatch.setattr(exporter, "_summary", delete_first)
    with pytest.raises(NotFound, match="deleted"):
        export_checkpoint(folder.path, "py")
    assert not folder.path.exists()


@pytest.mark.parametrize("fmt", [row.suffix for row in FORMATS if row.needs])
def test_a_run_deleted_while_another_process_writes_its_file_is_not_found(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch, fmt: Suffix
) -> None:
    def delete_first(*arguments: Any, **options: Any) -> Any:
        folder.path.rename(folder.path.with_name("deleted"))
        return run_in_process(*arguments, **options)

    monkeypatch.setattr(exporter, "run_in_process", delete_first)
    with pytest.raises(NotFound, match="deleted"):
        export_checkpoint(folder.path, fmt)
    with pytest.raises(NotFound, match="deleted"):  # as one that waited in the queue meanwhile
        export_checkpoint(folder.path, fmt)


@pytest.mark.parametrize("asked", ["r1", None])
def test_an_export_does_not_fail_because_another_run_of_the_design_was_deleted(tmp_path: Path, asked: str | None) -> None:
    for number in (1, 2):
        write_run(tmp_path / "runs", f"r{number}", "running", "stopped", sequence=number).checkpoint.write_bytes(b"x")
    exported: list[str] = []

    def export(path: Path, *_: object) -> Export:
        exported.append(path.name)
        return Export(path / "run.json", "last", 1, None)

    async def story(parts: Inside) -> None:
        runs = parts.run_service.runs

        async def runs_before_a_deletion() -> list[Run]:
            found = await runs()
            await parts.run_service.delete("r2")
            return found

        parts.run_service.runs = runs_before_a_deletion  # type: ignore[method-assign]
        await ExportService(export, parts.store, parts.run_service).export("d1", "py", asked)

    inside(tmp_path, story)
    assert exported == ["r1"]


def test_a_checkpoint_that_is_not_there_is_named_with_those_that_are(folder: RunFolder) -> None:
    with pytest.raises(NotFound, match="no checkpoint after 8 moves; there are some after 5, 7, 9"):
        export_checkpoint(folder.path, "pt", "8")
    cut_short(folder.spaced_at(7))
    with pytest.raises(DamagedCheckpoint, match="after 7 moves can no longer be read; there are some after 5, 9"):
        export_checkpoint(folder.path, "pt", "7")


def test_checkpoints_and_exports_of_older_versions_are_given_and_say_which_they_are(folder: RunFolder) -> None:
    """Checkpoints had no summary and exports no name before their time."""
    for path in (folder.best, folder.checkpoint):
        state = torch.load(path, weights_only=True)
        file = io.BytesIO()
        torch.save(state, file)
        path.write_bytes(file.getvalue())
        assert read_summary(path) is None
    assert export_checkpoint(folder.path, "pt")[1:] == ("best", 5, None)
    assert export_checkpoint(folder.path, "pt", "last")[1:] == ("last", 9, None)
    old = folder.exports / str(folder.best.stat().st_mtime_ns) / "d0.onnx"
    old.parent.mkdir()
    old.write_bytes(b"as an older version wrote it")
    assert export_checkpoint(folder.path, "onnx") == Export(old, "best", None, None)
    folder.best.unlink()
    folder.set_aside(folder.best).touch()
    assert export_checkpoint(folder.path, "onnx") == Export(
        old, "best", None, "The best checkpoint can no longer be read; this file was written from it earlier."
    )


def test_the_answer_of_the_server_says_which_network_it_is(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "data" / "runs" / "r1")
    url = "/api/designs/d0/export?fmt=pt&run_id=r1"
    with serving(tmp_path / "data") as client:
        plain = client.get(url)
        asked = client.get(f"{url}&checkpoint=best")
        folder.best.write_bytes(b"damaged")
        damaged = client.get(url)
        of_steps = client.get(f"{url}&checkpoint=1")
        missing = client.get(f"{url}&checkpoint=2")
        refused = client.get(f"{url}&checkpoint=worst")
    for answer in (plain, asked, damaged, of_steps):
        assert answer.status_code == 200
        assert answer.headers["x-export-steps"] == "1"
    names = [answer.headers["x-export-checkpoint"] for answer in (plain, asked, damaged, of_steps)]
    assert names == ["last", "last", "last", "1"]
    notes = [answer.headers.get("x-export-note") for answer in (plain, asked, damaged, of_steps)]
    none_yet = "No checkpoint has been called best yet; this is the newest network, after 1 moves."
    assert notes == [None, none_yet, LOST, None]
    assert 'filename="d0-r1-last-1.pt"' in damaged.headers["content-disposition"]
    assert 'filename="d0-r1-1.pt"' in of_steps.headers["content-disposition"]
    assert (missing.status_code, refused.status_code) == (404, 422)


def test_what_a_killed_server_left_is_removed_by_the_next_export(folder: RunFolder) -> None:
    export = export_checkpoint(folder.path, "py")
    now_writing = export.path.parent / ".new-11111111.d0.py.json"
    left = [folder.exports / ".0123abcd.pinned.pt", folder.exports / "last-1" / ".new-00000000.d0.pt"]
    left += [export.path.parent / name for name in (".new-22222222.d0.onnx.unchecked", ".tmpAbCdEf", ".new-33333333.d0.py.json")]
    left[1].parent.mkdir()
    for path in (*left, now_writing):
        path.write_text("begun")
    os.utime(left[-1], (0, 0))
    export_checkpoint(folder.path, "py", "last")
    assert [path for path in left if path.exists()] == []
    assert now_writing.exists(), "details are also written while the exports are listed"
    assert export.path.exists()
