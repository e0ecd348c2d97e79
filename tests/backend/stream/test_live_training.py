"""The real thing: a training started over HTTP is watched over a socket, stopped, and handed out as a file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.metric_messages import newest_of_each_step
from support.server_thread import Served, serving
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from shared_py.protocol import LiveMessage

TIMEOUT_S = 120


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data"), preload=True) as client:
        yield client


def until(socket: ClientConnection, seen: list[dict[str, Any]], kind: str, **members: Any) -> dict[str, Any]:
    """Receive until a message of a kind comes."""
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout=TIMEOUT_S))
        seen.append(message)
        if message["type"] == kind and all(message[name] == value for name, value in members.items()):
            return message


def test_a_run_is_watched_stopped_and_exported(tmp_path: Path) -> None:
    with serving(tmp_path, preload=True) as studio:
        seen, middle = watch_stop_and_export(studio)
    with serving(tmp_path) as restarted, connect(f"{restarted.socket_url}?after={middle}") as socket:
        replayed = [json.loads(socket.recv(timeout=TIMEOUT_S)) for _ in range(len(seen) - middle)]
        assert replayed == seen[middle:]


def watch_stop_and_export(studio: Served) -> tuple[list[dict[str, Any]], int]:
    """Every message of the story, and a number in its middle."""
    design = studio.new_design(template="mixture_of_experts")
    url = f"/api/designs/{design['id']}"
    assert studio.get(f"{url}/export?fmt=onnx").status_code == 409
    seen: list[dict[str, Any]] = []
    with connect(f"{studio.socket_url}?after=0") as socket:
        until(socket, seen, "design_changed")
        key = {"idempotency-key": "tap-1"}
        config = {"total_steps": 10_000_000, "n_envs": 8, "n_steps": 8, "minibatch_size": 64, "threads": 1}
        run_id = studio.post(f"{url}/train", json=config, headers=key).json()["run_id"]
        again = studio.post(f"{url}/train", json=config, headers=key)
        assert (again.status_code, again.json()) == (202, {"run_id": run_id})
        update = until(socket, seen, "training_update", run_id=run_id)
        assert sum(update["moe"]["expert_usage"]) == pytest.approx(1)
        until(socket, seen, "checkpoint_created", run_id=run_id)
        assert studio.post(f"/api/runs/{run_id}/stop").status_code == 202
        until(socket, seen, "run_status", run_id=run_id, status="stopped")
    assert [message["seq"] for message in seen] == list(range(1, len(seen) + 1))
    assert studio.post(f"/api/runs/{run_id}/pause").status_code == 409
    assert [run["id"] for run in studio.get("/api/runs").json()] == [run_id]
    assert studio.get(f"/api/runs/{run_id}").json()["status"] == "stopped"

    of_run = [message for message in seen if message["run_id"] == run_id]
    middle = of_run[len(of_run) // 2]["seq"]
    newest = [m["seq"] for m in msgspec.to_builtins(newest_of_each_step(msgspec.convert(of_run, list[LiveMessage])))]
    told = studio.get(f"/api/runs/{run_id}/metrics", params={"after": middle}).json()
    assert told == [m for m in of_run if m["seq"] > middle and m["seq"] in newest]
    assert len(studio.get(f"/api/runs/{run_id}/metrics", params={"limit": 2}).json()) == 2

    exported = studio.get(f"{url}/export", params={"fmt": "pt", "run_id": run_id})
    assert exported.status_code == 200
    assert exported.content[:2] == b"PK"
    which = f"{exported.headers['x-export-checkpoint']}-{exported.headers['x-export-steps']}"
    assert "x-export-note" not in exported.headers
    assert exported.headers["content-disposition"] == f'attachment; filename="mixture-of-experts-{run_id}-{which}.pt"'
    assert b"class GeneratedModel" in studio.get(f"{url}/export?fmt=py").content
    assert studio.get(f"{url}/export?run_id=r404").status_code == 404
    return seen, middle


def test_case_27_a_design_is_deleted_while_a_run_trains_on_it(studio: Served) -> None:
    """The run has a copy of the design: it goes on, and can be exported once the design is restored."""
    design = studio.new_design(template="tiny_mlp")
    url = f"/api/designs/{design['id']}"
    seen: list[dict[str, Any]] = []
    with connect(f"{studio.socket_url}") as socket:
        config = {"total_steps": 10_000_000, "n_envs": 8, "n_steps": 8, "minibatch_size": 64, "threads": 1}
        run_id = studio.post(f"{url}/train", json=config).json()["run_id"]
        until(socket, seen, "checkpoint_created", run_id=run_id)
        epoch = studio.get("/api/health").json()["epoch"]
        deleted = {"id": design["id"], "base": design, "deleted": True, "client_id": "phone", "change": 1}
        assert studio.sync(epoch=epoch, designs=[deleted])["rejected"] == []
        until(socket, seen, "design_changed", design_id=design["id"], etag=None)
        assert studio.get(url).status_code == 404
        steps = until(socket, seen, "training_update", run_id=run_id)["steps"]
        while until(socket, seen, "training_update", run_id=run_id)["steps"] <= steps:
            pass
        assert studio.post(f"/api/runs/{run_id}/stop").status_code == 202
        until(socket, seen, "run_status", run_id=run_id, status="stopped")
    assert studio.get(f"/api/runs/{run_id}").json()["status"] == "stopped"
    assert studio.put(url, json=design, headers={"if-none-match": "*"}).status_code == 201
    assert studio.get(f"{url}/export", params={"fmt": "pt", "run_id": run_id}).content[:2] == b"PK"


def test_a_stored_design_is_compiled(studio: Served) -> None:
    design = studio.new_design()
    answer = studio.post(f"/api/designs/{design['id']}/compile")
    assert answer.status_code == 200
    result = answer.json()
    assert result["import_path"] == f"backend.models.generated.{design['id']}"
    assert result["checks"]
    assert all(check["passed"] for check in result["checks"])
    verdict = studio.post(f"/api/designs/{design['id']}/validate", json=design).json()
    assert (result["parameters"], result["paramCount"]) == (verdict["parameters"], verdict["paramCount"])


def test_the_end_of_a_compile_command_is_a_live_message(studio: Served) -> None:
    command = {"id": "k-live", "kind": "compile", "design_id": studio.new_design()["id"]}
    with connect(f"{studio.socket_url}?after=0") as socket:
        assert studio.sync(commands=[command])["commands"][0]["status"] == "running"
        message = until(socket, [], "command_finished", command_id="k-live")
    assert (message["run_id"], message["design_id"], message["status"]) == (None, command["design_id"], "done")
    (ended,) = studio.sync(commands=[command])["commands"]
    assert ended["status"] == "done"
    assert ended["result"]["import_path"] == f"backend.models.generated.{command['design_id']}"


def test_a_page_of_another_site_may_not_listen(studio: Served) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(studio.socket_url, origin="https://evil.example"):  # type: ignore[arg-type]  # a plain str is an origin
        raise AssertionError
    assert refused.value.response.status_code == 403
    assert refused.value.response.headers["x-request-id"]


NO_NUMBER = "after: a whole number is expected, in digits alone"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        *((f"after={text}", NO_NUMBER) for text in ("soon", "-1", "1e3", "1.0", "", "1%0a", "%2b1", "%D9%A1")),
        (f"after={2**53}", f"after: Expected `int` <= {2**53 - 1}"),
        ("x=1", "there is no parameter 'x'; there are after"),
        ("after=1&after=2", "after: it comes more than once; send one value"),
    ],
)
def test_a_socket_with_a_bad_query_is_refused_with_its_reason(studio: Served, query: str, says: str) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(f"{studio.socket_url}?{query}"):
        raise AssertionError
    assert refused.value.response.status_code == 422
    problem = json.loads(refused.value.response.body)
    assert problem["detail"] == says
