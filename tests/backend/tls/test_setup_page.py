"""The set-up page serves the certificate, the steps to trust it, and nothing else."""

import asyncio
import plistlib
import socket
import threading
from contextlib import ExitStack, closing
from typing import Any

import httpx
import pytest
from cryptography import x509
from msgspec.structs import replace
from support.certificates import MACHINE, certified
from support.waiting import wait_until

from backend.reachable_server import PAGE_CONNECTIONS, PageServer
from backend.tls.https_config import Lan
from backend.tls.setup_page import TRUSTED_PATH, SetupPage, TrustProbe
from backend.web.middleware import AsgiApp, Message, Receive, Scope, Send


def asked(app: AsgiApp, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": raw}
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    start, body = sent
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"]


@pytest.fixture(scope="module")
def lan(tmp_path_factory: pytest.TempPathFactory) -> Lan:
    authority, _ = certified(tmp_path_factory.mktemp("tls"))
    return Lan(authority, MACHINE, 8443, 8444)


@pytest.fixture(scope="module")
def page(lan: Lan) -> SetupPage:
    return lan.page(by_name=True)


def test_the_page_has_the_fingerprint_the_steps_and_the_address_of_the_app(page: SetupPage, lan: Lan) -> None:
    status, headers, body = asked(page, "/")
    text = body.decode()
    assert status == 200
    assert "{{" not in text
    assert lan.authority.fingerprint.replace(":", " ") in text
    assert 'href="https://studio.local:8443/"' in text
    assert "https://192.168.7.20:8443" in text
    for words in ("Profile Downloaded", "Certificate Trust Settings", "Add to Home Screen", "CA certificate", "Install anyway"):
        assert words in text
    assert text.count("<svg") == 7
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "connect-src https://studio.local:8443 https://192.168.7.20:8443" in policy
    assert headers["x-frame-options"] == "DENY"


def test_the_ip_address_comes_first_if_the_name_does_not_resolve_to_this_machine(lan: Lan) -> None:
    assert lan.origins(by_name=False) == ["https://192.168.7.20:8443", "https://studio.local:8443"]
    assert lan.page_origins(by_name=False)[0] == "http://192.168.7.20:8444"


def test_the_certificate_is_also_a_profile_for_ios(page: SetupPage, lan: Lan) -> None:
    _, headers, der = asked(page, "/ca.crt")
    assert headers["content-type"] == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(der) == lan.authority.certificate
    _, headers, data = asked(page, "/model-studio.mobileconfig")
    assert headers["content-type"] == "application/x-apple-aspen-config"
    profile = plistlib.loads(data)
    (payload,) = profile["PayloadContent"]
    assert (profile["PayloadType"], payload["PayloadType"]) == ("Configuration", "com.apple.security.root")
    assert payload["PayloadContent"] == der
    assert profile["PayloadUUID"] != payload["PayloadUUID"]


def test_there_is_nothing_else(page: SetupPage) -> None:
    for path in ("/api/health", "/api/designs", "/index.html", "/authority.pem", "/../authority.pem", "/assets/", "/ws", ""):
        assert asked(page, path)[0] == 404, path
    assert asked(page, "/", "POST")[0] == 405
    assert asked(page, "/", "HEAD")[2] == b""


def test_only_the_page_can_read_the_trust_probe(lan: Lan) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    probe = TrustProbe(app, lan.page_origins(by_name=True))
    status, headers, body = asked(probe, TRUSTED_PATH, origin="http://studio.local:8444")
    assert (status, body) == (204, b"")
    assert headers["access-control-allow-origin"] == "http://studio.local:8444"
    assert "access-control-allow-origin" not in asked(probe, TRUSTED_PATH, origin="http://evil.example")[1]
    assert asked(probe, "/api/health")[2] == b"/api/health"


def test_silent_connections_make_room_for_others(lan: Lan) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = PageServer("127.0.0.1", replace(lan, setup_port=port), by_name=True)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, 20)
        with ExitStack() as stack:
            for _ in range(2 * PAGE_CONNECTIONS):
                stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), timeout=20)))
            assert httpx.get(f"http://127.0.0.1:{port}/", timeout=20).status_code == 200
    finally:
        server.should_exit = True
        thread.join()
