"""A power cut takes lines back that the database has already; afterwards the stream and the API tell the same story."""

import itertools
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.metric_messages import update
from support.run_folders import write_run
from support.server_parts import Inside, inside

from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder
from backend.store.messages import run_offsets
from shared_py.protocol import CheckpointCreated

STEPS = (64, 128, 192)


def write_training(root: Path) -> RunFolder:
    """A run in training, some of whose lines are on the disk, without a process."""
    folder = write_run(root / "runs", "r1", "running")
    with Journal(folder, folder.request) as journal:
        for steps in STEPS:
            journal.write(update(steps))
            journal.write(CheckpointCreated(0, "", steps, None))
    return folder


def take_all(root: Path, folder: RunFolder) -> list[dict[str, Any]]:
    """Have the database take all lines while a trainer holds the lock."""
    lock = folder.take_lock()
    assert lock is not None

    async def story(parts: Inside) -> list[dict[str, Any]]:
        await parts.until(type="checkpoint_created", steps=STEPS[-1])
        return parts.published

    try:
        told: list[dict[str, Any]] = inside(root, story)
        return told
    finally:
        os.close(lock)


def restart(root: Path) -> tuple[list[dict[str, Any]], str, int]:
    """What a new server publishes, the status that it shows, and how far it says that the file is read."""

    async def story(parts: Inside) -> tuple[list[dict[str, Any]], str, int]:
        for _ in range(3):
            await parts.poll_once()
        return parts.published, parts.manager.run("r1").status, (await parts.store.call(run_offsets))["r1"]

    told: tuple[list[dict[str, Any]], str, int] = inside(root, story)
    return told


def cuts(whole: bytes) -> list[int]:
    """Where to cut a file: behind its first two lines, which are statuses and so on the disk, and everywhere near its end."""
    first = whole.index(b"\n", whole.index(b"\n") + 1) + 1
    return sorted({*range(first, len(whole), 61), *range(len(whole) - 40, len(whole) + 1)})


def test_after_a_power_cut_the_stream_ends_as_the_api_says(tmp_path: Path) -> None:
    pattern = tmp_path / "pattern"
    folder = write_training(pattern)
    whole = folder.metrics.read_bytes()
    before = take_all(pattern, folder)
    for cut in cuts(whole):
        root = tmp_path / f"cut{cut}"
        shutil.copytree(pattern, root)
        metrics = root / "runs" / "r1" / "metrics.jsonl"
        os.truncate(metrics, cut)
        published, status, offset = restart(root)
        kept = whole[: whole[:cut].rfind(b"\n") + 1]
        assert status == "interrupted", cut
        assert [(message["type"], message.get("status")) for message in published] == [("run_status", "interrupted")], cut
        assert metrics.read_bytes().startswith(kept), cut
        assert metrics.read_bytes().count(b"\n") == kept.count(b"\n") + 1, cut
        assert offset == metrics.stat().st_size, cut
        assert [message["seq"] for message in published] == [len(before) + 1], cut
        assert restart(root) == ([], "interrupted", offset), cut


def test_lines_written_after_a_power_cut_are_told_even_where_the_file_has_grown_past_what_was_read(tmp_path: Path) -> None:
    folder = write_training(tmp_path)
    take_all(tmp_path, folder)
    os.truncate(folder.metrics, folder.metrics.stat().st_size // 2)

    async def story(parts: Inside) -> list[int]:
        lock = folder.take_lock()
        assert lock is not None
        with Journal(folder, folder.request) as journal:
            for steps in range(1000, 1010):
                journal.write(update(steps))
        await parts.poll_once()
        os.close(lock)
        return [message["steps"] for message in parts.published]

    assert inside(tmp_path, story) == list(range(1000, 1010))


def test_a_file_that_is_ahead_of_the_database_is_caught_up_with(tmp_path: Path) -> None:
    folder = write_training(tmp_path)
    take_all(tmp_path, folder)
    with Journal(folder, folder.request) as journal:
        journal.write(update(256))
    with folder.metrics.open("ab") as file:
        file.write(b'{"type":"training_update","seq":10,"run_id":"r1","epi')
    published, status, offset = restart(tmp_path)
    assert [message["type"] for message in published] == ["training_update", "run_status"]
    assert (published[-1]["status"], status) == ("interrupted", "interrupted")
    assert offset == folder.metrics.stat().st_size


def test_a_file_that_is_put_back_while_the_server_runs_is_read_on_from_its_last_whole_line(tmp_path: Path) -> None:
    folder = write_training(tmp_path)
    backup = folder.metrics.read_bytes()[:-25]

    async def story(parts: Inside) -> None:
        lock = folder.take_lock()
        assert lock is not None
        await parts.until(type="checkpoint_created", steps=STEPS[-1])
        folder.metrics.write_bytes(backup)
        await parts.poll_once()
        assert parts.manager.run("r1").steps == STEPS[-1]
        with Journal(folder, folder.request) as journal:
            journal.write(update(7))
        count = len(parts.published)
        await parts.poll_once()
        assert [message["steps"] for message in parts.published[count:]] == [7]
        assert parts.manager.run("r1").steps == 7
        os.close(lock)

    inside(tmp_path, story)


def test_a_status_and_a_checkpoint_are_on_the_disk_before_anybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_run(tmp_path, "r1")
    safe: list[int] = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (sync(file), safe.append(os.fstat(file).st_size)))
    sizes = []
    with Journal(folder, folder.request) as journal:
        for write in (lambda: journal.status("running"), lambda: journal.write(update(5)), lambda: journal.write(update(6))):
            write()
            sizes.append(folder.metrics.stat().st_size)
        journal.write(CheckpointCreated(0, "", 6, None))
        sizes.append(folder.metrics.stat().st_size)
    assert safe == [sizes[0], sizes[-1]]
    assert all(later > earlier for earlier, later in itertools.pairwise(sizes))


def test_a_line_that_does_not_reach_the_disk_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_run(tmp_path, "r1")
    before = folder.metrics.read_bytes()

    def refuse(_: int) -> None:
        raise OSError("the disk is gone")

    with Journal(folder, folder.request) as journal:
        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="the disk is gone"):
            journal.status("running")
        monkeypatch.undo()
        assert folder.metrics.read_bytes() == before
        journal.status("paused")
    assert folder.metrics.read_bytes().count(b"\n") == 2
