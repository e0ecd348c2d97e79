"""Telemetry is stored once, seen and deleted by its device only, bounded, and joined with the log by the request id."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.paired import PairedDevice, serving_paired
from support.server_process import server_process
from support.server_thread import Served, ask, serving
from support.telemetry import AT, EVENTS, STACK, batch, numbered, recorded
from support.waiting import wait_until

from backend.limits import Limits
from shared_py.protocol import MAX_EVENTS


def test_events_are_stored_once_and_returned_as_they_were_sent(fresh_server: Served) -> None:
    assert recorded(fresh_server) == []
    sent = fresh_server.post("/api/telemetry", json=batch(*EVENTS))
    assert sent.json() == {"stored": 5, "known": 0}
    again = fresh_server.post("/api/telemetry", json=batch(*EVENTS[3:], *numbered(1)))
    assert again.json() == {"stored": 1, "known": 2}
    assert recorded(fresh_server) == [*numbered(1), *reversed(EVENTS)]


def test_events_are_listed_by_pages(fresh_server: Served) -> None:
    fresh_server.post("/api/telemetry", json=batch(*numbered(5))).raise_for_status()
    rows = fresh_server.get("/api/telemetry?device_id=t1&limit=2").json()
    assert [row["event"]["id"] for row in rows] == ["n4", "n3"]
    earlier = fresh_server.get(f"/api/telemetry?device_id=t1&limit=2&before={rows[-1]['number']}").json()
    assert [row["event"]["id"] for row in earlier] == ["n2", "n1"]


def test_a_device_deletes_its_own_events_only(fresh_server: Served) -> None:
    for device_id in ("t1", "t2"):
        fresh_server.post("/api/telemetry", json=batch(*EVENTS, device_id=device_id)).raise_for_status()
    for _ in range(2):  # the second time there is nothing to delete
        assert fresh_server.delete("/api/telemetry?device_id=t1").status_code == 204
    assert recorded(fresh_server) == []
    assert len(recorded(fresh_server, "t2")) == 5


def test_deleted_events_are_overwritten_in_the_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        server.post("/api/telemetry", json=batch({**EVENTS[0], "designId": "dsecret"})).raise_for_status()
        server.delete("/api/telemetry?device_id=t1").raise_for_status()
    files = list(data.glob("studio.db*")) or list(data.glob("*.db*"))
    assert files
    assert all(b"dsecret" not in path.read_bytes() for path in files)


def test_paired_devices_see_and_delete_their_own_events_only(tmp_path: Path) -> None:
    with serving_paired(tmp_path / "data") as server:
        mine, other = PairedDevice(server, "Mine"), PairedDevice(server, "Other")
        mine("POST", "/api/telemetry", json=batch(*EVENTS)).raise_for_status()
        listed = "/api/telemetry?device_id=t1"
        assert len(mine("GET", listed).json()) == 5
        assert other("GET", listed).json() == [], "although it knows the id"
        other("DELETE", listed).raise_for_status()
        assert len(mine("GET", listed).json()) == 5
        mine("DELETE", f"/api/devices/{mine.id}").raise_for_status()
        assert mine("GET", listed).status_code == 401
        again = PairedDevice(server, "Mine, paired again")
        assert len(again("GET", listed).json()) == 5, "the same phone after it was paired anew"
        again("DELETE", listed, headers={"x-request-id": "the-deletion"}).raise_for_status()
        assert again("GET", listed).json() == []
        wait_until(lambda: "telemetry deleted" in {entry["what"] for entry in again("GET", "/api/audit").json()})
        lines = [entry for entry in again("GET", "/api/audit").json() if "telemetry" in entry["what"]]
        assert [(line["device_id"], line["request_id"]) for line in lines] == [
            (again.id, "the-deletion"),
            (other.id, lines[1]["request_id"]),
        ], "deletions are in the audit log, stored events are not"


def test_a_device_keeps_its_newest_events(tmp_path: Path) -> None:
    with serving(tmp_path / "data", limits=Limits(telemetry_per_device=3)) as server:
        server.post("/api/telemetry", json=batch(*numbered(2), device_id="t2")).raise_for_status()
        server.post("/api/telemetry", json=batch(*numbered(5))).raise_for_status()
        assert [event["id"] for event in recorded(server)] == ["n4", "n3", "n2"]
        assert len(recorded(server, "t2")) == 2


BAD: dict[str, dict[str, Any]] = {
    "an unknown type": {"type": "keystroke", "id": "e1", "at": AT},
    "no type": {"id": "e1", "at": AT},
    "a field more": {**EVENTS[1], "name": "My design"},
    "a message in a stack": {**EVENTS[4], "stack": "TypeError: my text\n" + STACK},
    "a path in a stack": {**EVENTS[4], "stack": "http://phone/assets/app.js:1:2"},
    "a stack that ends with a line break": {**EVENTS[4], "stack": STACK + "\n"},
    "a long stack": {**EVENTS[4], "stack": "\n".join(["app.js:1:2"] * 300)},
    "an error name with text": {**EVENTS[4], "name": "Error: my text"},
    "no id": {**EVENTS[0], "id": "../x"},
    "no time": {**EVENTS[0], "at": "yesterday"},
    "a negative time": {**EVENTS[0], "time_ms": -1},
    "a design that is no id": {**EVENTS[0], "designId": "My design"},
    "no request id": {**EVENTS[0], "request_id": "q 1"},
    "infinite": {**EVENTS[3], "seconds": 1e300},
}


@pytest.mark.parametrize("name", BAD)
def test_an_event_of_another_form_is_refused_with_its_call(server: Served, name: str) -> None:
    answer = server.post("/api/telemetry", json=batch(EVENTS[3], BAD[name], device_id="tbad"))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/events/")
    assert recorded(server, "tbad") == []


def test_too_many_events_and_parameters_of_another_form_are_refused(server: Served) -> None:
    assert server.post("/api/telemetry", json=batch(*numbered(MAX_EVENTS + 1))).status_code == 422
    assert server.post("/api/telemetry", json=batch(*numbered(MAX_EVENTS), device_id="tmany")).status_code == 200
    for query in ("", "?device_id=A", "?device_id=", "?device_id=t1&device_id=t2", "?device=t1"):
        assert server.get(f"/api/telemetry{query}").status_code == 422, query
        assert server.delete(f"/api/telemetry{query}").status_code == 422, query
    assert server.get("/api/telemetry?device_id=t1&limit=501").status_code == 422


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({name for event in EVENTS for name in event})
VALUES = JSON | st.sampled_from([value for event in EVENTS for value in event.values()])
EVENT_LIKE = st.sampled_from(EVENTS).flatmap(
    lambda event: st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3).map(lambda changes: {**event, **changes})
)
DOCUMENTS = JSON | st.fixed_dictionaries(
    {"device_id": st.just("tfuzz") | JSON, "events": st.lists(EVENT_LIKE | JSON, max_size=4) | JSON}
)


@given(DOCUMENTS.map(lambda document: json.dumps(document).encode()) | st.binary(max_size=60))
def test_whatever_is_sent_is_stored_or_refused(server: Served, body: bytes) -> None:
    status, headers, answer = ask(server, "POST", "/api/telemetry", body)
    assert status in (200, 400, 422), (status, body)
    assert headers["x-request-id"]
    if status == 200:
        assert json.loads(answer)["stored"] >= 0
        kept = json.loads(body)
        listed = recorded(server, kept["device_id"], limit=500)
        assert {event["id"] for event in kept["events"]} <= {event["id"] for event in listed}


def test_the_request_id_of_an_answer_joins_an_event_with_the_line_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with server_process(tmp_path / "data", "--log-json", log=log) as (_, url), httpx.Client(base_url=url, timeout=60) as server:
        answers = [
            server.post("/api/sync", json={"epoch": None, "cursor": 0}),
            server.get("/api/runs/rmissing"),
            server.get("/api/health"),
            server.get("/schema/openapi.json"),
            server.get("/nothing.js"),
            server.post("/api/sync", headers={"origin": "https://elsewhere.example"}),
        ]
        ids = [answer.headers["x-request-id"] for answer in answers]
        failed = {**EVENTS[4], "status": 404, "request_id": ids[1]}
        server.post("/api/telemetry", json=batch(failed)).raise_for_status()
        (event,) = recorded(server)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    requests = {line["request_id"]: line for line in lines if "request_id" in line}
    assert set(ids) <= requests.keys()
    joined = requests[event["request_id"]]
    assert (joined["method"], joined["path"], joined["status"]) == ("GET", "/api/runs/rmissing", event["status"])
    assert "device_id" not in log.read_text(), "the log has paths without parameters"


def test_a_damaged_event_is_left_out_of_the_list(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        server.post("/api/telemetry", json=batch(*EVENTS)).raise_for_status()
    (path,) = data.glob("*.db")
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE telemetry SET event = ? WHERE event_id = 'e2'", [b'{"type": "train'])
        database.commit()
    with serving(data) as server:
        assert [event["id"] for event in recorded(server)] == ["e5", "e4", "e3", "e1"]
