"""Sends messages to devices in the background: several at a time, and again after a while where a push service asks for it."""

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from msgspec import Struct

from backend.errors import PushServiceUnreachable, StudioError
from backend.notifications.encryption import authorization, encrypt
from backend.notifications.endpoints import public_addresses, read_endpoint
from backend.notifications.sending import Response, post
from backend.pairing.registry import NotifiedDevice
from backend.process.backoff import Backoff

_log = logging.getLogger(__name__)
AT_ONCE = 4
MAX_WAITING = 500
"""messages that are being sent or wait for another try; further ones are dropped"""
MAX_TRIES = 6
FIRST_WAIT_S, MAX_WAIT_S = 10.0, 900.0
KEPT_S = 24 * 3600
"""how long a push service keeps a message for a phone that is switched off"""
GONE = frozenset({404, 410})
"""statuses of a subscription that no longer exists (RFC 8030, section 7.3)"""
TOO_MANY = 429


class Message(Struct, frozen=True):
    """What is sent; a push service replaces a message of the same topic that it has not delivered yet."""

    content: bytes
    topic: str
    """at most 32 characters of base64url"""


class DeliveryRules(Struct, frozen=True):
    """What differs between servers, and in tests."""

    contact: str
    """where the operator of a push service can reach the one of this server: `mailto:` or https"""
    test_authority: Path | None = None
    """for tests: a certificate authority for push services on `localhost`, which are refused without it"""
    backoff: Callable[[], Backoff] = lambda: Backoff(FIRST_WAIT_S, MAX_WAIT_S)

    @property
    def allow_loopback(self) -> bool:
        """Whether push services on this machine are accepted."""
        return self.test_authority is not None


class Deliveries:
    """The messages on their way."""

    def __init__(
        self,
        rules: DeliveryRules,
        still_wanted: Callable[[NotifiedDevice], Awaitable[bool]],
        on_gone: Callable[[NotifiedDevice], Awaitable[None]],
    ) -> None:
        """`still_wanted` is asked before each try; `on_gone` is called when a subscription no longer exists."""
        self._rules, self._still_wanted, self._on_gone = rules, still_wanted, on_gone
        self._places = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._tls: ssl.SSLContext | None = None

    def send(self, key: EllipticCurvePrivateKey, device: NotifiedDevice, message: Message) -> None:
        """Send a message in the background."""
        if len(self._tasks) >= MAX_WAITING:
            _log.warning("a notification is dropped, since %d others wait", MAX_WAITING)
            return
        task = asyncio.create_task(self._send(key, device, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop; what has not been sent is lost."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self, key: EllipticCurvePrivateKey, device: NotifiedDevice, message: Message) -> None:
        backoff = self._rules.backoff()
        try:
            for tries_left in reversed(range(MAX_TRIES)):
                if not await self._still_wanted(device):
                    return
                wait_s = await self._try(key, device, message)
                if wait_s is None:
                    return
                if tries_left > 0:
                    await asyncio.sleep(max(wait_s, backoff.next_s()))
            _log.warning("device %s could not be notified: its push service failed %d times", device.device_id, MAX_TRIES)
        except StudioError as error:
            _log.warning("device %s is not notified: %s", device.device_id, error.detail)
        except Exception:
            _log.exception("device %s could not be notified", device.device_id)

    async def _try(self, key: EllipticCurvePrivateKey, device: NotifiedDevice, message: Message) -> float | None:
        """Try once; returns None if no other try is needed, else the seconds that the push service asks to wait."""
        async with self._places:
            try:
                response = await self._post(key, device, message)
            except OSError as error:
                _log.info("the push service of device %s did not answer: %s", device.device_id, error)
                return 0.0
        if response.status in GONE:
            await self._on_gone(device)
        elif response.status == TOO_MANY or response.status >= 500:
            return response.retry_after_s or 0.0
        elif response.status >= 300:
            _log.warning("the push service of device %s refused a message: HTTP %d", device.device_id, response.status)
        return None

    async def _post(self, key: EllipticCurvePrivateKey, device: NotifiedDevice, message: Message) -> Response:
        """Check the address and send; OSError where the push service does not answer, InvalidRequest if it may not be called."""
        loopback = self._rules.allow_loopback
        endpoint = read_endpoint(device.endpoint, allow_loopback=loopback)
        try:
            addresses = await public_addresses(endpoint, allow_loopback=loopback)
        except PushServiceUnreachable as error:
            raise OSError(error.detail) from error
        body = await asyncio.to_thread(encrypt, message.content, device)
        headers = {
            "Authorization": await asyncio.to_thread(authorization, key, endpoint.origin, self._rules.contact, time.time()),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_S),
            "Topic": message.topic,
            "Urgency": "high",
        }
        return await post(endpoint, addresses, headers, body, await self._context())

    async def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = await asyncio.to_thread(_make_context, self._rules.test_authority)
        return self._tls


def _make_context(test_authority: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if test_authority is not None:
        context.load_verify_locations(test_authority)
    return context
