"""Idle, slow and surplus connections are closed while other clients are served."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from support.raw_sockets import is_closed, opened
from support.server_thread import Served, serving
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from backend.connections.protocols import SURPLUS, Timeouts
from backend.connections.registry import ConnectionRegistry
from backend.limits import Limits

PER_ADDRESS = 6
SHORT = Timeouts(head_s=0.3, body_s=0.3, write_s=0.3)
LARGE_MB = 8


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with timeouts of 0.3 seconds."""
    folder = tmp_path_factory.mktemp("hasty")
    (folder / "dist").mkdir()
    (folder / "dist" / "large.wasm").write_bytes(bytes(LARGE_MB << 20))
    with serving(folder / "data", timeouts=SHORT, static_dir=folder / "dist") as client:
        yield client


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Served]:
    """A server with a low limit of connections per address."""
    limits = Limits(connections=2 * PER_ADDRESS, connections_per_address=PER_ADDRESS)
    with serving(tmp_path / "data", limits=limits) as client:
        yield client


REQUEST = b"GET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /api/health HTTP/1.1\r\nhost: local",
        b"POST /api/sync HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{",
        REQUEST + b"G",
    ],
    ids=["silent", "half a head", "half a body", "half a second head"],
)
def test_a_client_that_stops_sending_is_not_waited_for(hasty: Served, sent: bytes) -> None:
    with closing(opened(hasty, sent)) as connection:
        assert is_closed(connection)
    assert hasty.get("/api/health").status_code == 200


def test_a_client_that_reads_nothing_is_not_waited_for(hasty: Served) -> None:
    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", hasty.base_url.port or 0))
        connection.sendall(b"GET /large.wasm HTTP/1.1\r\nhost: localhost\r\n\r\n")
        for busy in (2, 1):  # observed from the server's side, since a read would let it go on
            while f'model_studio_connections{{kind="busy"}} {busy}.0' not in hasty.get("/metrics").text:
                pass
        assert bytes_until_cut_off(connection) < LARGE_MB << 20


def bytes_until_cut_off(connection: socket.socket) -> int:
    """How much can be read before the connection ends; by its `content-length` a client knows that the rest is missing."""
    received = 0
    with suppress(ConnectionResetError):
        while data := connection.recv(1 << 16):
            received += len(data)
    return received


def test_a_slow_client_that_goes_on_is_served(hasty: Served) -> None:
    with closing(opened(hasty)) as connection:
        for byte in REQUEST:
            connection.sendall(bytes([byte]))
        assert b"200 OK" in connection.recv(1 << 16)


def test_idle_connections_make_room_for_new_ones(crowded: Served) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(closing(opened(crowded))) for _ in range(3 * PER_ADDRESS)]
        assert crowded.get("/api/health").status_code == 200
        assert all(is_closed(connection) for connection in idle[: 2 * PER_ADDRESS])


def test_sockets_are_counted_and_the_surplus_is_refused_with_a_sentence(crowded: Served) -> None:
    with ExitStack() as stack:
        for _ in range(PER_ADDRESS):
            stack.enter_context(connect(crowded.socket_url))
        with closing(opened(crowded, REQUEST)) as connection:
            answer = b""
            while data := connection.recv(1 << 16):
                answer += data
        assert b"503 Service Unavailable" in answer
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["detail"] == SURPLUS
        with pytest.raises(InvalidStatus) as refused:
            connect(crowded.socket_url)
        assert refused.value.response.status_code == 503
        with closing(opened(crowded, REQUEST, "127.0.0.2")) as other:
            assert b"200 OK" in other.recv(1 << 16), "another address has room of its own"
    assert crowded.get("/api/health").status_code == 200, "closed sockets are forgotten"


class Idle:
    is_idle = True


class Transport:
    def __init__(self) -> None:
        self.is_aborted = False

    def abort(self) -> None:
        self.is_aborted = True


def test_at_the_total_limit_an_idle_connection_of_the_address_with_the_most_is_closed() -> None:
    registry = ConnectionRegistry(4, 3)
    transports = [Transport() for _ in range(6)]
    for transport, address in zip(transports, "aaabbb", strict=True):
        assert registry.admit(transport, Idle(), address)  # type: ignore[arg-type]  # only `abort` is used
    assert [transport.is_aborted for transport in transports] == [True, True, False, False, False, False]
    assert len(registry) == 4
    assert registry.counts() == {"idle": 4.0, "busy": 0.0, "refused": 2.0}
