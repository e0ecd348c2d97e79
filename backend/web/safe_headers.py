"""Headers that every response has: no other site may frame, embed or open it, and it may load nothing by default."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.web.middleware import Message, Send

RawHeaders = list[tuple[bytes, bytes]]
SAFE_HEADERS: RawHeaders = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
"""the last one is for responses without a policy of their own, which may load nothing when they are opened as a page"""
_STARTS = ("http.response.start", "websocket.accept", "websocket.http.response.start")


def with_safe_headers(headers: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
    """The headers of a response, and the safe ones that it does not have yet."""
    given = list(headers)
    names = {name.lower() for name, _ in given}
    return given + [(name, value) for name, value in SAFE_HEADERS if name not in names]


def sending_safe_headers(send: "Send") -> "Send":
    """Wrap `send` so that a response has the safe headers; for middleware outside of `Middleware`, which adds them itself."""

    async def sending(message: "Message") -> None:
        if message["type"] in _STARTS:
            message["headers"] = with_safe_headers(message.get("headers", ()))
        await send(message)

    return sending
