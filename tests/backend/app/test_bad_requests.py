"""Whatever is sent, the answer is a problem document with the right status, and the server goes on."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.server_thread import Served, ask
from support.strategies import drawings

from backend.web.problem_details import PROBLEM_JSON
from shared_py.design import canonical_bytes

DEEP = b"[" * 100_000
BODIES = {
    "truncated": (b'{"id": "d1", "na', 400),
    "not a number": (b'{"id": "d1", "components": [{"id": "a", "type": "linear", "x": NaN}]}', 400),
    "infinite": (b'{"id": "d1", "meta": {"d_model": 1e999}}', 400),
    "half a character": (b'{"id": "d1", "name": "\xff"}', 400),
    "lone surrogate": (b'{"id": "d1", "name": "\\ud800"}', 400),
    "deep list": (DEEP, 400),
    "deep props": (b'{"id": "d1", "components": [{"id": "a", "type": "x", "props": ' + b'{"a":' * 100_000, 400),
    "nothing": (b"", 400),
    "two megabytes": (b'{"id": "d1", "name": "' + b"a" * 2_000_000 + b'"}', 413),
    "a list": (b"[]", 422),
    "a number": (b"3", 422),
    "null": (b"null", 422),
}
CASES_LEFT_OUT = {
    ("nothing", "/api/designs"),  # a new design needs no body
    ("null", "/api/designs"),
    ("infinite", "/api/sync"),  # a sync call does not look at members it does not know
    ("half a character", "/api/sync"),
}
PLACES = [("PUT", "/api/designs/d1"), ("POST", "/api/designs/d1/validate"), ("POST", "/api/sync"), ("POST", "/api/designs")]
CASES = [(name, *place) for name in BODIES for place in PLACES if (name, place[1]) not in CASES_LEFT_OUT]


def is_problem(status: int, headers: dict[str, str], body: bytes) -> bool:
    problem = json.loads(body)
    return (
        headers["content-type"] == PROBLEM_JSON
        and bool(headers["x-request-id"])
        and problem["status"] == status
        and all(isinstance(problem[name], str) and problem[name] for name in ("type", "title", "detail"))
    )


@pytest.mark.parametrize(("name", "method", "path"), CASES)
def test_a_bad_body_is_refused_with_its_status(server: Served, method: str, path: str, name: str) -> None:
    body, expected = BODIES[name]
    status, headers, answer = ask(server, method, path, body, if_none_match="*")
    assert status == expected
    assert is_problem(status, headers, answer)
    assert server.get("/api/health").status_code == 200
    assert server.get("/api/designs/d1").status_code == 404


def test_a_body_sent_in_pieces_is_limited_too(server: Served) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 32_768

    response = server.post("/api/sync", content=pieces())
    assert response.status_code == 413
    assert is_problem(413, dict(response.headers), response.content)


ODD_IDS = ["../x", "..%2f..%2fetc", "__import__('os')", "D1", "1a", "a" * 65, "d%00", "d%0a", "a-b", "ü", "%2e%2e"]


@pytest.mark.parametrize("name", ODD_IDS)
@pytest.mark.parametrize("pattern", ["/api/designs/{}", "/api/runs/{}", "/api/runs/{}/metrics", "/api/designs/{}/export"])
def test_an_odd_id_in_a_path_names_nothing(server: Served, pattern: str, name: str) -> None:
    quoted = name.encode("ascii", "ignore").decode().replace("'", "%27") or "%C3%BC"
    status, headers, body = ask(server, "GET", pattern.format(quoted))
    assert status == 404
    assert is_problem(status, headers, body)


@pytest.mark.parametrize("name", ["../x", "__import__('os')", "D1", "d\n", "", "a" * 65])
def test_an_odd_id_in_a_document_is_refused(server: Served, name: str) -> None:
    for document in ({"id": name}, {"id": "d1", "components": [{"id": name, "type": "add"}]}):
        response = server.put("/api/designs/d1", json=document, headers={"if-none-match": "*"})
        assert response.status_code == 422
        assert all(fault["pointer"].startswith("/") for fault in response.json()["errors"])
    rejected = server.sync(designs=[{"id": name, "work": {"id": name}}])["rejected"]
    assert [rejection["problem"]["status"] for rejection in rejected] == [422]


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/designs/d1/nothing", "/schema/nothing", "/schema"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_an_unknown_route_is_a_404_problem(server: Served, method: str, path: str) -> None:
    status, headers, body = ask(server, method, path)
    assert status == 404
    assert is_problem(status, headers, body)


WRONG_METHODS = [
    ("PATCH", "/api/designs"),
    ("POST", "/api/health"),
    ("GET", "/api/sync"),
    ("DELETE", "/schema/openapi.json"),
    ("BREW", "/api/runs"),
]


@pytest.mark.parametrize(("method", "path"), WRONG_METHODS)
def test_a_wrong_method_is_a_405_problem(server: Served, method: str, path: str) -> None:
    status, headers, body = ask(server, method, path)
    assert status == 405
    assert is_problem(status, headers, body)


def test_a_parameter_of_the_wrong_type_or_name_is_a_422_problem(server: Served) -> None:
    for path in (
        "/api/runs/r1/metrics?after=x",
        "/api/runs/r1/metrics?after=-1",
        "/api/designs/d1/export?fmt=exe",
        "/api/designs/d1/export?format=pt",
        "/api/runs/r1/metrics?since=3",
    ):
        status, headers, body = ask(server, "GET", path)
        assert status == 422
        assert is_problem(status, headers, body)
        assert json.loads(body)["errors"]


GIVEN_TWICE = ["fmt=pt", "run_id=r1", "checkpoint=best"], ["after=1", "limit=5"]
PLACES_OF_QUERIES = "/api/designs/{}/export", "/api/runs/{}/metrics"
PARAMETERS = [(path, one) for path, given in zip(PLACES_OF_QUERIES, GIVEN_TWICE, strict=True) for one in given]


@pytest.mark.parametrize(("path", "given"), PARAMETERS)
def test_a_parameter_that_is_given_twice_is_refused_by_its_name(server: Served, path: str, given: str) -> None:
    status, headers, body = ask(server, "GET", f"{path.format('d1')}?{given}&{given}")
    assert status == 422
    assert is_problem(status, headers, body)
    name = given.partition("=")[0]
    assert [(fault["pointer"], name in fault["message"]) for fault in json.loads(body)["errors"]] == [(f"/{name}", True)]


@pytest.mark.parametrize("number", ["1e3", "1.0", "%2b1", "+1", "1_0", "-0", "", "%D9%A1", "0x1"])
@pytest.mark.parametrize("name", ["after", "limit"])
def test_a_whole_number_is_digits_alone(server: Served, name: str, number: str) -> None:
    status, headers, body = ask(server, "GET", f"/api/runs/r1/metrics?{name}={number}")
    assert status == 422
    assert is_problem(status, headers, body)
    assert ask(server, "GET", f"/api/runs/r1/metrics?{name}=7")[0] == 404


VALID = {"fmt": "pt", "run_id": "r1", "checkpoint": "best", "after": "0", "limit": "5", "before": "7"}
VALID |= {"inspect": "true", "background": "true", "device_id": "t1", "processor_minutes": "15", "max_parameters": "9"}


def test_a_line_break_after_a_parameter_is_no_error_of_the_server(server: Served) -> None:
    """A pattern that ends in `$` matches before a line break, so that it came to what the pattern should keep out."""
    known = server.new_design()["id"]
    tried = set()
    for path, operations in server.get("/schema/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                name, place = parameter["name"], parameter["in"]
                whole = path.replace("{design_id}", known).replace("{run_id}", "r1").replace("{etag}", "0" * 32)
                if place == "path":
                    whole = path.replace(f"{{{name}}}", known + "%0a")
                elif place == "query":
                    whole += f"?{name}={VALID[name]}%0a"
                else:
                    continue
                status, headers, body = ask(server, method.upper(), whole, b'{"id": "d1"}', if_none_match="*")
                expected = {404, 422} if place == "path" else {404 if name == "run_id" else 422}
                assert status in expected, (method, whole, body)
                assert is_problem(status, headers, body)
                tried.add(name)
    assert tried == {*VALID, "design_id", "device_id", "etag", "sweep_id"}
    for moves in ("last", "5"):
        assert ask(server, "GET", f"/api/designs/{known}/export?checkpoint={moves}%0a")[0] == 422
        assert ask(server, "GET", f"/api/designs/{known}/export?checkpoint={moves}")[0] == 409


def test_document_errors_are_told_with_pointers_and_not_stored(server: Served) -> None:
    bad = {
        "id": "dbad",
        "components": [
            {"id": "a", "type": "no_such_block"},
            {"id": "b", "type": "embedding", "props": {"d_model": "wide"}},
            {"id": "b", "type": "embedding"},
            {"id": "c", "type": "embedding", "props": {"colour": 1}},
        ],
        "edges": [["a", "zz"], ["a"]],  # that zz is missing may follow from the repeated id, so it is reported after that
    }
    for method, path in (("PUT", "/api/designs/dbad"), ("POST", "/api/designs/dbad/validate")):
        response = server.request(method, path, json=bad, headers={"if-none-match": "*"})
        assert response.status_code == 422
        assert len(response.json()["errors"]) >= 5
    assert server.get("/api/designs/dbad").status_code == 404
    assert server.sync(designs=[{"id": "dbad", "work": bad}])["rejected"][0]["problem"]["errors"][0]["pointer"].startswith(
        "/work"
    )


WORDS = [
    *("id", "name", "meta", "components", "edges", "type", "props", "x", "y", "schema_version", "d_model", "base", "work"),
    *("deleted", "designs", "commands", "epoch", "cursor", "kind", "design_id", "config", "client_id", "change", "template"),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["d1", "c1", "linear"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=6),
    max_leaves=24,
)


@given(json_values, st.sampled_from(PLACES))
def test_no_json_makes_the_server_fail(server: Served, value: object, place: tuple[str, str]) -> None:
    body = json.dumps(value).encode()
    status, headers, answer = ask(server, *place, body, if_none_match="*")
    assert status < 500
    assert status < 400 or is_problem(status, headers, answer)


@given(drawings(), st.data())
def test_no_damaged_drawing_makes_the_server_fail(server: Served, drawing: object, data: st.DataObject) -> None:
    document = json.loads(canonical_bytes(drawing))  # type: ignore[arg-type]  # drawn as an object, and a design or nearly one
    place = data.draw(st.sampled_from(["whole", "meta", "component", "props", "edges"]))
    value = data.draw(json_values)
    if place == "whole":
        document[data.draw(st.sampled_from(WORDS))] = value
    elif place == "meta":
        document["meta"][data.draw(st.sampled_from(WORDS))] = value
    elif place == "edges":
        document["edges"].append(value)
    elif document["components"]:
        part = data.draw(st.sampled_from(document["components"]))
        (part if place == "component" else part["props"])[data.draw(st.sampled_from(WORDS))] = value
    name = document["id"] if isinstance(document["id"], str) and document["id"].isalnum() and document["id"].isascii() else "d1"
    bodies = {
        f"/api/designs/{name}": ("PUT", document),
        f"/api/designs/{name}/validate": ("POST", document),
        "/api/sync": ("POST", {"designs": [{"id": document["id"], "base": document, "work": document}]}),
        "/api/designs": ("POST", {"architecture": document}),
    }
    for path, (method, body) in bodies.items():
        status, headers, answer = ask(server, method, path, json.dumps(body).encode(), if_none_match="*")
        assert status < 500, answer
        assert status < 400 or is_problem(status, headers, answer)


def test_a_page_of_another_site_may_not_change_anything(server: Served) -> None:
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert server.post("/api/designs", headers=headers).status_code == 403
        assert server.get("/api/designs", headers=headers).status_code == 200
    port = server.base_url.port
    assert server.post("/api/designs", headers={"origin": f"http://127.0.0.1:{port}"}).status_code == 201
    assert server.post("/api/designs", headers={"origin": "http://127.0.0.1:1"}).status_code == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [("evil.example", 403), ("localhost", 200), ("[::1]:80", 200), ("203.0.113.4:8000", 403), ("other.local", 403), ("[", 403)],
)
def test_only_names_of_this_server_are_answered(server: Served, host: str, status: int) -> None:
    assert ask(server, "GET", "/api/health", host=host)[0] == status


def test_a_request_id_is_kept_when_it_is_harmless(server: Served) -> None:
    assert server.get("/api/health", headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert server.get("/api/health", headers={"x-request-id": "a b<c>"}).headers["x-request-id"] != "a b<c>"
