"""Silent, slow and surplus connections are closed, and everybody else is served meanwhile."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from support.server_thread import Served, serving
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from backend.connections.protocols import SURPLUS, Patience, connection_of
from backend.connections.registry import ConnectionRegistry
from backend.limits import Limits
from backend.web.middleware import Middleware, Receive, Scope, Send

PER_ADDRESS = 6
SHORT = Patience(head_s=0.3, body_s=0.3, write_s=0.3)
LARGE_MB = 8


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that waits for a third of a second."""
    folder = tmp_path_factory.mktemp("hasty")
    (folder / "dist").mkdir()
    (folder / "dist" / "large.wasm").write_bytes(bytes(LARGE_MB << 20))
    with serving(folder / "data", patience=SHORT, static_dir=folder / "dist") as client:
        yield client


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Served]:
    """A server that takes few connections of one address."""
    limits = Limits(connections=2 * PER_ADDRESS, connections_per_address=PER_ADDRESS)
    with serving(tmp_path / "data", limits=limits) as client:
        yield client


def opened(server: Served, sent: bytes = b"", address: str = "127.0.0.1") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.base_url.port or 0), timeout=20, source_address=(address, 0))
    connection.sendall(sent)
    return connection


def is_closed(connection: socket.socket) -> bool:
    """Whether the server closes the connection; it is waited for."""
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionResetError:
        return True
    return True


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


class Busy:
    is_idle = False


class Transport:
    def __init__(self) -> None:
        self.is_aborted = False

    def abort(self) -> None:
        self.is_aborted = True


def test_where_all_are_many_the_address_with_the_most_gives_way() -> None:
    registry = ConnectionRegistry(4, 3)
    transports = [Transport() for _ in range(6)]
    for transport, group in zip(transports, "aaabbb", strict=True):
        assert registry.admit(transport, Idle(), group)  # type: ignore[arg-type]  # the least that is used of a transport
    assert [transport.is_aborted for transport in transports] == [True, True, False, False, False, False]
    assert len(registry) == 4
    assert registry.counts() == {"idle": 4.0, "busy": 0.0, "refused": 2.0}


def test_a_connection_is_counted_to_the_device_it_proves_to_be() -> None:
    registry = ConnectionRegistry(10, 1)
    first, second = (registry.admit(Transport(), Busy(), group) for group in ("a", "b"))  # type: ignore[arg-type]
    assert first is not None
    assert second is not None
    assert first.regroup("device")
    assert first.regroup("device")
    assert not second.regroup("device"), "that one has as many as it may, and it is busy"
    assert registry.admit(Transport(), Busy(), "a"), "the address has room again"  # type: ignore[arg-type]


def test_requests_know_their_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = []
    original = Middleware.__call__

    async def call(self: Middleware, scope: Scope, receive: Receive, send: Send) -> None:
        connection = connection_of(scope)
        if connection is not None:
            groups.append(connection.group)
        await original(self, scope, receive, send)

    monkeypatch.setattr(Middleware, "__call__", call)
    with serving(tmp_path / "data") as client:
        assert client.get("/api/health").status_code == 200
    assert groups == ["127.0.0.1"]
