"""Designs over HTTP: conditions keep one person's edit from overwriting another's."""

from typing import Any

import pytest
from support.server_thread import Served

from shared_py.decoding import design_from
from shared_py.design import etag_of
from shared_py.templates import load_templates


def quoted(text: str) -> str:
    return f'"{text}"'


def test_a_new_design_is_the_first_template_with_an_id_of_its_own(server: Served) -> None:
    response = server.post("/api/designs")
    meta = response.json()
    assert response.status_code == 201
    assert set(meta) == {"id", "name", "created_at", "updated_at", "etag"}
    assert meta["id"].startswith("d")
    assert len(meta["id"]) == 16
    assert response.headers["location"] == f"/api/designs/{meta['id']}"
    document = server.get(response.headers["location"]).json()
    assert document["components"] == server.get("/api/templates").json()[0]["components"]


def test_a_new_design_may_be_named_and_chosen(server: Served) -> None:
    template = load_templates()[-1]
    meta = server.post("/api/designs", json={"id": "dmine", "name": "Mine", "template": template.id}).json()
    assert (meta["id"], meta["name"]) == ("dmine", "Mine")
    assert len(server.get("/api/designs/dmine").json()["components"]) == len(template.components)
    assert server.post("/api/designs", json={"id": "dmine"}).status_code == 409
    given = {**server.get("/api/designs/dmine").json(), "id": "dgiven", "name": "Given"}
    assert server.post("/api/designs", json={"architecture": given}).json()["id"] == "dgiven"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"template": "mixture_of_expert"}, "/template"),
        ({"id": "No"}, "/id"),
        ({"name": ""}, "/name"),
        ({"nmae": "x"}, ""),
        ({"architecture": {"id": "d1", "components": [{"id": "a", "type": "nothing"}]}}, "/architecture"),
    ],
)
def test_a_wrong_new_design_is_refused_with_a_pointer(server: Served, body: dict[str, Any], pointer: str) -> None:
    response = server.post("/api/designs", json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"].startswith(pointer)


def test_the_list_shows_living_designs_the_newest_change_first(fresh_server: Served) -> None:
    first, second = fresh_server.new_design(), fresh_server.new_design()
    assert [meta["id"] for meta in fresh_server.get("/api/designs").json()] == [second["id"], first["id"]]
    assert fresh_server.delete(f"/api/designs/{second['id']}").status_code == 204
    assert [meta["id"] for meta in fresh_server.get("/api/designs").json()] == [first["id"]]


def test_a_design_is_read_with_its_etag(server: Served) -> None:
    design = server.new_design()
    url = f"/api/designs/{design['id']}"
    response = server.get(url)
    assert response.headers["etag"] == quoted(etag_of(design_from(response.json())))
    unchanged = server.get(url, headers={"if-none-match": response.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert server.get(url, headers={"if-none-match": '"other"'}).status_code == 200


def test_case_20_a_put_needs_a_condition_and_the_newest_version(server: Served) -> None:
    design = server.new_design()
    url = f"/api/designs/{design['id']}"
    etag = server.get(url).headers["etag"]
    assert server.put(url, json=design).status_code == 428
    stored = server.put(url, json={**design, "name": "second"}, headers={"if-match": etag})
    assert (stored.status_code, stored.json()["name"]) == (200, "second")
    late = server.put(url, json={**design, "name": "third"}, headers={"if-match": etag})
    assert late.status_code == 412
    assert late.json()["current"]["name"] == "second"
    assert quoted(late.json()["etag"]) == late.headers["etag"] == stored.headers["etag"]
    merged = server.put(url, json={**design, "name": "third"}, headers={"if-match": late.json()["etag"]})
    assert merged.status_code == 200
    assert server.put(url, json=design, headers={"if-match": "*"}).status_code == 200


def test_a_put_makes_a_design_only_where_there_is_none(server: Served) -> None:
    design = {**server.new_design(), "id": "dput"}
    assert server.put("/api/designs/dput", json=design, headers={"if-match": '"x"'}).status_code == 404
    made = server.put("/api/designs/dput", json=design, headers={"if-none-match": "*"})
    assert made.status_code == 201
    again = server.put("/api/designs/dput", json=design, headers={"if-none-match": "*"})
    assert again.status_code == 412
    assert again.json()["current"] == design
    assert server.put("/api/designs/dput", json=design, headers={"if-none-match": '"x"'}).status_code == 428
    assert server.put("/api/designs/dother", json=design, headers={"if-none-match": "*"}).status_code == 422


def test_a_deleted_design_is_gone_and_may_be_made_again(server: Served) -> None:
    design = server.new_design()
    url = f"/api/designs/{design['id']}"
    assert server.delete(url, headers={"if-match": '"old"'}).status_code == 412
    assert server.delete(url).status_code == 204
    assert server.delete(url).status_code == 404
    for path in ("", "/compile", "/train", "/export"):
        assert server.request("GET" if path in ("", "/export") else "POST", url + path).status_code == 404
    assert server.put(url, json=design, headers={"if-none-match": "*"}).status_code == 201
    assert server.get(url).json() == design


def test_a_half_finished_drawing_is_stored_but_neither_compiled_nor_trained(server: Served) -> None:
    design = server.new_design()
    url = f"/api/designs/{design['id']}"
    last = design["components"][-1]["id"]
    broken = {**design, "edges": [edge for edge in design["edges"] if last not in edge]}
    assert server.put(url, json=broken, headers={"if-match": "*"}).status_code == 200
    answers = [
        server.post(f"{url}/validate", json=broken),
        server.post(f"{url}/compile"),
        server.post(f"{url}/train", json={"total_steps": 1}),
    ]
    for answer in answers:
        assert answer.status_code == 422
        body = answer.json()
        assert body["valid"] is False
        assert body["errors"]
        assert {problem["code"] for problem in body["problems"]}
        assert {"paramCount", "estimatedMemory", "parameters", "active_parameters", "flops", "blocks"} <= set(body)
        assert {"type", "title", "status", "detail"} <= set(body)


@pytest.mark.parametrize(
    ("config", "pointer"),
    [
        ({"total_steps": 0}, "/total_steps"),
        ({"gamma": "much"}, "/gamma"),
        ({"gama": 0.9}, "/gama"),
        ([], ""),
        ({"seed": 1.5}, "/seed"),
    ],
)
def test_wrong_training_settings_are_refused_with_a_pointer(server: Served, config: Any, pointer: str) -> None:
    design = server.new_design()
    answer = server.post(f"/api/designs/{design['id']}/train", json=config)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert server.get("/api/runs").json() == []


@pytest.mark.parametrize(
    ("path", "body", "pointer", "message"),
    [
        ("/api/designs", {"nam": "Mine"}, "/nam", "there is no field 'nam'; did you mean name?"),
        ("/api/designs", {"a/b": 1}, "/a~1b", "there is no field 'a/b'"),
        ("/api/designs/{}/train", {"gama": 0.9}, "/gama", "there is no field 'gama'; did you mean gamma?"),
    ],
)
def test_an_unknown_field_of_a_request_is_named_with_the_nearest(
    server: Served, path: str, body: dict[str, Any], pointer: str, message: str
) -> None:
    answer = server.post(path.format(server.new_design()["id"]), json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": pointer, "message": message}]


def test_a_verdict_needs_no_stored_design(server: Served) -> None:
    design = server.get("/api/templates").json()[0]
    verdict = server.post("/api/designs/dnowhere/validate", json=design)
    assert verdict.status_code == 200
    assert verdict.json()["valid"] is True
    assert verdict.json()["parameters"] > 0
    assert server.get("/api/designs/dnowhere").status_code == 404
