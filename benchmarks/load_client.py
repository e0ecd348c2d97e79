"""Clients of a server under load: sockets that count the messages they receive, and phones that sync over one connection."""

import asyncio
import base64
import os
import re
import ssl
import struct
import time
import zlib
from typing import Any

import msgspec

SEQ = re.compile(rb'"seq":(\d+)')
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
MASK = b"\x00\x00\x00\x00"
CONNECT_S = 60.0
REUSE_S = 2.0
"""how long an idle connection is used again, which the server closes soon after"""


class Place(msgspec.Struct, frozen=True):
    """A server: its port, the cookie of a device, and how its certificate is checked; None over plain http."""

    port: int
    cookie: str
    tls: ssl.SSLContext | None


class Socket(asyncio.Protocol):
    """A WebSocket that notes the first and the last number it received, and whether any between them was missing."""

    def __init__(self, place: Place, *, compressed: bool) -> None:
        self._place, self._compressed = place, compressed
        self._buffer = b""
        self._inflate = zlib.decompressobj(-15)
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.first = self.last = self.missing = self.received = 0
        self.is_lost = False
        self.arrived: dict[int, float] | None = None
        """when each number arrived; None if that is not recorded"""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the handshake."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        offer = "sec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n" if self._compressed else ""
        transport.write(
            f"GET /ws HTTP/1.1\r\nhost: 127.0.0.1:{self._place.port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
            f"sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\ncookie: {self._place.cookie}\r\n{offer}\r\n".encode()
        )

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the server closed the socket."""
        self.is_lost = True
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(f"the socket was refused: {self._buffer[:200]!r}"))

    def data_received(self, data: bytes) -> None:
        """Read the answer to the handshake, then frames."""
        self._buffer = self._buffer + data if self._buffer else data
        if not self.opened.done():
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self._transport.close()
                return
            self._buffer = rest
            self.opened.set_result(None)
        start = 0
        while (end_of_frame := self._read_frame(start)) > start:
            start = end_of_frame
        self._buffer = self._buffer[start:]

    def _read_frame(self, start: int) -> int:
        """Process the frame that begins at `start`; returns where it ends, or `start` if it is not complete."""
        buffer, head = self._buffer, start + 2
        if len(buffer) < head:
            return start
        first, size = buffer[start], buffer[start + 1] & 0x7F
        if size >= 126:
            width = 2 if size == 126 else 8
            head += width
            if len(buffer) < head:
                return start
            size = int.from_bytes(buffer[head - width : head])
        end = head + size
        if len(buffer) < end:
            return start
        payload = buffer[head:end]
        if first & 0x0F == TEXT:
            self._count(self._inflate.decompress(payload + b"\x00\x00\xff\xff") if first & 0x40 else payload)
        elif first & 0x0F == PING:
            self._transport.write(struct.pack("!BB", 0x80 | PONG, 0x80 | len(payload)) + MASK + payload)
        return end

    def _count(self, message: bytes) -> None:
        found = SEQ.search(message)
        assert found is not None
        number = int(found[1])
        self.missing += number - self.last - 1 if self.last else 0
        self.first, self.last = self.first or number, number
        self.received += 1
        if self.arrived is not None:
            self.arrived[number] = time.perf_counter()

    def close(self) -> None:
        """Close the connection."""
        self._transport.abort()


async def open_sockets(place: Place, count: int, *, compressed: bool) -> list[Socket]:
    """Open this number of sockets, a few at a time."""
    loop = asyncio.get_running_loop()
    opened: list[Socket] = []
    for begin in range(0, count, 20):
        part = range(begin, min(count, begin + 20))
        new = [
            loop.create_connection(lambda: Socket(place, compressed=compressed), "127.0.0.1", place.port, ssl=place.tls)
            for _ in part
        ]
        sockets = [protocol for _, protocol in await asyncio.gather(*new)]
        async with asyncio.timeout(CONNECT_S):
            await asyncio.gather(*(socket.opened for socket in sockets))
        opened += sockets
    return opened


class Connection:
    """One HTTP connection that stays open."""

    def __init__(self, place: Place) -> None:
        self._place = place

    async def open(self) -> "Connection":
        """Connect."""
        self._used_at = time.perf_counter()
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._place.port, ssl=self._place.tls)
        return self

    async def call(self, method: str, path: str, body: Any = None) -> tuple[Any, float]:
        """Send a request, over a new connection where the last was idle for long; the decoded answer, and its milliseconds."""
        data = b"" if body is None else msgspec.json.encode(body)
        head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{self._place.port}\r\ncookie: {self._place.cookie}\r\n"
        began = time.perf_counter()
        if began - self._used_at > REUSE_S:
            self.close()
            await self.open()
        self._writer.write(f"{head}content-length: {len(data)}\r\ncontent-type: application/json\r\n\r\n".encode() + data)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        size = int(answer.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        received = await self._reader.readexactly(size)
        self._used_at = time.perf_counter()
        took_ms = 1000 * (self._used_at - began)
        status = int(answer.split(b" ", 2)[1])
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path} was answered with {status}: {received[:300]!r}")
        return msgspec.json.decode(received), took_ms

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()


class Phone:
    """A phone that has one design; every call pulls, and some push an edit."""

    def __init__(self, connection: Connection, number: int, design: dict[str, Any]) -> None:
        self._connection, self._name = connection, f"phone{number}"
        self._design = {**design, "id": f"d{number}"}
        self._known: dict[str, Any] = {"device_id": self._name, "client_id": self._name}
        self._base: dict[str, Any] | None = None
        self._seen: dict[str, int] = {}
        self._change = 0

    async def sync(self, *, edit: bool) -> float:
        """One call; returns the milliseconds it took."""
        designs: list[dict[str, Any]] = []
        if edit:
            self._change += 1
            work = {**self._design, "name": f"Version {self._change}"}
            change = {"client_id": self._name, "change": self._change, "base_seen": self._seen}
            designs = [{"id": work["id"], "base": self._base, "work": work, **change}]
        answer, took_ms = await self._connection.call("POST", "/api/sync", {**self._known, "designs": designs})
        self._known |= {name: answer[name] for name in ("epoch", "cursor", "cursor_token")}
        for entry in answer["designs"]:
            if entry["id"] == self._design["id"]:
                self._base, self._seen = entry["document"], entry["seen"]
        return took_ms
