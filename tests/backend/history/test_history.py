"""Versions and the bin over HTTP: what a person did can be seen, brought back, named, and removed only by a person."""

from typing import Any

import pytest
from support.server_thread import Served, ask

from backend.store.revisions import MAX_NAMED


def edited(server: Served, design: dict[str, Any], *names: str) -> list[str]:
    """Store a version of each name; returns the etags of all versions, the first one included."""
    url = f"/api/designs/{design['id']}"
    etags = [server.get(url).headers["etag"].strip('"')]
    for name in names:
        etags.append(server.put(url, json={**design, "name": name}, headers={"if-match": "*"}).raise_for_status().json()["etag"])
    return etags


def listed(server: Served, design_id: str, **query: Any) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = server.get(f"/api/designs/{design_id}/revisions", params=query).raise_for_status().json()
    return answer


def test_versions_are_listed_newest_first_and_page_by_page(server: Served) -> None:
    design = server.new_design()
    etags = edited(server, design, "two", "three", "two")
    versions = listed(server, design["id"])
    assert [version["etag"] for version in versions] == etags[::-1]
    assert [version["current"] for version in versions] == [True, False, False, False]
    assert sorted((version["stored_at"] for version in versions), reverse=True) == [v["stored_at"] for v in versions]
    first = listed(server, design["id"], limit=3)
    assert first + listed(server, design["id"], before=first[-1]["number"]) == versions
    assert server.get("/api/designs/dnone/revisions").status_code == 404
    assert server.get(f"/api/designs/{design['id']}/revisions?after=1").status_code == 422


def test_a_version_says_which_device_it_came_from(server: Served) -> None:
    design = {**server.new_design(), "id": "ddevice"}
    server.sync(
        client_id="c1", device_id="phone1", device_name="Kitchen phone",
        designs=[{"id": "ddevice", "work": design, "client_id": "c1", "change": 1}],
    )  # fmt: skip
    edited(server, design, "two")
    versions = listed(server, "ddevice")
    assert [(version.get("device"), version.get("device_id")) for version in versions] == [
        (None, None),
        ("Kitchen phone", "phone1"),
    ]


