"""Forwarded headers are used only from trusted proxies."""

import asyncio
from typing import Any

import pytest

from backend.web.forwarded import ForwardedHeaders
from backend.web.middleware import Message, Receive, Scope, Send
from backend.web.origins import refusal

PROXY, PHONE = "192.168.7.1", "203.0.113.9"


def passed(peer: str, *, has_tls: bool = False, kind: str = "http", **headers: str) -> dict[str, Any] | int:
    """Client, scheme and host of a request as the server sees them, or the status of a refusal."""
    seen: list[Scope] = []
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "127.0.0.1:8000", **headers}.items()]
    scheme = "http" if kind == "http" else "ws"
    scope = {"type": kind, "client": (peer, 5), "scheme": scheme, "headers": raw}
    asyncio.run(ForwardedHeaders(app, [PROXY, "10.1.0.0/16"], has_tls=has_tls)(scope, None, send))  # type: ignore[arg-type]
    if not seen:
        return int(sent[0].get("status") or sent[0]["code"])
    return {"client": seen[0]["client"][0], "scheme": seen[0]["scheme"], "host": dict(seen[0]["headers"])[b"host"].decode()}


FORWARDED = {"x_forwarded_for": PHONE, "x_forwarded_proto": "https", "x_forwarded_host": "studio.example"}


@pytest.mark.parametrize("peer", [PROXY, "10.1.2.3", f"::ffff:{PROXY}"])
def test_headers_of_a_trusted_proxy_are_used(peer: str) -> None:
    assert passed(peer, **FORWARDED) == {"client": PHONE, "scheme": "https", "host": "studio.example"}
    assert passed(peer, kind="websocket", **FORWARDED) == {"client": PHONE, "scheme": "wss", "host": "studio.example"}
    assert passed(peer) == {"client": peer, "scheme": "http", "host": "127.0.0.1:8000"}


def test_the_headers_that_traefik_sets_by_default_are_understood() -> None:
    """As its documentation lists them; a WebSocket has its own scheme."""
    shared = {"host": "studio.example", "x_forwarded_for": PHONE, "x_forwarded_host": "studio.example", "x_real_ip": PHONE}
    shared |= {"x_forwarded_port": "443", "x_forwarded_server": "traefik"}
    for kind, sent, scheme in (("http", "https", "https"), ("websocket", "wss", "wss")):
        found = passed(PROXY, kind=kind, x_forwarded_proto=sent, **shared)
        assert found == {"client": PHONE, "scheme": scheme, "host": "studio.example"}
    origin = {"host": "studio.example", "origin": "https://studio.example"}
    assert refusal("PUT", origin, {"studio.example"}) is None


def test_headers_that_a_client_sent_to_the_proxy_are_not_used() -> None:
    found = passed(PROXY, x_forwarded_for=f"127.0.0.1, {PHONE}, 10.1.2.3", x_forwarded_host="evil.example, studio.example")
    assert found == {"client": PHONE, "scheme": "http", "host": "studio.example"}
    assert passed(PROXY, x_forwarded_for="nonsense")["client"] == PROXY  # type: ignore[index]


def test_other_machines_are_refused_without_tls_and_their_headers_ignored() -> None:
    assert passed("192.168.7.31", **FORWARDED) == 403
    assert passed("192.168.7.31", kind="websocket", **FORWARDED) == 4403
    assert passed("127.0.0.1", **FORWARDED) == {"client": "127.0.0.1", "scheme": "http", "host": "127.0.0.1:8000"}
    direct = passed("192.168.7.31", has_tls=True, **FORWARDED)
    assert direct == {"client": "192.168.7.31", "scheme": "http", "host": "127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("host", "origin"), [("127.0.0.1:8000", "https://studio.example"), ("studio.example", "https://studio.example:8443")]
)
def test_the_error_explains_how_a_proxy_passes_the_host(host: str, origin: str) -> None:
    reason = refusal("PUT", {"host": host, "origin": origin}, {"studio.example"})
    assert reason is not None
    assert "proxy_set_header Host $http_host" in reason


def test_the_error_for_another_site_does_not_mention_proxies() -> None:
    reason = refusal("PUT", {"host": "studio.example", "origin": "https://evil.example"}, {"studio.example"})
    assert reason == "A page of https://evil.example may not change anything here"
