"""The progress of test games is sent to connected clients and not stored."""

import asyncio
import os
from pathlib import Path

import pytest
from support.metric_messages import progress, update
from support.run_folders import write_run
from support.server_parts import Inside, inside

from backend.runs.journal import Journal
from backend.runs.progress import write_progress
from backend.runs.run_folder import RunFolder
from backend.store.messages import last_seq, messages_after, take_run_messages


def evaluating(root: Path) -> tuple[RunFolder, int]:
    """A run that plays test games, and the lock of its process, which is this one."""
    folder = write_run(root / "runs", "r1", "running")
    lock = folder.take_lock()
    assert lock is not None
    with Journal(folder, folder.request) as journal:
        journal.enter("evaluating")
    return folder, lock


def test_progress_is_sent_with_the_number_of_the_newest_message_and_not_stored(tmp_path: Path) -> None:
    folder, lock = evaluating(tmp_path)

    async def work(parts: Inside) -> None:
        write_progress(folder.progress, progress(500, 3, run_id=""))
        message = await parts.until(type="evaluation_progress")
        stored = await parts.store.call(last_seq)
        assert (message["seq"], message["run_id"], message["steps"], message["games_done"]) == (stored, "r1", 500, 3)
        count = len(parts.published)
        for _ in range(3):
            await parts.poll_once()
        assert len(parts.published) == count
        write_progress(folder.progress, progress(500, 4, run_id=""))
        assert (await parts.until(games_done=4))["seq"] == stored
        folder.progress.write_bytes(b'{"type":"evaluation_progress"')
        with Journal(folder, folder.request) as journal:
            journal.enter("training")
        await parts.until(phase="training", seq=stored + 1)
        kept = await parts.store.call(messages_after, 0, 100)
        assert [message.seq for message in kept] == list(range(1, stored + 2))
        assert not any(b"evaluation_progress" in (message.payload or b"") for message in kept)

    inside(tmp_path, work)
    os.close(lock)


def test_unchanged_progress_is_sent_again_for_phones_that_have_connected_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, lock = evaluating(tmp_path)
    write_progress(folder.progress, progress(500, 3, run_id=""))
    monkeypatch.setattr("backend.runs.progress.REPEAT_S", 0.0)

    async def work(parts: Inside) -> None:
        await parts.until(type="evaluation_progress")
        parts.published.clear()
        assert (await parts.until(type="evaluation_progress"))["games_done"] == 3

    inside(tmp_path, work)
    os.close(lock)


def test_a_server_that_starts_during_test_games_sends_their_progress(tmp_path: Path) -> None:
    folder, lock = evaluating(tmp_path)
    write_progress(folder.progress, progress(500, 7, run_id=""))

    async def work(parts: Inside) -> None:
        assert (await parts.until(type="evaluation_progress"))["games_done"] == 7

    inside(tmp_path, work)
    os.close(lock)


def test_progress_in_the_lines_of_a_run_is_ignored(tmp_path: Path) -> None:
    async def work(parts: Inside) -> None:
        await parts.store.call(take_run_messages, "r1", [update(5), progress(5, 1), update(6)], 9)
        await asyncio.sleep(0)
        assert [(message["type"], message["seq"]) for message in parts.published] == [
            ("training_update", 1),
            ("training_update", 2),
        ]

    inside(tmp_path, work)
