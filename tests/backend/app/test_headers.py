"""Every kind of answer forbids other sites to frame, embed or open it."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from support.certificates import MACHINE, certified
from support.paired import PairedDevice, serving_paired
from support.server_thread import Served, ask, serving
from support.trained_runs import make_run
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from backend.limits import Limits
from backend.machine.service import MachineService
from backend.tls.https_config import Lan
from backend.tls.setup_page import TRUSTED_PATH, TrustProbe
from backend.web.forwarded import ForwardedHeaders
from backend.web.middleware import AsgiApp, Message, Receive, Scope, Send

WANTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
NO_FRAME = "frame-ancestors 'none'"
Headers = dict[str, str]


def assert_safe(headers: Headers) -> None:
    assert WANTED.items() <= headers.items(), headers
    assert NO_FRAME in headers["content-security-policy"]
    assert "default-src" in headers["content-security-policy"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with a built app of two files."""
    data = tmp_path_factory.mktemp("data")
    (data / "dist" / "assets").mkdir(parents=True)
    (data / "dist" / "index.html").write_text("<title>the app</title>")
    (data / "dist" / "assets" / "a-1.js").write_text("1")
    with serving(data) as server:
        yield server


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("GET", "/", 200, {}),
        ("HEAD", "/design/d1", 200, {}),
        ("GET", "/assets/a-1.js", 200, {}),
        ("GET", "/assets/b.js", 404, {}),
        ("POST", "/", 405, {}),
        ("GET", "/api/blocks", 200, {}),
        ("GET", "/schema/openapi.json", 200, {}),
        ("GET", "/metrics", 200, {}),
        ("OPTIONS", "/api/designs", 204, {}),
        ("GET", "/api/designs/none", 404, {}),
        ("GET", "/api/unknown", 404, {}),
        ("PATCH", "/api/designs", 405, {}),
        ("GET", "/api/designs/d1/export", 404, {}),
        ("POST", "/api/sync", 422, {"content": "[]"}),
        ("POST", "/api/sync", 400, {"content": "{"}),
        ("POST", "/api/sync", 413, {"content": " " * 2_000_000}),
        ("POST", "/api/designs", 403, {"origin": "https://evil.example"}),
        ("GET", "/api/health", 403, {"host": "evil.example"}),
    ],
)
def test_answers_of_the_app_and_the_api(served: Served, method: str, path: str, status: int, headers: Headers) -> None:
    others = {name: value for name, value in headers.items() if name != "content"}
    found, received, _ = ask(served, method, path, headers.get("content", "").encode(), **others)
    assert found == status
    assert_safe(received)
    assert received["x-request-id"]


def test_a_fault_of_the_server(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(MachineService, "machine", fail)
    status, headers, _ = ask(served, "GET", "/api/machine")
    assert status == 500
    assert_safe(headers)


def test_a_downloaded_file(tmp_path: Path) -> None:
    run = make_run(tmp_path / "data" / "runs" / "r1")
    with serving(tmp_path / "data") as server:
        name = run.request.design_id
        server.put(f"/api/designs/{name}", json={"id": name}, headers={"if-none-match": "*"}).raise_for_status()
        status, headers, _ = ask(server, "GET", f"/api/designs/{name}/export?fmt=py&run_id=r1")
        assert status == 200
        assert_safe(headers)


def test_not_modified(served: Served) -> None:
    etag = ask(served, "GET", "/")[1]["etag"]
    status, headers, _ = ask(served, "GET", "/", if_none_match=etag)
    assert status == 304
    assert_safe(headers)


def test_an_unpaired_device(tmp_path: Path) -> None:
    with serving_paired(tmp_path / "data") as server:
        for path, status in (("/api/designs", 401), ("/api/health", 200), ("/metrics", 200)):
            found, headers, _ = ask(server, "GET", path)
            assert found == status
            assert_safe(headers)
        assert_safe(dict(PairedDevice(server, "phone")("GET", "/api/devices").headers))
        with pytest.raises(InvalidStatus) as refused:
            connect(server.socket_url)
        assert refused.value.response.status_code == 401
        assert_safe({name.lower(): value for name, value in refused.value.response.headers.raw_items()})


def test_sockets(served: Served) -> None:
    with connect(served.socket_url) as accepted:
        assert accepted.response is not None
        assert_safe({name.lower(): value for name, value in accepted.response.headers.raw_items()})
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{served.socket_url}?after=x")
    assert refused.value.response.status_code == 422
    assert_safe({name.lower(): value for name, value in refused.value.response.headers.raw_items()})


def raw(server: Served, request: bytes) -> tuple[int, Headers]:
    """The answer to bytes, until the server closes the connection."""
    with closing(socket.create_connection(("127.0.0.1", server.base_url.port or 0), timeout=20)) as connection:
        connection.sendall(request)
        answer = b""
        while data := connection.recv(1 << 16):
            answer += data
    first, *lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return int(first.split()[1]), {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


UPGRADE = b"GET /ws HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"no request\r\n\r\n", 400),
        (UPGRADE + b"sec-websocket-version: 13\r\n\r\n", 400),
        (UPGRADE + b"sec-websocket-version: 8\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", 400),
        (UPGRADE + b"x: " + b"x" * 9000 + b"\r\n\r\n", 431),
    ],
    ids=["no HTTP", "no key", "old version", "large head"],
)
def test_requests_that_are_refused_before_the_application_sees_them(served: Served, request_bytes: bytes, status: int) -> None:
    found, headers = raw(served, request_bytes)
    assert found == status
    assert headers["content-type"] == "application/problem+json"
    assert_safe(headers)


def test_surplus_connections(tmp_path: Path) -> None:
    with serving(tmp_path / "data", limits=Limits(connections_per_address=2)) as server, ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(connect(server.socket_url))
        status, headers = raw(server, b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert status == 503
        assert_safe(headers)


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("is not called")


def answer_of(app: AsgiApp, scope: dict[str, Any]) -> Message:
    """The start of an answer of middleware outside of `Middleware`."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    asyncio.run(app({"type": "http", "method": "GET", "path": "/", "headers": [], **scope}, receive, send))
    return sent[0]


def test_the_set_up_page_its_test_of_trust_and_a_server_behind_a_proxy(tmp_path: Path) -> None:
    authority, _ = certified(tmp_path / "tls")
    lan = Lan(authority, MACHINE, 8443, 8444)
    page = lan.page(by_name=True)
    answers = [(page, {"path": path}) for path in ("/", "/setup.js", "/ca.crt", "/model-studio.mobileconfig", "/none")]
    answers += [(page, {"method": "POST"})]
    apps: list[tuple[AsgiApp, dict[str, Any]]] = [
        *answers,
        (TrustProbe(nothing, lan.page_origins(by_name=True)), {"path": TRUSTED_PATH}),
        (ForwardedHeaders(nothing, ["10.0.0.1"], has_tls=False), {"client": ("10.0.0.2", 1)}),
    ]
    statuses = []
    for app, scope in apps:
        start = answer_of(app, scope)
        statuses.append(start["status"])
        assert_safe({name.decode(): value.decode() for name, value in start["headers"]})
    assert statuses == [200, 200, 200, 200, 404, 405, 204, 403]
