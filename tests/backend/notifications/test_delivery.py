"""Messages at a push service: encrypted, signed, retried after temporary errors, and not sent once notifications are off."""

import asyncio
import logging
import socket
import stat
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from support.push_service import Answer, Browser, PushService, push_service, signed_claims

from backend.errors import DataUnusable
from backend.notifications import delivery, sending
from backend.notifications.delivery import Deliveries, DeliveryRules, Message
from backend.notifications.encryption import PADDED_BYTES
from backend.notifications.keys import FILE, make_key, public_text, read_key
from backend.pairing.registry import NotifiedDevice
from backend.process.backoff import Backoff

PATIENCE_S = 60.0
KEY = generate_private_key(SECP256R1())
CONTACT = "mailto:admin@studio.example"


def device_of(browser: Browser, device_id: str = "v1") -> NotifiedDevice:
    subscription = browser.subscription
    return NotifiedDevice(device_id, subscription["endpoint"], subscription["keys"]["p256dh"], subscription["keys"]["auth"])


class Story:
    """Deliveries to the push service of a test, and what became of the subscriptions."""

    def __init__(self, service: PushService, *, first_wait_s: float = 0.01) -> None:
        rules = DeliveryRules(CONTACT, service.authority, lambda: Backoff(first_wait_s, 1.0))
        self.wanted, self.gone = True, list[NotifiedDevice]()
        self.deliveries = Deliveries(rules, self._still_wanted, self._on_gone)

    async def _still_wanted(self, _: NotifiedDevice) -> bool:
        return self.wanted

    async def _on_gone(self, device: NotifiedDevice) -> None:
        self.gone.append(device)

    async def send(self, *devices: NotifiedDevice, content: bytes = b"{}") -> None:
        """Send one message to each device, and wait until nothing is on its way."""
        for device in devices:
            self.deliveries.send(KEY, device, Message(content, "topic"))
        await self.idle()

    async def idle(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.deliveries._tasks:
                await asyncio.sleep(0.005)


def tell(tmp_path: Path, story: Callable[[PushService, Story], Awaitable[None]], **options: Any) -> PushService:
    with push_service(tmp_path / "push") as service:

        async def work() -> None:
            told = Story(service, **options)
            try:
                await story(service, told)
            finally:
                await told.deliveries.close()

        asyncio.run(work())
        return service


def test_a_message_is_encrypted_for_the_browser_and_signed_for_its_push_service(tmp_path: Path) -> None:
    async def story(service: PushService, told: Story) -> None:
        browser, other = Browser(service, "/push/one?token=1"), Browser(service)
        await told.send(device_of(browser), content=b'{"design": "Tiny"}')
        (received,) = service.received
        assert received.path == "/push/one?token=1"
        assert browser.message(received) == {"design": "Tiny"}
        assert len(browser.decrypt(received.body)) == PADDED_BYTES
        assert b"Tiny" not in received.body
        with pytest.raises(InvalidTag):
            other.decrypt(received.body)
        headers = received.headers
        assert headers["host"] == service.origin.removeprefix("https://")
        assert (headers["content-encoding"], headers["urgency"], headers["topic"]) == ("aes128gcm", "high", "topic")
        assert int(headers["ttl"]) == 24 * 3600
        claims, key = signed_claims(headers["authorization"])
        assert key == public_text(KEY)
        assert (claims["aud"], claims["sub"]) == (service.origin, CONTACT)
        assert 0 < claims["exp"] - time.time() < 24 * 3600
        assert not {"cookie", "referer", "user-agent", "origin"} & set(headers)

    tell(tmp_path, story)


def test_each_message_has_its_own_keys(tmp_path: Path) -> None:
    async def story(service: PushService, told: Story) -> None:
        browser = Browser(service)
        await told.send(device_of(browser), device_of(browser))
        first, second = service.received
        assert first.body[:100] != second.body[:100]
        assert browser.message(first) == browser.message(second) == {}

    tell(tmp_path, story)


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_no_longer_exists_is_reported_and_not_tried_again(tmp_path: Path, status: int) -> None:
    async def story(service: PushService, told: Story) -> None:
        browser = Browser(service, "/gone")
        service.answers["/gone"] = [Answer(status)]
        await told.send(device_of(browser))
        assert told.gone == [device_of(browser)]
        assert len(service.received) == 1

    tell(tmp_path, story)


def test_a_busy_push_service_is_tried_again_as_late_as_it_asks(tmp_path: Path) -> None:
    async def story(service: PushService, told: Story) -> None:
        browser = Browser(service, "/busy")
        service.answers["/busy"] = [Answer(503), Answer(429, {"Retry-After": "1"}), Answer(500), Answer(201)]
        began = time.monotonic()
        await told.send(device_of(browser))
        assert len(service.received) == 4
        assert time.monotonic() - began >= 1.0
        assert told.gone == []

    tell(tmp_path, story)


def test_a_push_service_that_stays_busy_is_given_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(service: PushService, told: Story) -> None:
        service.answers["/busy"] = [Answer(503)]
        await told.send(device_of(Browser(service, "/busy")))
        assert len(service.received) == delivery.MAX_TRIES
        assert told.gone == []

    tell(tmp_path, story)
    assert f"failed {delivery.MAX_TRIES} times" in caplog.text


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_a_message_that_is_refused_is_not_sent_again(tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int) -> None:
    async def story(service: PushService, told: Story) -> None:
        service.answers["/refused"] = [Answer(status)]
        await told.send(device_of(Browser(service, "/refused")))
        assert len(service.received) == 1
        assert told.gone == []

    tell(tmp_path, story)
    assert f"HTTP {status}" in caplog.text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(tmp_path: Path, status: int) -> None:
    async def story(service: PushService, told: Story) -> None:
        service.answers["/away"] = [Answer(status, {"Location": f"{service.origin}/elsewhere"})]
        await told.send(device_of(Browser(service, "/away")))
        assert [received.path for received in service.received] == ["/away"]

    tell(tmp_path, story)


def test_what_was_turned_off_while_it_waited_is_not_tried_again(tmp_path: Path) -> None:
    async def story(service: PushService, told: Story) -> None:
        service.answers["/busy"] = [Answer(503)]
        sending_it = asyncio.create_task(told.send(device_of(Browser(service, "/busy"))))
        await asyncio.to_thread(service.wait_for, 1)
        told.wanted = False
        await sending_it
        assert len(service.received) <= 2

    tell(tmp_path, story, first_wait_s=0.2)


def test_a_name_that_now_leads_into_the_own_network_is_not_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(service: PushService, told: Story) -> None:
        browser = Browser(service)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("192.168.1.1", 443))])
        await told.send(device_of(browser))
        assert service.received == []

    tell(tmp_path, story)
    assert "is not on the public internet" in caplog.text


