"""Failure cases of `docs/reliability.md`: calls that arrive twice, reordered, in part, or with what is no design."""

import copy
import itertools
import json
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.server_thread import Served, ask, serving
from support.sync_phone import Phone, drawing, widths


@pytest.fixture
def server(fresh_server: Served) -> Served:
    """A server without designs."""
    return fresh_server


def on_server(server: Served, design_id: str) -> dict[str, int]:
    return widths(server.get(f"/api/designs/{design_id}").raise_for_status().json())


def two_phones(server: Served, design: dict[str, Any]) -> tuple[Phone, Phone]:
    """Two phones that both have a design."""
    one, two = Phone("one"), Phone("two")
    one.edit(design["id"], design)
    one.sync(server)
    two.sync(server)
    return one, two


def test_case_03_the_same_call_arrives_several_times_at_once(server: Served) -> None:
    one, two = two_phones(server, drawing("d1", c1=1, c2=1))
    one.set("d1", c1=2)
    call = one.call()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.sync(**call), range(8)))
    assert len({answer["designs"][0]["etag"] for answer in answers}) == 1
    assert len(server.get("/api/designs/d1/revisions").json()) == 2
    one.accept(call, answers[-1])
    two.sync(server)
    assert widths(one.rows["d1"].work) == widths(two.rows["d1"].work) == {"c1": 2, "c2": 1}
    assert one.conflicts == two.conflicts == []


def test_a_value_that_both_copies_of_a_phone_changed_is_a_conflict(server: Served) -> None:
    one, _ = two_phones(server, drawing("d1", c1=1))
    clone = copy.deepcopy(one)
    one.set("d1", c1=2)
    clone.set("d1", c1=3)
    one.sync(server)
    clone.sync(server)
    (conflict,) = clone.conflicts
    assert {conflict["mine"], conflict["theirs"]} == {2, 3}


