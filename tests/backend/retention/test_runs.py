"""Old runs are deleted beyond a number, by the same function as a person's deletion, and charts of ended ones are thinned."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.run_folders import write_run
from support.server_parts import Inside, inside

from backend.retention.runs import RunRetention, runs_to_delete
from backend.runs import thinned_metrics
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder
from backend.store.messages import is_run_deleted
from shared_py.protocol import CheckpointCreated, Run, RunLabels


def run(number: int, **changes: Any) -> Run:
    members = {"design_id": "d1", "design_hash": "", "status": "finished", "reason": None, "steps": 1, "total_steps": 1}
    return Run(f"r{number}", created_at="", **(members | changes))


@given(
    st.lists(st.tuples(st.sampled_from(["finished", "failed", "paused"]), st.booleans(), st.integers(0, 5)), max_size=12),
    st.integers(0, 12),
)
def test_named_active_and_best_runs_are_kept(found: list[tuple[str, bool, int]], most: int) -> None:
    runs = [
        run(number, status=status, name="mine" if is_named else "", best_score=float(score))
        for number, (status, is_named, score) in enumerate(found)
    ]
    gone = runs_to_delete(runs, most)
    left = [one for one in runs if one not in gone]
    assert all(one.status != "paused" and not one.name for one in gone)
    assert len(left) >= min(most, len(runs))
    assert max((one.best_score for one in runs), default=0) == max((one.best_score for one in left), default=0)
    removable = [one for one in left if one.status != "paused" and not one.name]
    assert len(left) <= most or len(removable) <= 1, "only the best stays of those that may go"
    assert gone == sorted(gone, key=lambda one: -int(one.id[1:])), "the oldest first"


def written(runs_dir: Path, count: int) -> None:
    for number in range(count):
        folder = write_run(runs_dir, f"r{number}", "running", "finished", sequence=number + 1)
        folder.best.write_bytes(b"a checkpoint")
        with Journal(folder, folder.request) as journal:
            journal.write(CheckpointCreated(0, "", 10, float(number == 0)))


def test_the_oldest_runs_go_with_their_files_and_messages(tmp_path: Path) -> None:
    written(tmp_path / "runs", 6)
    RunFolder(tmp_path / "runs" / "r1").write_labels(RunLabels(tags=["keep"]))

    async def work(parts: Inside) -> None:
        await parts.poll_once()
        retention = RunRetention(parts.store, parts.run_service, None, keep_runs=3, points_per_run=10)
        await retention.clean_up()
        assert [one.id for one in await parts.run_service.runs()] == ["r5", "r1", "r0"], "r0 is the best, r1 is tagged"
        assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["r0", "r1", "r5"]
        assert await parts.store.call(is_run_deleted, "r2")
        await retention.clean_up()
        assert len(await parts.run_service.runs()) == 3

    inside(tmp_path, work)


def test_each_ended_run_is_thinned_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "runs", 2)
    asked: list[str] = []

    def thin(folder: RunFolder, points: int, known: int) -> int | None:
        asked.append(folder.path.name)
        if asked.count(folder.path.name) == 1 and folder.path.name == "r1":
            raise OSError("the disk is busy")
        return None

    monkeypatch.setattr("backend.runs.service.thin_metrics", thin)
    assert thinned_metrics.thin_metrics is not thin

    async def work(parts: Inside) -> None:
        await parts.poll_once()
        retention = RunRetention(parts.store, parts.run_service, None, keep_runs=100, points_per_run=10)
        for _ in range(3):
            await retention.clean_up()
        assert asked == ["r1", "r0", "r1"], "one that could not be thinned is tried again"

    inside(tmp_path, work)