def test_the_connection_is_made_to_the_address_that_was_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to another address at each call, as in DNS rebinding."""
    resolved: list[str] = []

    async def story(service: PushService, told: Story) -> None:
        real = socket.getaddrinfo

        def rebound(host: Any, port: Any, *args: Any, **options: Any) -> Any:
            if host != "localhost":
                return real(host, port, *args, **options)
            resolved.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(resolved) == 1 else "192.168.1.1", port))]

        browser = Browser(service)
        monkeypatch.setattr(socket, "getaddrinfo", rebound)
        await told.send(device_of(browser))
        assert len(service.received) == 1

    tell(tmp_path, story)
    assert resolved == ["localhost"]


def test_a_certificate_of_another_authority_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def story(service: PushService, told: Story) -> None:
        with push_service(tmp_path / "other") as other:
            await told.send(device_of(Browser(other)))
            assert other.received == []

    tell(tmp_path, story)
    assert "CERTIFICATE_VERIFY_FAILED" in caplog.text


def test_the_next_address_is_tried_where_one_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "CONNECT_S", 0.3)

    async def story(service: PushService, told: Story) -> None:
        port = int(service.origin.rpartition(":")[2])
        with socket.socket() as silent:
            silent.bind(("127.0.0.2", port))
            silent.listen()
            addresses = ["127.0.0.3", "127.0.0.2", "127.0.0.1"]
            found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
            await told.send(device_of(Browser(service)))
        assert len(service.received) == 1

    tell(tmp_path, story)


def test_a_push_service_that_never_answers_is_left_and_others_are_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT_S", 0.3)
    monkeypatch.setattr(delivery, "MAX_TRIES", 2)

    async def story(service: PushService, told: Story) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            endpoint = f"https://localhost:{silent.getsockname()[1]}/x"
            keys = Browser(service).subscription["keys"]
            stuck = NotifiedDevice("v2", endpoint, keys["p256dh"], keys["auth"])
            await told.send(stuck, stuck, stuck, device_of(Browser(service)))
        assert len(service.received) == 1

    tell(tmp_path, story)
    assert "device v2 could not be notified" in caplog.text


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 999 x\r\n\r\n", b"x" * 40_000, b"HTTP/1.1 100 c\r\n\r\n" * 9]
)
def test_what_is_not_http_is_a_failure(answer: bytes) -> None:
    async def read() -> None:
        reader = asyncio.StreamReader(limit=sending.MAX_HEAD_BYTES)
        reader.feed_data(answer)
        reader.feed_eof()
        await sending._read_response(reader)

    with pytest.raises((OSError, EOFError, asyncio.LimitOverrunError)):
        asyncio.run(read())


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("999999999999", 3600.0),
        ("Wed, 01 Jan 2020 00:00:00 GMT", 0.0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 3600.0),
        ("-5", None),
        ("soon", None),
        ("²", None),
    ],
)
def test_the_wait_that_a_push_service_asks_for_is_bounded(header: str, expected: float | None) -> None:
    assert sending._seconds(header) == expected


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    assert read_key(tmp_path) is None
    key = make_key(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    (tmp_path / FILE).chmod(0o644)
    read = read_key(tmp_path)
    assert read is not None
    assert public_text(read) == public_text(key)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    (tmp_path / FILE).write_bytes(b"damaged")
    with pytest.raises(DataUnusable, match="delete it"):
        read_key(tmp_path)
