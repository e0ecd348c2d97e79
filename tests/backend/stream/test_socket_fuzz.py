"""Whatever clients of `/ws` send, and whenever they leave, nothing is logged as an error and other clients are served."""

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.paired import PairedDevice
from support.run_folders import write_run
from support.server_log import no_errors_logged
from support.server_thread import Served, serving
from websockets.sync.client import connect

from backend.limits import Limits

ANSWER_S = 10.0
"""a socket that is not closed by then, after its client stopped sending, hangs"""
LARGEST = 1 << 16
"""`ws_max_size` of the server process"""
MASK = b"\x01\x02\x03\x04"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
KEY = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")


@pytest.fixture(scope="module", params=[False, True], ids=["open", "paired"])
def sockets(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """A server with stored messages, and the cookie of a device; with so few connections that a lost one is noticed."""
    data = tmp_path_factory.mktemp("data")
    write_run(data / "runs", "r1", "running", "finished")
    with serving(data, pairing=request.param, limits=Limits(connections_per_address=12)) as server:
        yield server, PairedDevice(server, "phone").cookie if request.param else "none=1"


def frame(opcode: int, payload: bytes, *, first: int = 0x80, masked: bool = True, length: int | None = None) -> bytes:
    """A frame of RFC 6455; `first` has FIN and the reserved bits, `length` is claimed instead of the right one."""
    size = len(payload) if length is None else length
    bit = 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", first | opcode, bit | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first | opcode, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first | opcode, bit | 127, size)
    if not masked:
        return head + payload
    mask = (MASK * (len(payload) // 4 + 1))[: len(payload)]
    mixed = int.from_bytes(payload) ^ int.from_bytes(mask)
    return head + MASK + mixed.to_bytes(len(payload))


def handshake(query: str, cookie: str, changed: dict[str, str | None]) -> bytes:
    """A request to open a socket; `changed` replaces headers or leaves them out."""
    headers: dict[str, str | None] = {"host": "localhost", "upgrade": "websocket", "connection": "Upgrade", "cookie": cookie}
    headers |= {KEY[0]: KEY[1], "sec-websocket-version": "13", **changed}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"GET /ws{query} HTTP/1.1", *lines, "", ""]).encode()


small_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "subscribe", "after"]), inner, max_size=3)
    ),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())
payloads = st.one_of(
    st.binary(max_size=40),
    small_json,
    st.sampled_from([b"[" * 20_000, b'{"a":' * 10_000, b"x" * LARGEST, b"x" * (LARGEST + 1), b"\xff\xfe", b"\xed\xa0\x80"]),
)
sound_frames = st.builds(frame, st.sampled_from([TEXT, BINARY, PING, PONG]), payloads)
close_frames = st.builds(
    lambda code, why: frame(CLOSE, struct.pack("!H", code) + why), st.integers(0, 65_535), st.binary(max_size=130)
)
odd_frames = st.builds(
    frame,
    st.integers(0, 15),
    payloads,
    first=st.sampled_from([0x00, 0x80, 0xC0, 0xF0, 0x40]),
    masked=st.booleans(),
    length=st.none() | st.sampled_from([0, 125, 126, 65_536, 1 << 31, (1 << 63) - 1, (1 << 64) - 1]),
)
pieces = st.one_of(
    sound_frames,
    odd_frames,
    close_frames,
    st.binary(max_size=60),
    st.builds(lambda whole: whole[: len(whole) // 2], sound_frames),
)
queries = st.sampled_from(["", "?after=0", "?after=1", "?after=9007199254740991"]) | st.sampled_from(
    [
        "?after=",
        "?after=-1",
        "?after=x",
        f"?after={'9' * 40}",
        "?after=1&after=2",
        "?other=1",
        "?after=%00",
        "?after=NaN",
        "/",
        "?" + "a" * 3000,
        "?" + "a" * 9000,
    ]
)
header_changes = st.just({}) | st.dictionaries(
    st.sampled_from(
        [
            "sec-websocket-version",
            KEY[0],
            "upgrade",
            "connection",
            "origin",
            "host",
            "cookie",
            "sec-websocket-extensions",
            "sec-websocket-protocol",
            "content-length",
            "transfer-encoding",
        ]
    ),
    st.none()
    | st.sampled_from(["", "0", "13", "x", "null", "keep-alive", "permessage-deflate; client_max_window_bits=99", "chunked"]),
    max_size=2,
)
endings = st.sampled_from(["close", "end", "reset"])
clients = st.tuples(queries, header_changes, st.booleans(), st.lists(pieces, max_size=4), endings)
"""query, headers, whether what follows is sent before the handshake is answered, what follows, and how it ends"""


def end(connection: socket.socket, how: str) -> None:
    """Leave in one of three ways, and wait until the server has closed the connection too."""
    if how == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return
    with suppress(OSError):  # the server may have closed it
        if how == "close":
            connection.sendall(frame(CLOSE, b""))
        connection.shutdown(socket.SHUT_WR)
    with suppress(ConnectionResetError):
        while connection.recv(1 << 16):
            pass


def read_head(connection: socket.socket) -> bytes:
    """The head of the answer to the handshake, and what comes with it."""
    received = b""
    while b"\r\n\r\n" not in received:
        data = connection.recv(1 << 16)
        assert data, received
        received += data
    return received


def play(server: Served, cookie: str, scripts: list[Any]) -> None:
    """Open a socket for each script, send their pieces in turn, and end them."""
    address = ("127.0.0.1", server.base_url.port or 0)
    opened = []
    for query, changed, hastes, sent, how in scripts:
        connection = socket.create_connection(address, timeout=ANSWER_S)
        opened.append((connection, list(sent), how))
        connection.sendall(handshake(query, cookie, changed))
        if not changed and not hastes:
            read_head(connection)
    while any(sent for _, sent, _ in opened):
        for connection, sent, _ in opened:
            if sent:
                with suppress(OSError):  # the server may have closed it after the piece before
                    connection.sendall(sent.pop(0))
    for connection, _, how in opened:
        with closing(connection):
            end(connection, how)


def is_served(server: Served, cookie: str) -> bool:
    """Whether another client receives the first stored message."""
    with connect(f"{server.socket_url}?after=0", additional_headers={"cookie": cookie}, open_timeout=ANSWER_S) as other:
        return bool(json.loads(other.recv(timeout=ANSWER_S))["seq"] == 1)


@example([("?after=0", {}, False, [frame(TEXT, b"\xff")], "end")])
@example([("?after=0", {}, False, [frame(BINARY, b"\xff"), frame(TEXT, b"[" * LARGEST)] * 2, "reset")])
@example([("", {}, True, [frame(TEXT, b"", first=0xC0)], "end"), ("?after=x", {}, True, [frame(11, b"")], "end")])
@example([(f"?{'a' * 9000}", {}, False, [], "end"), ("?after=x", {}, False, [], "close")])
@example([("", {KEY[0]: None}, False, [], "end"), ("", {"sec-websocket-version": "8"}, False, [], "end")])
@given(st.lists(clients, min_size=1, max_size=4))
def test_no_client_disturbs_the_server_or_other_clients(sockets: tuple[Served, str], scripts: list[Any]) -> None:
    server, cookie = sockets
    with no_errors_logged():
        play(server, cookie, scripts)
        assert is_served(server, cookie)
        assert server.get("/metrics").status_code == 200
