"""Backups: complete while the server writes, refused when anything about the file is wrong, and put back without losing data."""

import asyncio
import os
import shutil
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from support.backup_data import COUNT, names
from support.damaged_database import overwrite, write_designs
from support.server_process import ROOT
from support.server_thread import serving
from support.small_disk import small_disk

from backend.backup.archive import ABOUT, CHECKSUMS, read_archive
from backend.backup.back_up import back_up
from backend.backup.restore import restore
from backend.cli import main
from backend.errors import BackupFailed, DataUnusable
from backend.store.checks import connect_to_read, find_damage
from backend.store.database import Store, take_lock
from backend.store.dump import stored_documents
from backend.store.epoch import read_epoch
from backend.store.names import DATABASE, EPOCH, LOCK, RESTORING

FIXTURES = Path(__file__).parents[2] / "fixtures"


def run_files(data: Path) -> dict[str, bytes]:
    return {str(path.relative_to(data)): path.read_bytes() for path in (data / "runs" / "r1").rglob("*") if path.is_file()}


def test_what_was_changed_since_a_backup_is_kept_aside_and_a_new_history_begins(
    data: Path, backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, files = stored_documents(data), run_files(data)
    epoch = read_epoch(data / EPOCH)
    write_designs(data, COUNT + 5)
    changed = stored_documents(data)
    (data / "runs" / "r1" / "checkpoint.pt").write_bytes(b"newer")
    assert main(["restore", str(backup), "--data-dir", str(data)]) == 0
    assert stored_documents(data) == saved != changed
    assert run_files(data) == files
    assert read_epoch(data / EPOCH) not in (epoch, None)
    (kept,) = (path for path in data.iterdir() if path.name.startswith("before-restore-"))
    assert str(kept) in capsys.readouterr().out
    assert stored_documents(kept) == changed
    assert read_epoch(kept / EPOCH) == epoch
    assert (kept / "runs" / "r1" / "checkpoint.pt").read_bytes() == b"newer"
    assert names(data) == {DATABASE, EPOCH, LOCK, "runs", kept.name}


def test_the_backup_says_what_is_in_it_with_sizes(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", str(tmp_path / "b.tar"), "--runs", "--data-dir", str(data)]) == 0
    said = capsys.readouterr().out
    assert f"{COUNT - 1} designs, 1 deleted ones, 54 versions: " in said
    assert "  1 runs: " in said
    assert "MB" in said or "kB" in said
    assert main(["backup", str(tmp_path / "c.tar"), "--data-dir", str(data)]) == 0
    assert "no runs" in capsys.readouterr().out
    with tarfile.open(tmp_path / "c.tar") as archive:
        assert archive.getnames() == [ABOUT, DATABASE, CHECKSUMS]
    with tarfile.open(tmp_path / "b.tar") as archive:
        assert not [name for name in archive.getnames() if "epoch" in name or "/." in name]


def test_a_backup_without_runs_leaves_the_runs_where_they_are(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "b.tar", with_runs=False, force=False)
    (data / "runs" / "r1" / "checkpoint.pt").write_bytes(b"newer")
    restored = restore(data, tmp_path / "b.tar")
    assert (data / "runs" / "r1" / "checkpoint.pt").read_bytes() == b"newer"
    assert restored.kept is not None
    assert names(restored.kept) == {DATABASE, EPOCH}


def test_case_30_a_backup_can_be_put_into_a_new_folder_and_is_then_served(backup: Path, tmp_path: Path) -> None:
    assert restore(tmp_path / "new", backup).kept is None
    with serving(tmp_path / "new") as server:
        assert len(server.get("/api/designs").json()) == COUNT - 1
        assert server.get("/api/runs/r1").json()["status"] == "finished"
        assert server.sync(epoch=None, cursor=0)["epoch"] == read_epoch(tmp_path / "new" / EPOCH)


def test_a_backup_of_a_running_server_has_what_is_only_in_its_log(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        design = server.new_design(id="dlog", name="In the log")
        assert (tmp_path / "data" / f"{DATABASE}-wal").stat().st_size > 0
        assert main(["backup", str(tmp_path / "b.tar"), "--data-dir", str(tmp_path / "data")]) == 0
        assert main(["restore", str(tmp_path / "b.tar"), "--data-dir", str(tmp_path / "data")]) == 2, "it is running"
        assert server.get("/api/designs/dlog").json() == design
    restore(tmp_path / "new", tmp_path / "b.tar")
    assert set(stored_documents(tmp_path / "new").documents) == {"dlog"}


def test_case_08_after_a_restore_a_phone_receives_another_history_even_if_it_has_missed_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        design = server.new_design(id="done")
        before = server.sync(epoch=None, cursor=0)
        back_up(tmp_path / "data", tmp_path / "b.tar", with_runs=False, force=False)
        server.new_design(id="dtwo")
        after = server.sync(epoch=before["epoch"], cursor=before["cursor"], cursor_token=before["cursor_token"])
        assert ([entry["id"] for entry in after["designs"]], after["history"]) == (["dtwo"], "same")
    restore(tmp_path / "data", tmp_path / "b.tar")
    with serving(tmp_path / "data") as server:
        for seen in (before, after):
            answer = server.sync(epoch=seen["epoch"], cursor=seen["cursor"], cursor_token=seen["cursor_token"])
            assert answer["epoch"] != seen["epoch"]
            assert (answer["history"], [entry["document"] for entry in answer["designs"]]) == ("other", [design])
        again = server.sync(epoch=answer["epoch"], cursor=answer["cursor"], cursor_token=answer["cursor_token"])
        assert again["history"] == "same"


WRITER = """
import sqlite3, sys
from pathlib import Path
from backend.store.database import open_database
database = open_database(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    with database.atomic():  # both rows or none
        database.execute("INSERT INTO messages (run_id, payload) VALUES ('r1', ?)", ["x" * 2000])
        database.execute("INSERT INTO run_offsets (run_id, offset) VALUES (?, ?)", [f"r{number}", number])
    print(number, flush=True)
"""


def test_backups_while_another_process_writes_are_whole_transactions(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_designs(data, 3)
    command = [sys.executable, "-c", WRITER, str(data / DATABASE)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout is not None
            lines = iter(writer.stdout)
            counts = []
            for number in range(5):
                acknowledged = int([next(lines) for _ in range(40)][-1])
                back_up(data, tmp_path / f"{number}.tar", with_runs=False, force=False)
                read_archive(tmp_path / f"{number}.tar", tmp_path / str(number))
                copy = tmp_path / str(number) / DATABASE
                assert find_damage(copy) is None
                with closing(connect_to_read(copy)) as database:
                    (offsets,) = database.execute("SELECT count(*) FROM run_offsets").fetchone()
                    (messages,) = database.execute("SELECT count(*) FROM messages WHERE run_id = 'r1'").fetchone()
                assert offsets == messages >= acknowledged
                counts.append(offsets)
            assert counts == sorted(set(counts))
        finally:
            writer.kill()


def test_a_file_that_grows_while_it_is_copied_is_taken_as_it_was(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = data / "runs" / "r1" / "metrics.jsonl"
    before = metrics.read_bytes()
    status = os.fstat

    def change(length: int) -> None:
        def fstat(descriptor: int) -> os.stat_result:
            found = status(descriptor)
            if found.st_ino == metrics.stat().st_ino:
                os.truncate(metrics, length)
            return found

        monkeypatch.setattr("backend.backup.archive.os.fstat", fstat)

    change(len(before) + 100)
    back_up(data, tmp_path / "b.tar", with_runs=True, force=False)
    read_archive(tmp_path / "b.tar", tmp_path / "out")
    assert (tmp_path / "out" / "runs" / "r1" / "metrics.jsonl").read_bytes() == before
    change(len(before) // 2)
    with pytest.raises(BackupFailed, match=r"metrics\.jsonl became shorter"):
        back_up(data, tmp_path / "c.tar", with_runs=True, force=False)
    assert names(tmp_path) == {"data", "b.tar", "out"}


def test_a_data_folder_of_an_older_version_can_be_backed_up_and_restored(tmp_path: Path) -> None:
    with tarfile.open(FIXTURES / "data_8403e01.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    back_up(tmp_path / "data", tmp_path / "b.tar", with_runs=True, force=False)
    restore(tmp_path / "new", tmp_path / "b.tar")
    assert stored_documents(tmp_path / "new") == stored_documents(tmp_path / "data")
    assert {path.name for path in (tmp_path / "new" / "runs").iterdir()} == {
        path.name for path in (tmp_path / "data" / "runs").iterdir() if not path.name.startswith(".")
    }


# --- what keeps a backup from being written ----------------------------------------------------------------------


def test_a_file_in_the_way_is_overwritten_only_on_request(data: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(BackupFailed, match="--force"):
        back_up(data, tmp_path / "mine", with_runs=False, force=False)
    assert (tmp_path / "mine").read_text() == "mine"
    back_up(data, tmp_path / "mine", with_runs=False, force=True)
    assert not read_archive(tmp_path / "mine").runs


@pytest.mark.parametrize("name", [DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", EPOCH, LOCK, "runs/r1/checkpoint.pt"])
def test_a_file_of_the_data_is_never_overwritten(data: Path, tmp_path: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    (tmp_path / "link").symlink_to(data, target_is_directory=True)
    for folder in (data, tmp_path / "link"):
        with pytest.raises(BackupFailed, match="data"):
            back_up(data, folder / name, with_runs=False, force=True)
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_the_database_is_not_overwritten_where_its_name_is_a_link(data: Path, tmp_path: Path) -> None:
    (data / DATABASE).rename(tmp_path / "elsewhere.db")
    (data / DATABASE).symlink_to(tmp_path / "elsewhere.db")
    for out in (data / DATABASE, tmp_path / "elsewhere.db"):
        with pytest.raises(BackupFailed, match="data"):
            back_up(data, out, with_runs=False, force=True)


def test_a_backup_in_the_data_folder_can_be_replaced(data: Path) -> None:
    for force in (False, True):
        back_up(data, data / "b.tar", with_runs=False, force=force)


def test_what_a_backup_cannot_be_made_from_is_one_sentence(data: Path, tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(DataUnusable, match=r"There is no studio\.db"):
            back_up(folder, tmp_path / "b.tar", with_runs=False, force=False)
    with pytest.raises(BackupFailed, match="is a folder"):
        back_up(data, tmp_path, with_runs=False, force=True)
    with pytest.raises(BackupFailed, match="There is no folder"):
        back_up(data, tmp_path / "no" / "b.tar", with_runs=False, force=False)
    overwrite(data, 0.3, 0.3)
    with pytest.raises(DataUnusable, match="rescue --out DIR"):
        back_up(data, tmp_path / "b.tar", with_runs=False, force=False)
    assert names(tmp_path) == {"data"}


@pytest.mark.parametrize("kilobytes", [0, 100, 300])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(data: Path, tmp_path: Path, kilobytes: int) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        (disk / "ballast").write_bytes(bytes((1024 - 8 - kilobytes) * 1024))
        with pytest.raises(BackupFailed, match=r"There is no space left for .*b\.tar"):
            back_up(data, disk / "b.tar", with_runs=True, force=False)
        assert names(disk) == {"ballast"}


def test_a_restore_onto_a_full_disk_changes_nothing(backup: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        write_designs(disk / "data", 3)
        before = stored_documents(disk / "data")
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize
        (disk / "ballast").write_bytes(bytes(max(0, free - 80_000)))
        with pytest.raises(BackupFailed, match=r"There is no space left in .* try again"):
            restore(disk / "data", backup)
        assert stored_documents(disk / "data") == before
        assert names(disk / "data") == {DATABASE, EPOCH, LOCK}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folders_and_files_without_rights_are_one_sentence(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    assert main(["backup", str(tmp_path / "closed" / "b.tar"), "--data-dir", str(data)]) == 2
    (data / "runs" / "r1" / "checkpoint.pt").chmod(0)
    assert main(["backup", str(tmp_path / "b.tar"), "--runs", "--data-dir", str(data)]) == 2
    (data / DATABASE).chmod(0)
    assert main(["backup", str(tmp_path / "b.tar"), "--data-dir", str(data)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [name in line for name, line in zip(("closed", "checkpoint.pt", DATABASE), lines, strict=True)] == [True] * 3
    assert not (tmp_path / "b.tar").exists()


def test_a_disk_that_cannot_be_written_to_is_one_sentence(
    data: Path, backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        write_designs(disk / "data", 1)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert main(["backup", str(disk / "b.tar"), "--data-dir", str(data)]) == 2
        assert main(["restore", str(backup), "--data-dir", str(disk / "data")]) == 2
        assert main(["backup", str(tmp_path / "b.tar"), "--data-dir", str(disk / "data")]) == 0, "it is only read"
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 2
        assert all("on a disk that can be written to" in line for line in lines)


# --- a restore that is interrupted -------------------------------------------------------------------------------


def test_a_run_that_is_still_training_is_not_moved_away(data: Path, backup: Path) -> None:
    lock = take_lock(data / "runs" / "r1" / "lock")
    try:
        with pytest.raises(DataUnusable, match="Run r1 is still training"):
            restore(data, backup)
    finally:
        os.close(lock)
    assert restore(data, backup).kept is not None


async def refused_to_open(data: Path) -> None:
    store = Store(data, lambda _: None)
    with pytest.raises(DataUnusable, match="was interrupted"):
        await store.open()
    await store.close()


class Killed(BaseException):
    """The process ended here."""


def test_a_restore_that_is_killed_at_any_step_is_completed_by_the_next(
    pattern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(pattern, tmp_path / "b.tar", with_runs=True, force=False)
    saved, step, killed = stored_documents(pattern), 0, True
    moved = Path.rename
    while killed:
        step += 1
        data = Path(shutil.copytree(pattern, tmp_path / f"data{step}"))
        write_designs(data, COUNT + 7)
        (data / "runs" / "r1" / "checkpoint.pt").write_bytes(b"newer")
        changed = stored_documents(data)
        left = step

        def move(self: Path, target: Path) -> Path:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            return moved(self, target)

        monkeypatch.setattr(Path, "rename", move)
        try:
            restore(data, tmp_path / "b.tar")
            killed = False
        except Killed:
            asyncio.run(refused_to_open(data))
            assert main(["backup", str(tmp_path / "c.tar"), "--data-dir", str(data)]) == 2
        monkeypatch.setattr(Path, "rename", moved)
        if killed:
            restore(data, tmp_path / "b.tar")
        assert not (data / RESTORING).exists()
        assert stored_documents(data) == saved
        assert (data / "runs" / "r1" / "checkpoint.pt").stat().st_size == 3_000
        (kept,) = (path for path in data.iterdir() if path.name.startswith("before-restore-"))
        assert stored_documents(kept) == changed
        assert (kept / "runs" / "r1" / "checkpoint.pt").read_bytes() == b"newer"
    assert step >= 5
