"""`GET /api/leaderboard`: order, budget, filter, and which runs are not in it."""

import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.designs import plain_design, small_design
from support.metric_messages import evaluation
from support.run_folders import write_run
from support.server_thread import Served, serving
from support.waiting import wait_until

from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder
from backend.store.evaluations import LAST_MEASURED
from backend.store.names import DATABASE
from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture

SMALL, LARGE = plain_design(), small_design()
IDLE: dict[str, Any] = {"max_concurrent_runs": 0, "run_memory_bytes": 1 << 34}
Tests = list[tuple[int, float, float | None]]
"""steps, mean score, and processor seconds"""


def parameters_of(design: ModelArchitecture) -> int:
    return analyse(design).sizes.parameters


def write_tested(data: Path, run_id: str, design_id: str, tests: Tests, design: ModelArchitecture = SMALL, **more: Any) -> None:
    """A finished run with test games."""
    folder = write_run(data / "runs", run_id, "running", design=msgspec.structs.replace(design, id=design_id))
    with Journal(folder, folder.request) as journal:
        for steps, score, processor_s in tests:
            measured = {"mean_score": score, "processor_s": processor_s} | more
            journal.write(msgspec.structs.replace(evaluation(steps, run_id=run_id), **measured))
        journal.status("finished")


def write_sampled(data: Path, run_id: str, steps: int, score: float) -> None:
    """Test games of the same network in which moves were sampled."""
    folder = RunFolder(data / "runs" / run_id)
    with Journal(folder, folder.request) as journal:
        sampled = evaluation(steps, "sampled", run_id=run_id)
        journal.write(msgspec.structs.replace(sampled, mean_score=score, processor_s=10.0))
        journal.status("finished")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of four designs, one of them deleted, and one from a version that did not measure."""
    data = tmp_path_factory.mktemp("data")
    write_tested(data, "r1", "done", [(10, 500.0, 30.0), (20, 900.0, 60.0), (30, 100.0, 60.5)])
    write_tested(data, "r2", "done", [(10, 700.0, 10.0)])
    write_tested(data, "r8", "done", [(10, 600.0, 10.0)])
    write_sampled(data, "r8", 10, 950.0)
    write_tested(data, "r3", "dlarge", [(10, 800.0, 59.0), (20, 5000.0, 119.0)], LARGE)
    write_tested(data, "r4", "dgone", [(10, 9999.0, 1.0)])
    write_tested(data, "r5", "dold", [(10, 9000.0, None)])
    write_tested(data, "r6", "dold", [(10, 20.0, 61.0)], policy="sampled")
    write_run(data / "runs", "r7", "running", "finished", design=msgspec.structs.replace(SMALL, id="done"))
    return data


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Served]:
    with serving(data, **IDLE) as client:
        for design_id in ("done", "dlarge", "dgone", "dold"):
            client.post("/api/designs", json={"id": design_id, "name": f"Name of {design_id}"}).raise_for_status()
        client.delete("/api/designs/dgone", headers={"if-match": "*"}).raise_for_status()
        for number in (1, 2, 3, 4, 5, 6, 8):
            wait_until(partial(has_read, client, f"r{number}"))
        yield client


def has_read(server: Served, run_id: str) -> bool:
    """Whether the server has read everything that the run wrote."""
    messages = server.get(f"/api/runs/{run_id}/metrics").json()
    return bool(messages) and messages[-1].get("status") == "finished"


def listed(server: Served, **query: Any) -> list[tuple[str, str, float]]:
    entries = server.get("/api/leaderboard", params=query).raise_for_status().json()["entries"]
    return [(entry["design_id"], entry["run_id"], entry["score"]) for entry in entries]


def test_designs_are_in_the_order_of_their_best_run_within_the_budget(server: Served) -> None:
    assert listed(server, processor_minutes=1) == [("done", "r1", 900.0), ("dlarge", "r3", 800.0)]
    assert listed(server, processor_minutes=2) == [("dlarge", "r3", 5000.0), ("done", "r2", 700.0), ("dold", "r6", 20.0)]
    assert listed(server) == listed(server, processor_minutes=15) == listed(server, processor_minutes=2)


def test_an_entry_says_how_it_was_measured(server: Served) -> None:
    board = server.get("/api/leaderboard?processor_minutes=1").json()
    assert (board["processor_minutes"], board["max_parameters"]) == (1, None)
    first = board["entries"][0]
    assert first["design_name"] == "Name of done"
    assert (first["steps"], first["processor_s"], first["policy"], first["games"]) == (20, 60.0, "greedy", 8)
    assert first["parameters"] == parameters_of(SMALL)
    assert first["design_hash"] == server.get("/api/runs/r1").json()["design_hash"]


def test_larger_networks_are_left_out_and_a_smaller_one_of_the_same_design_takes_the_place(server: Served, data: Path) -> None:
    largest = parameters_of(SMALL)
    assert parameters_of(LARGE) > largest
    assert listed(server, processor_minutes=2, max_parameters=largest) == [("done", "r2", 700.0), ("dold", "r6", 20.0)]
    assert listed(server, processor_minutes=2, max_parameters=largest - 1) == []
    assert len(listed(server, processor_minutes=2, max_parameters=parameters_of(LARGE))) == 3


def test_runs_without_processor_time_are_counted_and_not_listed(server: Served) -> None:
    board = server.get("/api/leaderboard?processor_minutes=1000").json()
    assert board["unmeasured_runs"] == 1
    assert "r5" not in {entry["run_id"] for entry in board["entries"]}


@pytest.mark.parametrize(
    "query",
    [
        *("processor_minutes=0", "processor_minutes=x", "processor_minutes=1.5", "processor_minutes=1000001"),
        *("processor_minutes=1&processor_minutes=2", "max_parameters=-1", "budget=1"),
    ],
)
def test_other_parameters_are_refused(server: Served, query: str) -> None:
    answer = server.get(f"/api/leaderboard?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_a_run_whose_design_cannot_be_read_stays_listed_unless_parameters_are_limited(tmp_path: Path) -> None:
    write_tested(tmp_path, "r1", "done", [(10, 500.0, 30.0)])
    (tmp_path / "runs" / "r1" / "design.json").unlink()
    with serving(tmp_path, **IDLE) as server:
        server.post("/api/designs", json={"id": "done"}).raise_for_status()
        wait_until(lambda: has_read(server, "r1"))
        (entry,) = server.get("/api/leaderboard").json()["entries"]
        assert entry["parameters"] is None
        assert listed(server, max_parameters=10**9) == []


def test_the_query_reads_test_games_alone(server: Served, data: Path) -> None:
    with sqlite3.connect(data / DATABASE) as database:
        plan = database.execute(f"EXPLAIN QUERY PLAN {LAST_MEASURED}").fetchall()
    database.close()
    assert "USING INDEX evaluations" in str(plan)
