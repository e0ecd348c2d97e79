"""Access control: paired devices are served, others only if no other machine can connect; the audit log."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from support.paired import PairedDevice, new_code, serving_paired
from support.server_process import ROOT
from support.server_thread import Served, ask, serving
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from backend.app import ROUTES
from backend.pairing.cookie import NAME, token_in
from backend.pairing.database import FILE
from backend.pairing.database import connect as open_database

OPEN = {"/api/health", "/api/pair"}


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("data")
    (data / "dist").mkdir()
    (data / "dist" / "index.html").write_text("<title>the app</title>")
    with serving_paired(data) as server:
        yield server


@pytest.fixture
def device(paired: Served) -> PairedDevice:
    return PairedDevice(paired, "Chrome on Android")


def test_no_route_serves_a_device_that_is_not_paired(paired: Served) -> None:
    routes = [(str(method), path) for route in ROUTES for path in route.paths for method in getattr(route, "http_methods", ())]
    assert len(routes) > 30
    for method, path in routes:
        if path in OPEN:
            continue
        filled = "/".join("d1" if part.startswith("{") else part for part in path.split("/"))
        for headers in ({}, {"cookie": f"{NAME}=guess"}, {"cookie": f"{NAME}="}):
            status, _, body = ask(paired, method, filled, **headers)
            assert status == 401, (method, filled)
            if method != "HEAD":
                assert json.loads(body)["type"] == "urn:model-studio:not_paired"
    for path in ("/schema/openapi.json", "/api", "/api/unknown"):
        assert ask(paired, "GET", path)[0] == 401, path


def test_health_has_no_details_for_an_unpaired_device(paired: Served, device: PairedDevice) -> None:
    assert paired.get("/api/health").json() == {"status": "ok"}
    assert "epoch" in device("GET", "/api/health").json()
    assert ask(paired, "POST", "/api/health")[0] == 401


def test_the_files_of_the_app_are_for_everybody(paired: Served) -> None:
    assert paired.get("/").text == "<title>the app</title>"


def test_a_paired_device_is_served_and_its_cookie_is_bound(paired: Served, device: PairedDevice) -> None:
    assert device("GET", "/api/designs").status_code == 200
    parts = device.set_cookie.split("; ")
    assert parts[0].startswith("__Host-")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} <= set(parts)
    assert not any(part.startswith("Domain") for part in parts)
    state = device("GET", "/api/pair").json()
    assert state["required"]
    assert state["device"]["id"] == device.id
    assert paired.get("/api/pair").json() == {"required": True, "device": None}


def test_wrong_used_and_malformed_codes_have_their_statuses(paired: Served) -> None:
    code = new_code(paired.settings.data_dir)
    for _ in range(2):
        PairedDevice(paired, "phone", code)
    replayed = paired.post("/api/pair", json={"code": code})
    assert (replayed.status_code, replayed.json()["type"]) == (410, "urn:model-studio:code_expired")
    assert "set-cookie" not in replayed.headers
    wrong = paired.post("/api/pair", json={"code": "0000-0000-0000"})
    assert (wrong.status_code, wrong.json()["type"]) == (403, "urn:model-studio:wrong_code")
    for body in ({}, {"code": ""}, {"code": "x" * 65}, {"code": 7}, {"code": code, "more": 1}):
        assert paired.post("/api/pair", json=body).status_code == 422
    PairedDevice(paired, "forgives the wrong one")


def test_too_many_wrong_codes_say_when_to_try_again(tmp_path: Path) -> None:
    with serving_paired(tmp_path / "data") as server:
        statuses = [server.post("/api/pair", json={"code": "0000-0000-0000"}).status_code for _ in range(6)]
        assert statuses == [403] * 5 + [429]
        locked = server.post("/api/pair", json={"code": new_code(server.settings.data_dir)})
        assert locked.status_code == 429
        assert 0 < int(locked.headers["retry-after"]) <= 60


def test_a_page_of_another_origin_cannot_use_the_cookie(paired: Served, device: PairedDevice) -> None:
    for origin in ("https://evil.example", "null", f"http://127.0.0.1:{paired.base_url.port + 1}"):
        headers = {"origin": origin}
        assert device("POST", "/api/designs", json={}, headers=headers).status_code == 403
        assert device("DELETE", f"/api/devices/{device.id}", headers=headers).status_code == 403
        assert paired.post("/api/pair", json={"code": new_code(paired.settings.data_dir)}, headers=headers).status_code == 403
        cookie = {"cookie": device.cookie}
        with pytest.raises(InvalidStatus) as refused:
            connect(paired.socket_url, origin=Origin(origin), additional_headers=cookie)
        assert refused.value.response.status_code == 403
    assert "access-control-allow-origin" not in device("GET", "/api/designs", headers={"origin": "https://evil.example"}).headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", "printer.local", "router.lan", "db.internal", "intranet", "10.255.255.1", "127.0.0.1.evil.example", ""],
)
def test_a_foreign_name_is_refused_also_with_a_cookie(paired: Served, device: PairedDevice, host: str) -> None:
    for path in ("/api/designs", "/api/health", "/"):
        status, _, body = ask(paired, "GET", path, cookie=device.cookie, host=host)
        assert status == 403, (path, body)


def test_names_of_this_machine_and_allowed_ones_are_accepted(tmp_path: Path) -> None:
    with serving(tmp_path / "data", allowed_hosts=("studio.example",)) as server:
        device = PairedDevice(server, "phone")
        own = socket.gethostname().lower()
        loopback = ("localhost", "127.0.0.1:8000", "[::1]:8000", "app.localhost")
        for host in (*loopback, own, f"{own}.local:8443", "Studio.Example", "studio.example."):
            assert ask(server, "GET", "/api/designs", cookie=device.cookie, host=host)[0] == 200, host
            assert ask(server, "GET", "/api/designs", host=host)[0] == 401, host


def test_pairing_is_waived_for_loopback_names_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        for host in ("localhost", f"127.0.0.1:{server.base_url.port}", "[::1]", "studio.localhost"):
            assert ask(server, "GET", "/api/designs", host=host)[0] == 200, host
        assert server.get("/api/pair").json() == {"required": False, "device": None}
        assert server.get("/api/devices").json() == []
        assert server.get("/api/audit").json() == []
        assert not (data / FILE).exists(), "nothing is kept where nothing is paired"
        assert ask(server, "GET", "/api/designs", host=socket.gethostname())[0] == 401, "an undeclared proxy may pass it on"


def test_a_revoked_device_is_refused_and_another_one_stays(paired: Served, device: PairedDevice) -> None:
    other = PairedDevice(paired, "Safari on iPhone")
    names = {entry["id"]: entry for entry in other("GET", "/api/devices").json()}
    assert names[other.id]["current"]
    assert not names[device.id]["current"]
    assert other("DELETE", f"/api/devices/{device.id}").status_code == 204
    refused = device("GET", "/api/designs")
    assert refused.status_code == 401
    assert refused.json()["was_paired"]
    assert other("DELETE", f"/api/devices/{device.id}").status_code == 404
    assert other("GET", "/api/designs").status_code == 200


def test_sockets_need_the_cookie_and_close_when_the_device_is_revoked(paired: Served, device: PairedDevice) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(paired.socket_url):
        pass
    assert refused.value.response.status_code == 401
    other = PairedDevice(paired, "stays")
    with ExitStack() as stack:
        first, second, last = (
            stack.enter_context(connect(paired.socket_url, additional_headers={"cookie": one.cookie}))
            for one in (device, device, other)
        )
        other("GET", "/api/audit")  # the sockets are served by now
        command = [sys.executable, "-m", "backend.cli", "devices", "revoke", device.id, "--data-dir"]
        subprocess.run([*command, str(paired.settings.data_dir)], cwd=ROOT, check=True, capture_output=True)
        for lost in (first, second):
            with pytest.raises(ConnectionClosed) as closed:
                lost.recv(timeout=10)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401
        last.ping().wait(10)
    assert "device revoked" in [entry["what"] for entry in other("GET", "/api/audit").json()]


def changes_of(device: PairedDevice, count: int) -> list[tuple[str, str, str]]:
    """Wait until the audit log has this many entries of the device; returns the newest."""
    end = time.monotonic() + 10
    while True:
        entries = [entry for entry in device("GET", "/api/audit").json() if entry["device_id"] == device.id]
        if len(entries) >= count or time.monotonic() > end:
            return [(entry["what"], entry["subject"], entry["request_id"]) for entry in reversed(entries)]
        time.sleep(0.02)


def test_every_change_is_in_the_audit_log_with_device_and_request(paired: Served, device: PairedDevice) -> None:
    made = device("POST", "/api/designs", json={"name": "audited"}, headers={"x-request-id": "first"}).json()
    document = device("GET", f"/api/designs/{made['id']}").json()
    device("POST", f"/api/designs/{made['id']}/validate", json=document)
    changed = {**document, "name": "renamed"}
    call: dict[str, Any] = {"epoch": None, "cursor": 0, "designs": [{"id": made["id"], "base": document, "work": changed}]}
    assert device("POST", "/api/sync", json=call, headers={"x-request-id": "second"}).status_code == 200
    assert device("POST", "/api/sync", json={"epoch": None, "cursor": 0}).status_code == 200
    assert device("DELETE", "/api/runs/r_unknown").status_code == 404
    assert device("DELETE", f"/api/designs/{made['id']}", headers={"x-request-id": "third"}).status_code == 204
    (paired_line, *changes) = changes_of(device, 4)
    assert paired_line[:2] == ("device paired", device.id)
    assert changes == [
        ("design created", "", "first"),
        ("design changed", made["id"], "second"),
        ("design deleted", made["id"], "third"),
    ]


def test_the_cookie_is_renewed_before_it_expires(paired: Served, device: PairedDevice) -> None:
    assert "set-cookie" not in device("GET", "/api/designs").headers
    with closing(open_database(paired.settings.data_dir)) as database:
        database.execute("UPDATE devices SET cookie_sent_at = cookie_sent_at - 31 * 86400 WHERE id = ?", (device.id,))
    assert device("GET", "/api/designs").headers["set-cookie"] == device.set_cookie


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (f"{NAME}=abc", "abc"),
        (f"theme=dark; {NAME}=abc; other=1", "abc"),
        (f"{NAME}=abc; {NAME}=def", None),
        ("Host-model-studio=abc", None),
        (f"{NAME}=", None),
        ("", None),
    ],
)
def test_the_cookie_is_read(header: str, token: str | None) -> None:
    assert token_in(header) == token
