"""A real server in a thread of the test process, on a free port, and an HTTP client for it."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from backend.app import create_app
from backend.connections.handshakes import LimitedServer
from backend.connections.protocols import Timeouts, protocols_for
from backend.connections.registry import ConnectionRegistry
from backend.settings import Settings


class Served(httpx.Client):
    """A client of a running server."""

    def __init__(self, port: int, settings: Settings) -> None:
        super().__init__(base_url=f"http://127.0.0.1:{port}", timeout=60)
        self.settings = settings
        self.socket_url = f"ws://127.0.0.1:{port}/ws"

    def new_design(self, **body: Any) -> dict[str, Any]:
        """Create a design and return its document."""
        meta = self.post("/api/designs", json=body).raise_for_status().json()
        document: dict[str, Any] = self.get(f"/api/designs/{meta['id']}").raise_for_status().json()
        return document

    def sync(self, **body: Any) -> dict[str, Any]:
        """Send a sync call that must succeed, and return its answer."""
        answer: dict[str, Any] = self.post("/api/sync", json=body).raise_for_status().json()
        return answer


def ask(server: Served, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Send a request as it is, without the checks of a client library; returns status, headers and body."""
    connection = http.client.HTTPConnection(server.base_url.host, server.base_url.port, timeout=60)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


@contextmanager
def serving(
    data_dir: Path,
    port: int = 0,
    *,
    registry: ConnectionRegistry | None = None,
    timeouts: Timeouts = Timeouts(),  # noqa: B008  # frozen
    certificate: Path | None = None,
    **changes: Any,
) -> Iterator[Served]:
    """Serve from a data directory until the block ends, by default on a free port; torch is loaded only when it is needed.

    With a `certificate` it serves over https, which the client does not use.
    """
    settings = Settings(data_dir=data_dir, **{"preload": False, "static_dir": data_dir / "dist", **changes})
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, so that asyncio sends without delay
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    registry = registry or ConnectionRegistry(settings.limits.connections, settings.limits.connections_per_address)
    http, socket_protocol = protocols_for(registry, timeouts)
    config = uvicorn.Config(
        create_app(settings, registry.counts),
        http=http,
        ws=socket_protocol,
        lifespan="on",
        log_level="warning",
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate,
    )
    server = LimitedServer(config, registry, timeouts)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        with Served(listener.getsockname()[1], settings) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
