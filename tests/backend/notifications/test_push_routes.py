"""Turning notifications on and off over HTTP, and what is sent when a run ends."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.designs import plain_design
from support.paired import PairedDevice, serving_paired
from support.push_service import Answer, Browser, PushService, push_service, signed_claims
from support.run_folders import write_run
from support.server_thread import Served, serving
from support.waiting import wait_until

from backend.notifications.keys import FILE as KEY_FILE
from backend.pairing import commands, database
from backend.pairing.registry import MAX_SUBSCRIPTIONS, NotifiedDevice, Registry, open_registry
from backend.runs.journal import Journal
from shared_py.protocol import RunStatus, TrainingUpdate


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushService]:
    with push_service(tmp_path_factory.mktemp("push")) as made:
        yield made


@pytest.fixture(autouse=True)
def forget(service: PushService) -> None:
    service.received.clear()
    service.answers.clear()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def served(data: Path, service: PushService) -> Any:
    return serving_paired(data, test_push_authority=service.authority)


def turn_on(device: PairedDevice, browser: Browser) -> None:
    answer = device("PUT", "/api/push", json=browser.subscription)
    assert (answer.status_code, answer.content) == (204, b"")


def audit(device: PairedDevice) -> list[tuple[str, str, str]]:
    return [(entry["what"], entry["device_name"], entry["subject"]) for entry in device("GET", "/api/audit").json()]


def end_a_run(data: Path, run_id: str, *statuses: RunStatus, score: float | None = 512.25, reason: str | None = None) -> None:
    """Write what a run leaves that ended while no server ran; its design is `d1`."""
    folder = write_run(data / "runs", run_id, "running", design=msgspec.structs.replace(plain_design(), id="d1"))
    with Journal(folder, folder.request) as journal:
        if score is not None:
            journal.write(TrainingUpdate(seq=0, run_id=run_id, steps=100, score=score, elapsed_s=1.0))
        for status in statuses:
            journal.status(status, reason)


def with_design(server: Served, device: PairedDevice) -> None:
    document = msgspec.to_builtins(msgspec.structs.replace(plain_design(), id="d1", name="Two experts"))
    assert device("POST", "/api/designs", json={"architecture": document}).status_code == 201


def test_a_device_turns_notifications_on_and_off(data: Path, service: PushService) -> None:
    with served(data, service) as server:
        device, other = PairedDevice(server, "phone"), PairedDevice(server, "tablet")
        state = device("GET", "/api/push").json()
        assert (state["paired"], state["endpoint"]) == (True, None)
        assert len(state["public_key"]) == 87
        browser = Browser(service)
        turn_on(device, browser)
        assert device("GET", "/api/push").json() == {**state, "endpoint": browser.endpoint}
        assert other("GET", "/api/push").json() == state
        newer = Browser(service, "/push/newer")
        turn_on(device, newer)
        assert device("GET", "/api/push").json()["endpoint"] == newer.endpoint
        assert other("DELETE", "/api/push").status_code == 204
        assert device("GET", "/api/push").json()["endpoint"] == newer.endpoint
        assert device("DELETE", "/api/push").status_code == 204
        assert device("GET", "/api/push").json() == state
        wait_until(lambda: ("notifications turned off", "phone", "") in audit(device))
        assert [line for line in audit(device) if line[1] == "phone" and "notif" in line[0]] == [
            ("notifications turned off", "phone", ""),
            ("notifications turned on", "phone", ""),
            ("notifications turned on", "phone", ""),
        ]


def test_the_key_stays_the_same_and_a_lost_one_ends_the_subscriptions(data: Path, service: PushService) -> None:
    with served(data, service) as server:
        device = PairedDevice(server, "phone")
        turn_on(device, Browser(service))
        before = device("GET", "/api/push").json()
        cookie = device.cookie
    with served(data, service) as server:
        device._server = server
        assert device.cookie == cookie
        assert device("GET", "/api/push").json() == before
    (data / KEY_FILE).unlink()
    with served(data, service) as server:
        device._server = server
        after = device("GET", "/api/push").json()
        assert after["endpoint"] is None
        assert after["public_key"] != before["public_key"]


def test_a_device_that_is_not_paired_is_refused(data: Path, service: PushService) -> None:
    with served(data, service) as server:
        for method in ("GET", "PUT", "DELETE"):
            assert server.request(method, "/api/push", json=Browser(service).subscription).status_code == 401
    assert not (data / KEY_FILE).exists()


def test_a_server_without_pairing_notifies_nobody(tmp_path: Path, service: PushService) -> None:
    with serving(tmp_path / "data", test_push_authority=service.authority) as server:
        assert server.get("/api/push").json() == {"paired": False, "public_key": None, "endpoint": None}
        refused = server.put("/api/push", json=Browser(service).subscription)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:model-studio:pairing_needed")
        assert server.delete("/api/push").status_code == 204
    assert not (tmp_path / "data" / KEY_FILE).exists()
    assert not database.exists(tmp_path / "data")


def test_a_subscription_of_another_form_is_refused(data: Path, service: PushService) -> None:
    with served(data, service) as server:
        device = PairedDevice(server, "phone")
        good = Browser(service).subscription
        keys = good["keys"]
        for wrong in (
            {},
            {"endpoint": good["endpoint"]},
            {**good, "expirationTime": None},
            {**good, "endpoint": f"{service.origin}/{'x' * 1100}"},
            {**good, "endpoint": ""},
            {**good, "endpoint": 7},
            {**good, "keys": {**keys, "auth": "short"}},
            {**good, "keys": {**keys, "auth": keys["auth"] + "A" * 20}},
            {**good, "keys": {**keys, "p256dh": "B" * 87}},
            {**good, "keys": {**keys, "p256dh": keys["p256dh"][:-1]}},
            {**good, "keys": {**keys, "more": 1}},
        ):
            refused = device("PUT", "/api/push", json=wrong)
            assert refused.status_code == 422, wrong
        assert device("GET", "/api/push").json()["endpoint"] is None


@pytest.mark.parametrize(
    "url", ["http://localhost/x", "https://127.0.0.1/x", "https://10.0.0.1/x", "https://[::1]/x", "https://printer/x"]
)
def test_an_endpoint_in_the_own_network_is_refused_also_with_the_setting_of_tests(
    data: Path, service: PushService, url: str
) -> None:
    with served(data, service) as server:
        device = PairedDevice(server, "phone")
        refused = device("PUT", "/api/push", json={**Browser(service).subscription, "endpoint": url})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/endpoint"


def test_localhost_is_refused_without_the_setting_of_tests(data: Path, service: PushService) -> None:
    with serving_paired(data) as server:
        device = PairedDevice(server, "phone")
        refused = device("PUT", "/api/push", json=Browser(service).subscription)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/endpoint"


def test_the_number_of_notified_devices_is_limited(tmp_path: Path) -> None:
    with open_registry(tmp_path) as registry:
        code = registry.make_code()
        device = registry.exchange(code, "phone", "").device
        for number in range(MAX_SUBSCRIPTIONS):
            registry._db.execute("INSERT INTO devices VALUES (?, 'x', ?, '', '', 0)", (f"v{number}", f"digest {number}"))
            registry.subscribe(NotifiedDevice(f"v{number}", f"https://push.example/{number}", "k", "a"))
        registry.subscribe(NotifiedDevice("v1", "https://push.example/other", "k", "a"))
        with pytest.raises(Exception, match="100 devices at most"):
            registry.subscribe(NotifiedDevice(device.id, "https://push.example/new", "k", "a"))
        # a browser that was paired a second time takes its endpoint along
        registry.subscribe(NotifiedDevice(device.id, "https://push.example/7", "k", "a"))
        assert "v7" not in {notified.device_id for notified in registry.notified_devices()}
        assert len(registry.notified_devices()) == MAX_SUBSCRIPTIONS


def test_a_run_that_ends_is_announced_to_each_device_that_wants_it(data: Path, service: PushService) -> None:
    browsers = [Browser(service, f"/push/{number}") for number in range(2)]
    with served(data, service) as server:
        devices = [PairedDevice(server, f"phone {number}") for number in range(3)]
        with_design(server, devices[0])
        for device, browser in zip(devices, browsers, strict=False):
            turn_on(device, browser)
        key = devices[0]("GET", "/api/push").json()["public_key"]
    end_a_run(data, "r1", "finished")
    with served(data, service):
        received = sorted(service.wait_for(2), key=lambda request: request.path)
    for browser, request in zip(browsers, received, strict=True):
        assert browser.message(request) == {
            "run_id": "r1",
            "design_id": "d1",
            "design": "Two experts",
            "status": "finished",
            "score": 512.2,
        }
        claims, signed_by = signed_claims(request.headers["authorization"])
        assert (claims["aud"], signed_by) == (service.origin, key)
        assert claims["sub"].startswith("mailto:")
        assert len(request.headers["topic"]) == 32
    with served(data, service) as server:
        assert server.get("/api/health").status_code == 200
        end_a_run(data, "r2", "failed", score=None)
    with served(data, service):
        third, _ = sorted(service.wait_for(4)[2:], key=lambda request: request.path)
    assert browsers[0].message(third) == {
        "run_id": "r2",
        "design_id": "d1",
        "design": "Two experts",
        "status": "failed",
        "score": None,
    }


def messages_after(data: Path, service: PushService, *runs: tuple[str, RunStatus, str | None]) -> list[dict[str, Any]]:
    """Turn notifications on, let runs end, and give what was sent; the last run is to be announced."""
    browser = Browser(service)
    with served(data, service) as server:
        device = PairedDevice(server, "phone")
        with_design(server, device)
        turn_on(device, browser)
    for run_id, status, reason in runs:
        end_a_run(data, run_id, status, reason=reason)
    with served(data, service):
        wait_until(lambda: any(browser.message(request)["run_id"] == runs[-1][0] for request in list(service.received)))
    return [browser.message(request) for request in service.received]


def test_what_a_person_stopped_is_not_announced_but_what_the_server_stopped_is(data: Path, service: PushService) -> None:
    sent = messages_after(
        data, service, ("r1", "stopped", None), ("r2", "stopped", "it trained for 24 hours"), ("r3", "finished", None)
    )
    assert {message["run_id"] for message in sent} == {"r2", "r3"}


def test_a_revoked_device_is_not_notified(data: Path, service: PushService) -> None:
    revoked, other, kept = Browser(service, "/push/revoked"), Browser(service, "/push/other"), Browser(service, "/push/kept")
    with served(data, service) as server:
        devices = [PairedDevice(server, name) for name in ("revoked", "other", "kept")]
        with_design(server, devices[0])
        for device, browser in zip(devices, (revoked, other, kept), strict=True):
            turn_on(device, browser)
        assert devices[2]("DELETE", f"/api/devices/{devices[0].id}").status_code == 204
        commands.revoke(data, devices[1].id)
        with closing(sqlite3.connect(data / database.FILE)) as connection:
            assert connection.execute("SELECT device_id FROM push_subscriptions").fetchall() == [(devices[2].id,)]
    end_a_run(data, "r1", "finished")
    with served(data, service):
        service.wait_for(1)
    assert [request.path for request in service.received] == ["/push/kept"]


def test_a_subscription_that_the_push_service_ended_is_removed(data: Path, service: PushService) -> None:
    browser = Browser(service, "/push/gone")
    service.answers["/push/gone"] = [Answer(410)]
    with served(data, service) as server:
        device = PairedDevice(server, "phone")
        with_design(server, device)
        turn_on(device, browser)
    end_a_run(data, "r1", "finished")
    with served(data, service) as server:
        device._server = server
        wait_until(lambda: device("GET", "/api/push").json()["endpoint"] is None)
        wait_until(lambda: ("notifications turned off", "push service", device.id) in audit(device))
    assert len(service.received) == 1


def test_an_old_run_that_is_read_again_is_no_news(data: Path, service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    end_a_run(data, "r1", "finished")
    status = data / "runs" / "r1" / "metrics.jsonl"
    text = status.read_text()
    assert '"at":"20' in text
    status.write_text(text.replace('"at":"20', '"at":"19'))
    sent = messages_after(data, service, ("r2", "finished", None))
    assert {message["run_id"] for message in sent} == {"r2"}


def test_a_database_of_the_version_before_gets_the_new_table(data: Path) -> None:
    with open_registry(data) as registry:
        device = registry.exchange(registry.make_code(), "phone", "").device
    with closing(sqlite3.connect(data / database.FILE)) as connection:
        connection.executescript("DROP TABLE push_subscriptions; PRAGMA user_version=1;")
    with open_registry(data) as registry:
        assert registry.ids() == {device.id}
        Registry.subscribe(registry, NotifiedDevice(device.id, "https://push.example/1", "k", "a"))
        assert [notified.device_id for notified in registry.notified_devices()] == [device.id]
