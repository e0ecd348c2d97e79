"""Sends large bodies in pieces, and limits the memory of responses that clients have not read yet."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.web.middleware import Message, Send

PIECE_BYTES = 65_536
"""size of a piece; the next one is sent when the client has read"""
RETRY_AFTER_S = 2
BUSY = "The server is sending as much as it can to other clients; try again in a moment"


class ResponseMemory:
    """Counts the bytes of response bodies in memory, and refuses large responses above a limit."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self.used_bytes = 0
        self.refused = 0

    def limited(self, send: "Send", refuse: Callable[[], Awaitable[None]]) -> "Send":
        """Wrap `send` of one response; if its body exceeds the limit, `refuse` is called instead."""
        start: Message | None = None
        is_refused = False

        async def sending(message: "Message") -> None:
            nonlocal start, is_refused
            if is_refused:
                return
            if message["type"] == "http.response.start":
                start = message
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            size = len(message.get("body", b""))
            if start is not None and size > PIECE_BYTES and self.used_bytes and self.used_bytes + size > self._limit_bytes:
                is_refused = True
                self.refused += 1
                await refuse()
                return
            if start is not None:
                beginning, start = start, None
                await send(beginning)
            self.used_bytes += size
            try:
                await send_pieces(send, message)
            finally:
                self.used_bytes -= size

        return sending


async def send_pieces(send: "Send", message: "Message") -> None:
    """Split a body message into pieces; each is sent when the client has read the one before."""
    body = message.get("body", b"")
    if len(body) <= PIECE_BYTES:
        await send(message)
        return
    for begin in range(0, len(body), PIECE_BYTES):
        is_last = begin + PIECE_BYTES >= len(body)
        more_body = message.get("more_body", False) or not is_last
        await send({**message, "body": body[begin : begin + PIECE_BYTES], "more_body": more_body})