def test_a_version_says_what_changed(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    design = server.new_design()
    edited(server, design, "two", "three")
    last = design["components"][-1]
    fewer = {**design, "name": "three", "components": design["components"][:-1]}
    fewer["edges"] = [edge for edge in design["edges"] if last["id"] not in edge]
    server.put(f"/api/designs/{design['id']}", json=fewer, headers={"if-match": "*"}).raise_for_status()
    changes = [version.get("change", "") for version in listed(server, design["id"])]
    assert "emoved" in changes[0]
    assert "two" in changes[1]
    assert "three" in changes[1]
    assert "two" in changes[2]
    assert changes[3] == "", "the first version has none before it"
    assert [version.get("change", "") for version in listed(server, design["id"], limit=2)] == changes[:2]
    monkeypatch.setattr("backend.history.versions.MAX_COMPARED_BYTES", 0)
    assert [version.get("change", "") for version in listed(server, design["id"])] == [""] * 4


def test_a_version_can_be_looked_at_and_restored_as_a_new_one(server: Served) -> None:
    design = server.new_design()
    first, second = edited(server, design, "two")
    url = f"/api/designs/{design['id']}"
    cursor = server.sync(epoch=None, cursor=0)["cursor"]
    preview = server.get(f"{url}/revisions/{first}")
    assert (preview.json(), preview.headers["etag"]) == (design, f'"{first}"')
    assert server.post(f"{url}/revisions/{first}/restore", headers={"if-match": f'"{first}"'}).status_code == 412
    restored = server.post(f"{url}/revisions/{first}/restore", headers={"if-match": f'"{second}"'})
    assert (restored.status_code, restored.json(), restored.headers["etag"]) == (200, design, f'"{first}"')
    assert server.get(url).json() == design
    versions = listed(server, design["id"])
    assert [(version["etag"], version["current"]) for version in versions] == [(first, True), (second, False), (first, False)]
    server.post(f"{url}/revisions/{first}/restore").raise_for_status()
    assert len(listed(server, design["id"])) == 3, "nothing changed, so there is no new version"
    assert server.sync(epoch=None, cursor=0)["cursor"] == cursor + 1


def test_a_version_of_a_deleted_design_can_be_restored(server: Served) -> None:
    design = server.new_design()
    first, _ = edited(server, design, "two")
    url = f"/api/designs/{design['id']}"
    server.delete(url).raise_for_status()
    assert [version["current"] for version in listed(server, design["id"])] == [False, False]
    assert server.post(f"{url}/revisions/{first}/restore").json() == design
    assert server.get(url).json() == design


@pytest.mark.parametrize("etag", ["unknown", "%22", "..%2f..", "a" * 300, "%00"])
@pytest.mark.parametrize(("method", "ending"), [("GET", ""), ("POST", "/restore"), ("PUT", "/name"), ("DELETE", "/name")])
def test_a_version_that_does_not_exist_is_404(server: Served, etag: str, method: str, ending: str) -> None:
    design = server.new_design()
    for name in (design["id"], "dnone", "D"):
        assert ask(server, method, f"/api/designs/{name}/revisions/{etag}{ending}", b'{"name": "x"}')[0] == 404


def test_versions_are_named_renamed_and_unnamed(server: Served) -> None:
    design = server.new_design()
    first, second, _ = edited(server, design, "two", design["name"])
    url = f"/api/designs/{design['id']}/revisions"
    assert server.put(f"{url}/{first}/name", json={"name": "Before the change"}).status_code == 204
    assert server.put(f"{url}/{second}/name", json={"name": "Two"}).status_code == 204
    assert server.put(f"{url}/{second}/name", json={"name": "Second"}).status_code == 204
    names = [version.get("name") for version in listed(server, design["id"])]
    assert names == ["Before the change", "Second", "Before the change"], "the same document has the same name"
    assert server.delete(f"{url}/{first}/name").status_code == 204
    assert server.delete(f"{url}/{first}/name").status_code == 204
    assert [version.get("name") for version in listed(server, design["id"])] == [None, "Second", None]
    for body in ({}, {"name": ""}, {"name": "x" * 121}, {"name": "x", "more": 1}, []):
        assert server.put(f"{url}/{second}/name", json=body).status_code == 422


def test_one_name_more_than_the_limit_is_refused_and_none_is_lost(server: Served) -> None:
    design = server.new_design()
    url = f"/api/designs/{design['id']}/revisions"
    etags: list[str] = []
    for number in range(MAX_NAMED + 1):  # each is named at once, since edits in quick succession are thinned
        etags.append(edited(server, design, f"version {number}")[-1])
        if number < MAX_NAMED:
            server.put(f"{url}/{etags[-1]}/name", json={"name": str(number)}).raise_for_status()
    refused = server.put(f"{url}/{etags[-1]}/name", json={"name": "one more"})
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert "remove the name" in refused.json()["detail"]
    assert server.put(f"{url}/{etags[0]}/name", json={"name": "renamed"}).status_code == 204
    assert sum("name" in version for version in listed(server, design["id"], limit=200)) == MAX_NAMED
    server.delete(f"{url}/{etags[0]}/name").raise_for_status()
    assert server.put(f"{url}/{etags[-1]}/name", json={"name": "one more"}).status_code == 204


def test_a_deleted_design_is_in_the_bin_until_it_is_restored(fresh_server: Served) -> None:
    first, second = fresh_server.new_design(name="First"), fresh_server.new_design(name="Second")
    assert fresh_server.get("/api/bin").json() == []
    for design in (first, second):
        fresh_server.delete(f"/api/designs/{design['id']}").raise_for_status()
    listed_now = fresh_server.get("/api/bin").json()
    assert [(row["id"], row["name"]) for row in listed_now] == [(second["id"], "Second"), (first["id"], "First")]
    assert set(listed_now[0]) == {"id", "name", "created_at", "deleted_at", "etag"}
    assert listed_now[0]["deleted_at"] >= listed_now[0]["created_at"]
    preview = fresh_server.get(f"/api/designs/{first['id']}/revisions/{listed_now[1]['etag']}")
    assert preview.json() == first
    cursor = fresh_server.sync(epoch=None, cursor=0)["cursor"]
    restored = fresh_server.post(f"/api/bin/{first['id']}/restore")
    assert (restored.status_code, restored.json()["id"]) == (200, first["id"])
    assert fresh_server.get(f"/api/designs/{first['id']}").json() == first
    assert [row["id"] for row in fresh_server.get("/api/bin").json()] == [second["id"]]
    assert fresh_server.post(f"/api/bin/{first['id']}/restore").status_code == 404
    assert fresh_server.sync(epoch=None, cursor=0)["cursor"] == cursor + 1, "phones receive it as a change"


def test_only_a_design_in_the_bin_can_be_removed_for_good(fresh_server: Served) -> None:
    design = fresh_server.new_design()
    url = f"/api/designs/{design['id']}"
    epoch = fresh_server.sync(epoch=None, cursor=0)["epoch"]
    etag = fresh_server.get(url).headers["etag"].strip('"')
    assert fresh_server.delete(f"/api/bin/{design['id']}").status_code == 404
    assert fresh_server.get(url).json() == design
    fresh_server.delete(url).raise_for_status()
    assert fresh_server.delete(f"/api/bin/{design['id']}").status_code == 204
    assert fresh_server.get("/api/bin").json() == []
    assert fresh_server.post(f"/api/bin/{design['id']}/restore").status_code == 404
    assert fresh_server.delete(f"/api/bin/{design['id']}").status_code == 404
    assert listed(fresh_server, design["id"]) == []
    assert fresh_server.get(f"{url}/revisions/{etag}").status_code == 404
    assert fresh_server.get(url).status_code == 404
    (synced,) = fresh_server.sync(epoch=epoch, cursor=0)["designs"]
    assert (synced["id"], synced["deleted"], "document" in synced) == (design["id"], True, False), "phones still learn of it"
    again = fresh_server.put(url, json=design, headers={"if-none-match": "*"})
    assert again.status_code == 201
    assert fresh_server.get(url).json() == design
