"""Over https, connections are counted and timed out before their handshake is done."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from support.certificates import certified
from support.raw_sockets import is_closed, opened
from support.server_log import no_errors_logged
from support.server_thread import Served, serving
from websockets.sync.client import connect

from backend.connections.protocols import Timeouts
from backend.limits import Limits
from backend.tls.authority import CERTIFICATE

SHORT = Timeouts(head_s=0.3, body_s=0.3, write_s=0.3)
PER_ADDRESS = 6
REQUEST = b"GET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n"
Secure = tuple[Served, ssl.SSLContext]


def context_of(folder: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=folder / CERTIFICATE)
    context.check_hostname = False  # the certificate is for another machine
    return context


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """A server over https with timeouts of 0.3 seconds."""
    folder = tmp_path_factory.mktemp("hasty")
    _, leaf = certified(folder / "tls")
    with serving(folder / "data", timeouts=SHORT, certificate=leaf) as server:
        yield server, context_of(folder / "tls")


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Secure]:
    """A server over https with a low limit of connections per address, and the usual timeouts."""
    _, leaf = certified(tmp_path / "tls")
    limits = Limits(connections_per_address=PER_ADDRESS)
    with serving(tmp_path / "data", limits=limits, certificate=leaf) as server:
        yield server, context_of(tmp_path / "tls")


def asked(secure: Secure) -> bytes:
    """The answer to a request over https."""
    server, context = secure
    with context.wrap_socket(opened(server), server_hostname="localhost") as connection:
        connection.sendall(REQUEST)
        return connection.recv(1 << 16)


def client_hello(context: ssl.SSLContext) -> bytes:
    sent = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost").do_handshake()
    return sent.read()


@pytest.mark.parametrize("part", ["nothing", "half a hello", "a hello", "no TLS"])
def test_a_client_that_does_not_finish_its_handshake_is_not_waited_for(hasty: Secure, part: str) -> None:
    server, context = hasty
    hello = client_hello(context)
    sent = {"nothing": b"", "half a hello": hello[: len(hello) // 2], "a hello": hello, "no TLS": REQUEST}[part]
    with no_errors_logged(), closing(opened(server, sent)) as connection:
        assert is_closed(connection)
    assert b"200 OK" in asked(hasty)


def test_a_client_that_is_silent_after_its_handshake_is_not_waited_for(hasty: Secure) -> None:
    server, context = hasty
    with context.wrap_socket(opened(server), server_hostname="localhost") as connection:
        assert connection.recv(1 << 16) == b""


def test_a_client_that_leaves_during_its_handshake_is_no_error(hasty: Secure) -> None:
    server, context = hasty
    with no_errors_logged():
        for _ in range(20):
            opened(server, client_hello(context)).close()
        assert b"200 OK" in asked(hasty)


def test_a_request_that_comes_with_the_end_of_the_handshake_is_answered(hasty: Secure) -> None:
    server, context = hasty
    received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(received, sent, server_hostname="localhost")
    with closing(opened(server)) as connection:
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                connection.sendall(sent.read())
                received.write(connection.recv(1 << 16))
        client.write(REQUEST)
        connection.sendall(sent.read())  # with the last message of the handshake
        answer = b""
        while b"200 OK" not in answer:
            received.write(connection.recv(1 << 16))
            try:
                answer += client.read(1 << 16)
            except ssl.SSLWantReadError:
                continue


def test_unfinished_handshakes_count_for_their_address_and_make_room(crowded: Secure) -> None:
    server, _ = crowded
    with ExitStack() as stack:
        silent = [stack.enter_context(closing(opened(server))) for _ in range(3 * PER_ADDRESS)]
        assert all(is_closed(connection) for connection in silent[: 2 * PER_ADDRESS])
        assert b"200 OK" in asked(crowded)


def test_above_the_limit_of_sockets_a_connection_is_closed_before_its_handshake(crowded: Secure) -> None:
    server, context = crowded
    url = server.socket_url.replace("ws://", "wss://")
    with ExitStack() as stack:
        for _ in range(PER_ADDRESS):
            stack.enter_context(connect(url, ssl=context, server_hostname="localhost"))
        with closing(opened(server)) as connection:
            assert is_closed(connection)
    assert b"200 OK" in asked(crowded), "closed sockets are forgotten"
