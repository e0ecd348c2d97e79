"""Plain sockets to a server that a test serves."""

import socket

from .server_thread import Served


def opened(server: Served, sent: bytes = b"", address: str = "127.0.0.1") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.base_url.port or 0), timeout=20, source_address=(address, 0))
    connection.sendall(sent)
    return connection


def is_closed(connection: socket.socket) -> bool:
    """Wait until the server closes the connection."""
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionResetError:
        return True
    return True
