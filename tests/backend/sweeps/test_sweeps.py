"""Sweeps of a real server: created, compared at rungs, stopped, continued after a kill, and what is refused."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.server_process import server_process
from support.server_thread import Served, serving
from support.waiting import wait_until

LIMIT_S = 500.0
TINY = {"n_envs": 32, "n_steps": 16, "minibatch_size": 512, "checkpoint_every_s": 0.5, "precision": "float32"}
RATES: dict[str, Any] = {"kind": "setting", "name": "learning_rate", "values": [0.1, 1e-3, 3e-3, 1e-4]}


def request_for(design_id: str, *axes: dict[str, Any], total_steps: int = 12_000, **more: Any) -> dict[str, Any]:
    return {"design_id": design_id, "axes": list(axes), "settings": {**TINY, "total_steps": total_steps}, **more}


def start(server: httpx.Client, request: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = server.post("/api/sweeps", json=request, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read(server: httpx.Client, sweep_id: str) -> dict[str, Any]:
    found: dict[str, Any] = server.get(f"/api/sweeps/{sweep_id}").raise_for_status().json()
    return found


def await_sweep(server: httpx.Client, sweep_id: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    wait_until(lambda: condition(read(server, sweep_id)), LIMIT_S)
    return read(server, sweep_id)


def has_ended(sweep: dict[str, Any]) -> bool:
    return bool(sweep["status"] != "running")


@pytest.mark.timeout(600)
def test_a_grid_of_two_trials_runs_to_its_end(fresh_server: Served) -> None:
    design_id = fresh_server.new_design(template="tiny_mlp")["id"]
    other = fresh_server.new_design(template="tiny_mlp")["id"]
    compiled = fresh_server.settings.generated_dir / f"{design_id}.py"
    compiled.parent.mkdir(parents=True, exist_ok=True)
    compiled.write_text("# as it was compiled")
    layer = next(
        part["id"] for part in fresh_server.get(f"/api/designs/{design_id}").json()["components"] if part["type"] == "linear"
    )
    asked = request_for(
        design_id, {"kind": "block", "component_id": layer, "name": "out_features", "values": [16, 0, 32]}, total_steps=512
    )
    begun = start(fresh_server, asked, **{"idempotency-key": "s1"})
    assert start(fresh_server, asked, **{"idempotency-key": "s1"})["id"] == begun["id"] == "s1"
    assert [trial["values"] for trial in begun["trials"]] == [[16], [32]]
    assert begun["left_out"] == 1
    assert begun["left_out_reason"]
    ended = await_sweep(fresh_server, "s1", has_ended)
    assert [trial["outcome"] for trial in ended["trials"]] == ["finished", "finished"]
    assert [sweep["id"] for sweep in fresh_server.get("/api/sweeps").json()] == ["s1"]
    runs = {run["id"]: run for run in fresh_server.get("/api/runs").json()}
    assert runs.keys() == {trial["run_id"] for trial in ended["trials"]}
    assert {run["design_id"] for run in runs.values()} == {design_id} != {other}
    assert len({run["design_hash"] for run in runs.values()}) == 2
    assert {run["sweep_id"] for run in runs.values()} == {"s1"}
    designs = [fresh_server.get(f"/api/runs/{trial['run_id']}/design").json() for trial in ended["trials"]]
    widths = [next(part for part in design["components"] if part["id"] == layer)["props"]["out_features"] for design in designs]
    assert widths == [16, 32]
    assert compiled.read_text() == "# as it was compiled"


@pytest.mark.timeout(600)
def test_a_stop_ends_its_runs_and_no_other(fresh_server: Served) -> None:
    design_id = fresh_server.new_design(template="tiny_mlp")["id"]
    begun = start(fresh_server, request_for(design_id, RATES, total_steps=10**8))
    await_sweep(fresh_server, begun["id"], lambda sweep: sweep["trials"][0]["steps"] > 0)
    other = fresh_server.post(f"/api/designs/{design_id}/train", json=TINY | {"total_steps": 10**8}).json()["run_id"]
    assert fresh_server.post(f"/api/sweeps/{begun['id']}/stop").status_code == 202
    ended = await_sweep(fresh_server, begun["id"], has_ended)
    assert ended["status"] == "stopped"
    assert {trial["outcome"] for trial in ended["trials"]} == {"stopped"}
    assert len(fresh_server.get("/api/runs").json()) == 2, "one trial had begun"
    wait_until(lambda: fresh_server.get(f"/api/runs/{other}").json()["status"] == "running", LIMIT_S)
    assert fresh_server.post(f"/api/sweeps/{begun['id']}/stop").json()["status"] == "stopped", "a repeat changes nothing"
    fresh_server.post(f"/api/runs/{other}/stop")
    wait_until(lambda: fresh_server.get(f"/api/runs/{other}").json()["status"] == "stopped", LIMIT_S)


@pytest.mark.timeout(900)
def test_a_killed_server_continues_its_sweeps(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with server_process(data) as (process, url), httpx.Client(base_url=url, timeout=60) as server:
        design_id = server.post("/api/designs", json={"template": "tiny_mlp"}).json()["id"]
        begun = start(server, request_for(design_id, RATES, halving=True))
        await_sweep(server, begun["id"], lambda sweep: any(trial["scores"] for trial in sweep["trials"]))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with server_process(data) as (_, url), httpx.Client(base_url=url, timeout=60) as server:
        ended = await_sweep(server, begun["id"], has_ended)
        assert ended["status"] == "finished"
        assert {trial["outcome"] for trial in ended["trials"]} == {"finished", "stopped_early"}
        assert len(server.get("/api/runs").json()) == 4


@pytest.mark.timeout(600)
def test_a_sweep_ends_when_its_time_is_over(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        design_id = server.new_design(template="tiny_mlp")["id"]
        begun = start(server, request_for(design_id, RATES, total_steps=10**8, minutes=0.001))
        ended = await_sweep(server, begun["id"], has_ended)
    assert ended["status"] == "finished"
    assert ended["reason"] == "Its 0.001 minutes are over"
    assert {trial["reason"] for trial in ended["trials"]} == {ended["reason"]}


AXIS = {"kind": "setting", "name": "gamma", "values": [0.9]}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"axes": []}, "axes"),
        ({"axes": [AXIS] * 4}, "axes"),
        ({"axes": [AXIS, AXIS]}, "choose it once"),
        ({"axes": [AXIS], "trials": 65}, "64"),
        ({"axes": [AXIS], "minutes": 0}, "minutes"),
        ({"axes": [AXIS], "settings": {"gamm": 1}}, "gamm"),
        ({"axes": [AXIS | {"values": []}]}, "give a list"),
        ({"axes": [AXIS | {"values": [7]}]}, "choose other values"),
        ({"axes": [AXIS | {"name": "gama"}]}, "gamma"),
        ({"axes": [AXIS | {"values": [0.9] * 65}]}, "values"),
        ({"axes": [AXIS], "unknown": 1}, "unknown"),
    ],
)
def test_what_cannot_be_started_says_what_to_change(server: Served, body: dict[str, Any], sentence: str) -> None:
    design_id = server.new_design(template="tiny_mlp")["id"]
    answer = server.post("/api/sweeps", json={"design_id": design_id, **body})
    assert answer.status_code == 400, answer.text
    assert sentence in json.dumps(answer.json())
    assert server.get("/api/runs").json() == []


def test_what_there_is_not(server: Served) -> None:
    assert server.get("/api/sweeps/s9").status_code == 404
    assert server.post("/api/sweeps/s9/stop").status_code == 404
    assert server.post("/api/sweeps", json={"design_id": "d9", "axes": [AXIS]}).status_code == 404
    design = server.new_design(template="tiny_mlp")
    answer = server.post("/api/sweeps", json={"design_id": design["id"], "design": design | {"id": "d7"}, "axes": [AXIS]})
    assert answer.status_code == 400
    assert "d7" in answer.json()["detail"]
