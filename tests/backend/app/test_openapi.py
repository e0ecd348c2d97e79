"""The published OpenAPI document says what the server answers: methods, statuses, media types, bounds."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator
from support.server_thread import Served, ask, serving
from support.telemetry import EVENTS, batch

from backend.limits import Limits
from backend.web.problem_details import PROBLEM_JSON

METHODS = ("get", "put", "post", "delete", "patch", "head")


@pytest.fixture(scope="module")
def document(server: Served) -> dict[str, Any]:
    found: dict[str, Any] = server.get("/schema/openapi.json").raise_for_status().json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def schema_in(document: dict[str, Any], name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


def filled(path: str, **names: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: names.get(found[1], "unknown"), path)


def answers_as_documented(
    document: dict[str, Any], path: str, method: str, status: int, headers: dict[str, str], body: bytes
) -> None:
    """Assert that an answer has a documented status, media type and form."""
    documented = document["paths"][path][method]["responses"]
    assert str(status) in documented, f"{method} {path} answered {status}, documented are {sorted(documented)}: {body[:200]!r}"
    content = documented[str(status)].get("content", {})
    if not content:
        assert body == b""
        return
    kind = headers["content-type"].partition(";")[0]
    assert kind in content, f"{method} {path} {status} is {kind}, documented are {sorted(content)}"
    if kind.endswith("json"):
        jsonschema.validate(json.loads(body), {**content[kind]["schema"], "components": document["components"]})


def test_the_document_and_its_schemas_are_well_formed(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    text = json.dumps(document)
    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) <= document["components"]["schemas"].keys()
    assert "\\\\Z" not in text
    parameters = {
        parameter["name"]: parameter for parameter in document["paths"]["/api/designs/{design_id}/export"]["get"]["parameters"]
    }
    assert "^(best|last|[0-9]{1,18})$" in json.dumps(parameters["checkpoint"]["schema"])


def test_options_and_405_allow_every_documented_method(server: Served, document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        wanted = {method.upper() for method in methods} | {"OPTIONS"}
        other = next(method for method in ("PATCH", "PUT") if method not in wanted)
        for asked, status in (("OPTIONS", 204), (other, 405)):
            found, headers, _ = ask(server, asked, filled(path))
            assert found == status
            assert {method.strip() for method in headers["allow"].split(",")} == wanted, (asked, path)


def test_every_refusal_is_a_problem_document(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == [PROBLEM_JSON], (method, path, status)


BODIES = [None, b"{", b"[]", b"3", b'"x"', b"{}", b'{"unknown": 1}', b"\xff", b"x" * 2_000_000]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_whatever_body_is_sent_the_answer_is_documented(server: Served, document: dict[str, Any], body: bytes | None) -> None:
    design_id = server.new_design()["id"]
    for path, method, operation in operations(document):
        if "requestBody" in operation:
            is_needed = operation["requestBody"].get("required", False)
            for name in (design_id, "unknown"):
                status, headers, answer = ask(
                    server, method.upper(), filled(path, design_id=name), body or b"", if_none_match="*"
                )
                answers_as_documented(document, path, method, status, headers, answer)
                assert not (body is None and is_needed and status < 300), (method, path)
                if status == 202:
                    server.post(f"/api/runs/{json.loads(answer)['run_id']}/stop")


def test_an_unknown_parameter_or_one_out_of_bounds_has_a_documented_answer(server: Served, document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if method != "get":
            continue
        known = [parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"]
        for query in ("unknown=1", *(f"{name}={value}" for name in known for value in ("x", "-1", "", "9" * 30))):
            for headers in ({}, {"host": "evil.example"}, {"if_none_match": "*"}):
                found = ask(server, "GET", f"{filled(path)}?{query}", **headers)
                answers_as_documented(document, path, method, *found)


def test_what_succeeds_has_the_documented_form(server: Served, document: dict[str, Any]) -> None:
    design_id = server.new_design(template="mixture_of_experts")["id"]
    design = server.get(f"/api/designs/{design_id}")
    run_id = server.post(f"/api/designs/{design_id}/train", json={"total_steps": 64, "n_envs": 8, "n_steps": 8}).json()["run_id"]
    names = {"design_id": design_id, "run_id": run_id, "etag": design.headers["etag"].strip('"')}
    asked: list[tuple[str, str, bytes]] = [(path, "get", b"") for path, methods in document["paths"].items() if "get" in methods]
    asked += [
        ("/api/sync", "post", b'{"cursor": 0.0}'),
        ("/api/sync", "post", json.dumps({"designs": [{"id": design_id, "work": design.json()}], "client_id": "me"}).encode()),
        ("/api/designs", "post", b""),
        ("/api/designs/{design_id}/validate", "post", design.content),
        ("/api/designs/{design_id}/compile", "post", b""),
        ("/api/runs/{run_id}/pause", "post", b""),
        ("/api/runs/{run_id}/resume", "post", b""),
        ("/api/runs/{run_id}/stop", "post", b""),
        ("/api/runs/{run_id}/stop", "post", b""),
        ("/api/designs/{design_id}", "put", design.content),
        ("/api/designs/{design_id}/revisions/{etag}/restore", "post", b""),
        ("/api/designs/{design_id}/revisions/{etag}/name", "put", b'{"name": "Best so far"}'),
        ("/api/designs/{design_id}/revisions", "get", b""),
        ("/api/designs/{design_id}/revisions/{etag}/name", "delete", b""),
        ("/api/designs/{design_id}", "delete", b""),
        ("/api/telemetry", "post", json.dumps(batch(*EVENTS)).encode()),
        ("/api/bin", "get", b""),
        ("/api/bin/{design_id}/restore", "post", b""),
        ("/api/designs/{design_id}", "delete", b""),
        ("/api/bin/{design_id}", "delete", b""),
    ]
    for path, method, body in asked:
        found = ask(server, method.upper(), filled(path, **names), body)
        answers_as_documented(document, path, method, *found)
    conditional = {"GET": (server.new_design()["id"], b"", 304), "PUT": ("dnew", b'{"id": "dnew"}', 201)}
    for method, (name, body, status) in conditional.items():
        found = ask(server, method, f"/api/designs/{name}", body, if_none_match="*")
        assert found[0] == status
        answers_as_documented(document, "/api/designs/{design_id}", method.lower(), *found)


def test_what_a_limit_refuses_is_documented(tmp_path: Path, document: dict[str, Any]) -> None:
    with serving(tmp_path / "data", limits=Limits(max_designs=1, max_queued=0)) as full:
        name = full.new_design(template="tiny_mlp")["id"]
        asked = [
            ("/api/designs", "post", b""),
            ("/api/designs/{design_id}/train", "post", b""),
            ("/api/designs/{design_id}", "put", b'{"id": "dnew"}'),
        ]
        for path, method, body in asked:
            target = path.replace("{design_id}", "dnew" if method == "put" else name)
            found = ask(full, method.upper(), target, body, if_none_match="*")
            assert found[0] == 409, path
            answers_as_documented(document, path, method, *found)


REFUSED: dict[str, list[dict[str, Any]]] = {
    "SyncRequest": [
        {"cursor": -1},
        {"cursor": 2**53},
        {"epoch": "e" * 65},
        {"designs": [{"id": "d1"}] * 2001},
        {"commands": [{"id": "k", "kind": "compile", "design_id": "d"}] * 201},
    ],
    "SomeTrainConfig": [
        {"ema_decay": -1e-6},
        {"learning_rate": -0.5},
        {"n_envs": 0},
        {"total_steps": 10**11},
        {"unknown": 1},
        {"gamma": 1.5},
    ],
    "ModelArchitecture": [
        {"id": "d1", "edges": [["a"]]},
        {"id": "d1", "edges": [["a", "b", "c"]]},
        {"id": "d1Z"},
        {"id": "d1", "components": [{"id": f"c{n}", "type": "add"} for n in range(2001)]},
    ],
    "NewDesign": [{"name": ""}, {"name": "x" * 121}, {"template": "x" * 65}, {"unknown": 1}, {"id": "D1"}],
}
ACCEPTED: dict[str, list[dict[str, Any]]] = {
    "SyncRequest": [{}, {"cursor": 0}, {"cursor": 2.0}, {"epoch": None, "client_id": None}, {"designs": [3]}],
    "SomeTrainConfig": [{}, {"ema_decay": 0}, {"ema_decay": 0.0}, {"n_envs": 8.0}, {"seed": 0}],
    "ModelArchitecture": [{"id": "d1"}, {"id": "d1", "components": [], "edges": []}],
    "NewDesign": [{}, {"name": "x"}, {"name": None, "id": None, "template": None, "architecture": None}],
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_document_and_the_server_accept_and_refuse_the_same_bodies(
    server: Served, document: dict[str, Any], name: str
) -> None:
    design_id = server.new_design()["id"]
    path, method = {
        "SyncRequest": ("/api/sync", "POST"),
        "SomeTrainConfig": (f"/api/designs/{design_id}/train", "POST"),
        "ModelArchitecture": ("/api/designs/d1", "PUT"),
        "NewDesign": ("/api/designs", "POST"),
    }[name]
    schema = schema_in(document, name)
    for body in REFUSED[name]:
        assert not schema.is_valid(body), body
        assert ask(server, method, path, json.dumps(body).encode(), if_none_match="*")[0] == 422, body
    for body in ACCEPTED[name]:
        assert schema.is_valid(body), body
        status, _, answer = ask(server, method, path, json.dumps(body).encode(), if_none_match="*")
        assert status in (200, 201, 202, 412), (body, answer)
        if status == 202:
            server.post(f"/api/runs/{json.loads(answer)['run_id']}/stop")
