"""Files that `restore` refuses: cut off, damaged, of other programs or of newer versions; nothing is changed then."""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from support.backup_data import COUNT, names

from backend.backup.archive import ABOUT, CHECKSUMS, VERSION, About, new_archive
from backend.backup.restore import restore
from backend.cli import main
from backend.errors import BackupUnusable
from backend.store.dump import stored_documents
from backend.store.names import DATABASE, EPOCH, LOCK
from backend.store.sqlite import Database


def test_a_backup_that_was_cut_off_anywhere_is_refused_and_changes_nothing(data: Path, backup: Path, tmp_path: Path) -> None:
    whole, before = backup.read_bytes(), names(data)
    with tarfile.open(backup) as archive:
        end = next(entry for entry in archive if entry.name == CHECKSUMS)
    complete = end.offset_data + end.size
    cut = tmp_path / "cut.tar"
    for length in [0, 1, 511, 512, 513, 1024, *range(1536, complete, 5_003), complete - 1]:
        cut.write_bytes(whole[:length])
        with pytest.raises(BackupUnusable, match="Nothing was changed"):
            restore(data, cut)
    assert names(data) == before | {LOCK}
    assert len(stored_documents(data).documents) == COUNT - 1


def test_a_changed_byte_is_noticed(data: Path, backup: Path) -> None:
    whole = backup.read_bytes()
    with tarfile.open(backup) as archive:
        places = [(entry.name, entry.offset_data + entry.size // 2) for entry in archive if entry.size and entry.name != ABOUT]
    assert len(places) > 4
    for name, place in places:
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(BackupUnusable, match="damaged") as refused:
            restore(data, backup)
        assert name in str(refused.value) or name == CHECKSUMS


def foreign_files(folder: Path) -> dict[str, Path]:
    (folder / "text").write_text("notes " * 500)
    (folder / "zeros").write_bytes(bytes(20_000))
    with tarfile.open(folder / "other.tar", "w") as archive:
        archive.add(folder / "text", "notes.txt")
    with closing(sqlite3.connect(folder / "other.db")) as database:
        database.execute("CREATE TABLE notes (text TEXT)")
    return {path.name: path for path in folder.iterdir()}


def test_files_of_other_programs_are_refused(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "files").mkdir()
    for path in foreign_files(tmp_path / "files").values():
        assert main(["restore", str(path), "--data-dir", str(data)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f"{path} is no backup of Model Studio" in line
    assert main(["restore", str(tmp_path / "none"), "--data-dir", str(data)]) == 2
    assert main(["restore", str(tmp_path), "--data-dir", str(data)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert len(stored_documents(data).documents) == COUNT - 1


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/outside", "runs/r1/../../../outside", "runs/R/x", "runs/r1", EPOCH, "runs/../x/y"]
)
def test_nothing_is_extracted_to_a_place_that_backups_do_not_have(data: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "content").write_text("x")
    with new_archive(tmp_path / "bad.tar", About(VERSION, "", "1", runs=True)) as archive:
        archive.add_file(DATABASE, data / DATABASE)
        archive.add_file(name, tmp_path / "content")
    with pytest.raises(BackupUnusable, match="which no backup has"):
        restore(tmp_path / "new", tmp_path / "bad.tar")
    assert names(tmp_path / "new") == {LOCK}


def test_backups_of_newer_versions_are_refused(data: Path, tmp_path: Path) -> None:
    with new_archive(tmp_path / "newer.tar", About(VERSION + 1, "", "9.1", runs=False)) as archive:
        archive.add_file(DATABASE, data / DATABASE)
    with pytest.raises(BackupUnusable, match=r"newer version of Model Studio \(9\.1\)"):
        restore(tmp_path / "new", tmp_path / "newer.tar")
    database = Database(str(data / DATABASE))
    with database.atomic():
        database.execute("UPDATE _sqlite_migrations SET name = 'm999_from_the_future' WHERE name LIKE 'm001%'")
    database.close()
    with new_archive(tmp_path / "newer.tar", About(VERSION, "", "9.1", runs=False)) as archive:
        archive.add_file(DATABASE, data / DATABASE)
    with pytest.raises(BackupUnusable, match=r"newer\.tar was written by a newer version of Model Studio .*m999"):
        restore(tmp_path / "new", tmp_path / "newer.tar")