def test_a_deletion_by_a_copied_phone_is_not_taken_for_a_part_of_what_the_other_copy_did(server: Served) -> None:
    """Merged with the other copy's edit it leaves nothing behind, since an edit beats a delete; that has to be reported."""
    one, _ = two_phones(server, drawing("d1", c1=1, c2=1))
    clone = copy.deepcopy(one)
    one.set("d1", c1=2)
    one.set("d1", c1=3)
    one.sync(server)
    clone.edit("d1", drawing("d1", c2=1))
    clone.sync(server)
    clone.sync(server)
    assert on_server(server, "d1") == {"c1": 3, "c2": 1}
    assert [conflict["path"] for conflict in clone.conflicts] == ["/components/c1"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_case_05_copies_of_calls_arrive_in_another_order(server: Served, order: tuple[int, ...]) -> None:
    one, two = two_phones(server, drawing("d1", c1=1))
    calls = []
    for work in (drawing("d1", c1=2, n1=8), drawing("d1", c1=3, n1=16), drawing("d1", c1=4)):
        one.edit("d1", work)
        calls.append(one.call())
        one.sync(server)
    for index in order:
        server.sync(**calls[index])
    two.sync(server)
    assert on_server(server, "d1") == widths(two.rows["d1"].work) == {"c1": 4}
    assert two.conflicts == []


def test_case_05_a_call_is_overtaken_by_the_next_one(server: Served) -> None:
    one, two = two_phones(server, drawing("d1", c1=1))
    one.set("d1", c1=2)
    late = one.call()
    one.set("d1", c1=3)
    one.sync(server)
    server.sync(**late)
    two.set("d1", c2=5)
    two.sync(server)
    one.sync(server)
    assert on_server(server, "d1") == widths(one.rows["d1"].work) == {"c1": 3, "c2": 5}


def test_case_06_a_call_of_which_half_arrives_changes_nothing(server: Served) -> None:
    one, _ = two_phones(server, drawing("d1", c1=1))
    one.set("d1", c1=2)
    body = server.build_request("POST", "/api/sync", json=one.call()).content
    half = body[: len(body) // 2]
    with socket.create_connection((server.base_url.host, server.base_url.port or 0), timeout=10) as connection:
        head = f"POST /api/sync HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + half)
    assert ask(server, "POST", "/api/sync", half)[0] == 400
    assert on_server(server, "d1") == {"c1": 1}
    one.sync(server)
    assert on_server(server, "d1") == {"c1": 2}


def test_case_09_the_server_has_an_empty_database(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        one, two = two_phones(server, drawing("d1", c1=1, c2=1))
        two.edit("dtwo", drawing("dtwo", c1=1))
        two.sync(server)
    shutil.rmtree(data)
    with serving(data) as server:
        one.set("d1", c1=2)
        two.set("d1", c2=3)
        one.sync(server)
        two.sync(server)
        one.sync(server)
        assert on_server(server, "d1") == {"c1": 2, "c2": 3}
        assert {name: row.work for name, row in one.rows.items()} == {name: row.work for name, row in two.rows.items()}
        assert set(one.rows) == {"d1", "dtwo"}


@pytest.mark.parametrize("change", [{"schema_version": 99}, {"a_later_field": 1}])
def test_case_15_a_design_of_a_newer_app_is_refused_rather_than_stripped(server: Served, change: dict[str, Any]) -> None:
    one, _ = two_phones(server, drawing("d1", c1=1))
    stored = server.get("/api/designs/d1").json()
    one.edit("d1", {**drawing("d1", c1=2), **change})
    one.edit("dother", drawing("dother", c1=1))
    answer = server.sync(**one.call())
    (rejection,) = answer["rejected"]
    assert (rejection["id"], rejection["problem"]["status"]) == ("d1", 422)
    assert server.get("/api/designs/d1").json() == stored
    assert on_server(server, "dother") == {"c1": 1}


def test_case_15_fields_that_a_newer_app_adds_to_a_call_are_ignored(server: Served) -> None:
    one, _ = two_phones(server, drawing("d1", c1=1))
    one.set("d1", c1=2)
    call = one.call()
    designs = [{**entry, "later": {"more": 1}} for entry in call["designs"]]
    answer = server.sync(**{**call, "designs": designs, "later": [1]})
    assert answer["rejected"] == []
    assert on_server(server, "d1") == {"c1": 2}


def test_case_16_a_design_deleted_on_both_phones_is_gone_without_a_conflict(server: Served) -> None:
    one, two = two_phones(server, drawing("d1", c1=1))
    for phone in (one, two):
        phone.edit("d1", None)
    for phone in (one, two, one):
        phone.sync(server)
        assert phone.rows == {}
        assert phone.conflicts == []
    assert server.get("/api/designs/d1").status_code == 404


def test_case_16_both_phones_make_a_design_and_components_of_the_same_id(server: Served) -> None:
    one, two = Phone("one"), Phone("two")
    one.edit("dsame", drawing("dsame", c1=1, a1=1))
    two.edit("dsame", drawing("dsame", c1=2, b1=1))
    one.sync(server)
    two.sync(server)
    one.sync(server)
    assert widths(one.rows["dsame"].work) == widths(two.rows["dsame"].work) == {"c1": 2, "a1": 1, "b1": 1}
    for phone in (one, two):
        (conflict,) = phone.conflicts
        assert (conflict["path"], {conflict["mine"], conflict["theirs"]}) == ("/components/c1/props/d_model", {1, 2})


@pytest.mark.parametrize("deletes_first", [True, False])
def test_case_17_an_edge_to_a_component_deleted_elsewhere(server: Served, deletes_first: bool) -> None:
    one, two = two_phones(server, drawing("d1", a=8, b=8))
    one.edit("d1", {**drawing("d1", a=8, b=8), "edges": [["a", "b"]]})
    two.edit("d1", drawing("d1", a=8))
    for phone in (two, one) if deletes_first else (one, two):
        phone.sync(server)
    one.sync(server)
    two.sync(server)
    stored = server.get("/api/designs/d1").json()
    assert one.rows["d1"].work == two.rows["d1"].work == stored
    assert (widths(stored), stored["edges"]) == ({"a": 8}, [])
    for phone in (one, two):
        assert [conflict["path"] for conflict in phone.conflicts] == ["/edges/b"]


def test_case_18_type_changed_here_and_properties_there(server: Served) -> None:
    one, two = two_phones(server, drawing("d1", c1=8))
    retyped = drawing("d1", c1=8)
    retyped["components"][0] |= {"type": "layer_norm", "props": {}}
    one.edit("d1", retyped)
    two.set("d1", c1=16)
    for phone in (one, two, one):
        phone.sync(server)
    (part,) = server.get("/api/designs/d1").json()["components"]
    assert (part["type"], part["props"]) == ("layer_norm", {})
    for phone in (one, two):
        assert len(phone.conflicts) == 1


@pytest.mark.parametrize(("depth", "expected"), [(40, 200), (100_000, 400)])
def test_case_26_a_design_nested_too_deep_is_refused(server: Served, depth: int, expected: int) -> None:
    """By itself, or with the whole call where that cannot be read; nothing of it is stored, and the next call is accepted."""
    one, _ = two_phones(server, drawing("d1", c1=1))
    part = b'{"id": "a", "type": "linear", "props": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"
    body = b'{"designs": [{"id": "ddeep", "work": {"id": "ddeep", "components": [' + part + b"]}}]}"
    status, _, answer = ask(server, "POST", "/api/sync", body)
    assert status == expected
    if status == 200:
        assert [rejection["id"] for rejection in json.loads(answer)["rejected"]] == ["ddeep"]
    assert server.get("/api/designs/ddeep").status_code == 404
    one.set("d1", c1=2)
    one.sync(server)
    assert on_server(server, "d1") == {"c1": 2}


def test_case_26_a_call_that_is_too_large_is_refused(server: Served) -> None:
    one, _ = two_phones(server, drawing("d1", c1=1))
    one.edit("dhuge", {**drawing("dhuge"), "name": "a" * 2_000_000})
    assert server.post("/api/sync", json=one.call()).status_code == 413
    del one.rows["dhuge"]
    one.set("d1", c1=2)
    one.sync(server)
    assert on_server(server, "d1") == {"c1": 2}


def test_case_08_a_block_deleted_after_the_server_is_put_back_stays_deleted_where_its_phone_was_edited_during_calls(
    server: Served,
) -> None:
    """Nobody has the version with n alone: one has it with an edit of its own, three with a later one and an older anchor."""

    def push(client: str, change: int, base: dict[str, Any], seen: dict[str, int], work: dict[str, Any], **more: Any) -> None:
        design = {"id": "d1", "base": base, "base_seen": seen, "client_id": client, "change": change, "work": work, **more}
        server.sync(epoch=None, cursor=0, client_id=client, designs=[design])

    added = {"three": 2}
    with_n, without = drawing("d1", c1=3, n=1), drawing("d1", c1=3)
    push("one", 5, drawing("d1", c1=2, n=1), {**added, "one": 3}, with_n)
    push("two", 4, with_n, {**added, "one": 5}, without)
    base, anchor = drawing("d1", c1=1, n=1, m=1), drawing("d1", c1=1)
    push("three", 4, base, {"three": 3}, drawing("d1", c1=1, n=1, m=2), anchor=anchor, anchor_seen={"three": 1})
    assert on_server(server, "d1") == {"c1": 3, "m": 2}
