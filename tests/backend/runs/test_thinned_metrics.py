"""The files of old runs are thinned: the curve, every test game and every status stay."""

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.metric_messages import evaluation, progress, update
from support.run_folders import write_run
from support.server_parts import Inside, inside

from backend.export.run_metrics import read_metrics
from backend.runs import thinned_metrics
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder
from backend.runs.thinned_metrics import thin_metrics
from backend.store.messages import run_offsets, set_offsets
from backend.store.pruning import interval

POINTS = 10


@pytest.fixture(autouse=True)
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinned_metrics, "THIN_FROM_BYTES", 0)


def trained_run(runs_dir: Path, run_id: str = "r1", updates: int = 300) -> RunFolder:
    """A run that wrote a point every 16 moves, test games now and then, and has ended."""
    folder = write_run(runs_dir, run_id, "running")
    with Journal(folder, folder.request) as journal:
        for number in range(1, updates + 1):
            journal.write(update(16 * number, run_id))
            if number % 50 == 0:
                for done in range(4):
                    journal.write(progress(16 * number, done, run_id))
                journal.write(evaluation(16 * number, run_id=run_id))
        journal.status("finished")
    return folder


def lines(folder: RunFolder) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in folder.metrics.read_bytes().splitlines()]


def test_the_curve_stays_and_everything_else(tmp_path: Path) -> None:
    folder = trained_run(tmp_path)
    before, metrics = lines(folder), read_metrics(folder, "r1")
    size = thin_metrics(folder, POINTS, folder.metrics.stat().st_size)
    after = lines(folder)
    assert size == folder.metrics.stat().st_size
    assert [line["seq"] for line in after] == list(range(1, len(after) + 1))
    points = [line["steps"] for line in after if line["type"] == "training_update"]
    assert POINTS / 2 <= len(points) <= POINTS + 1
    assert points[0] == 16
    assert points[-1] == 16 * 300
    assert max(after - before for before, after in pairwise(points)) <= 4 * 16 * 300 / POINTS
    kept = [{**line, "seq": 0} for line in before if line["type"] in ("run_status", "evaluation")]
    assert [{**line, "seq": 0} for line in after if line["type"] in ("run_status", "evaluation")] == kept
    assert read_metrics(folder, "r1").evaluations == [
        msgspec.structs.replace(one, seq=found.seq)
        for one, found in zip(metrics.evaluations, read_metrics(folder, "r1").evaluations, strict=True)
    ]
    assert thin_metrics(folder, POINTS, size) is None, "a second time there is nothing to gain"


def test_a_run_that_is_written_or_not_read_to_its_end_is_left_alone(tmp_path: Path) -> None:
    folder = trained_run(tmp_path)
    size, content = folder.metrics.stat().st_size, folder.metrics.read_bytes()
    assert thin_metrics(folder, POINTS, size - 1) is None
    lock = folder.take_lock()
    assert lock is not None
    assert thin_metrics(folder, POINTS, size) is None
    os.close(lock)
    assert folder.metrics.read_bytes() == content
    assert thin_metrics(folder, POINTS, size) is not None


def test_a_run_that_went_back_to_a_checkpoint_keeps_both_ways(tmp_path: Path) -> None:
    folder = write_run(tmp_path, "r1", "running")
    with Journal(folder, folder.request) as journal:
        for steps in (*range(0, 2000, 10), *range(1000, 3000, 10)):
            journal.write(update(steps))
        journal.status("stopped")
    thin_metrics(folder, POINTS, folder.metrics.stat().st_size)
    points = [line["steps"] for line in lines(folder) if line["type"] == "training_update"]
    assert points[-1] == 2990
    assert sorted(points) != points
    assert len(points) <= 2 * POINTS + 1


@given(st.integers(0, 10**10), st.integers(1, 5000))
def test_intervals_are_powers_of_two_and_no_more_than_asked_for(highest: int, points: int) -> None:
    width = interval(highest, points)
    assert width & (width - 1) == 0
    assert (highest + 1) / width <= points
    assert width == 1 or (highest + 1) / (width / 2) > points


def test_a_thinned_run_shows_the_same_and_continues_without_a_lost_or_repeated_message(tmp_path: Path) -> None:
    trained_run(tmp_path / "runs")

    async def work(parts: Inside) -> None:
        await parts.poll_once()
        shown = await parts.run_service.run("r1")
        count = len(parts.published)
        size = await parts.run_service.thin_metrics("r1", POINTS)
        assert size is not None
        await parts.store.call(set_offsets, {"r1": size})
        await parts.poll_once()
        assert len(parts.published) == count
        assert await parts.run_service.run("r1") == shown
        assert await parts.store.call(run_offsets) == {"r1": size}
        folder = RunFolder(tmp_path / "runs" / "r1")
        with Journal(folder, folder.request) as journal:
            journal.status("paused")
        parts.manager._changed.add("r1")
        await parts.until(type="run_status", status="paused")
        assert len(parts.published) == count + 1

    inside(tmp_path, work)


def test_a_crash_before_the_new_offset_is_stored_loses_no_message(tmp_path: Path) -> None:
    folder = trained_run(tmp_path / "runs")

    async def before(parts: Inside) -> None:
        await parts.poll_once()
        assert await parts.run_service.thin_metrics("r1", POINTS) is not None

    async def after(parts: Inside) -> None:
        assert await parts.store.call(run_offsets) == {"r1": folder.metrics.stat().st_size}
        with Journal(folder, folder.request) as journal:
            journal.status("running")
        parts.manager._changed.add("r1")
        await parts.until(type="run_status", status="running")
        assert len(parts.published) == 1

    inside(tmp_path, before)
    inside(tmp_path, after)
