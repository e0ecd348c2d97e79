"""A file is replaced completely or not at all, and is on the disk before anybody relies on it."""

import os
import stat
import threading
from pathlib import Path

import pytest

from backend.process.durable import replacing, write_atomically


def test_a_file_is_replaced_and_nothing_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "speed.json"
    for content in (b"first", b"second"):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert [item.name for item in tmp_path.iterdir()] == ["speed.json"]


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "speed.json"
    write_atomically(path, b"first")

    def write_half() -> None:
        with replacing(path) as unfinished:
            unfinished.write_bytes(b"sec")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_half()
    assert path.read_bytes() == b"first"
    assert [item.name for item in tmp_path.iterdir()] == ["speed.json"]


def test_content_and_name_are_on_the_disk_in_this_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, sync, synced = tmp_path / "speed.json", os.fsync, []

    def note(descriptor: int) -> None:
        sync(descriptor)
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        synced.append((kind, path.exists()))

    monkeypatch.setattr(os, "fsync", note)
    write_atomically(path, b"first")
    assert synced == [("file", False), ("folder", True)]


def test_threads_that_replace_the_same_file_do_not_mix(tmp_path: Path) -> None:
    path, contents = tmp_path / "speed.json", [bytes([letter]) * 100_000 for letter in b"abcd"]
    threads = [threading.Thread(target=write_atomically, args=(path, content)) for content in contents for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert len(list(tmp_path.iterdir())) == 1
