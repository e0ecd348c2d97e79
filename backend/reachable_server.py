"""The server for other devices: with the set-up page on a second port, the `.local` name, and a QR code in the terminal."""

import asyncio
import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from backend.connections.handshakes import LimitedServer
from backend.connections.protocols import Timeouts, protocols_for
from backend.connections.registry import ConnectionRegistry
from backend.pairing.invitation import Invitation
from backend.pairing.registry import open_registry
from backend.settings import Settings
from backend.tls.announcement import Announcement
from backend.tls.https_config import HttpsConfig, Lan

_log = logging.getLogger(__name__)
PAGE_CONNECTIONS = 64
PAGE_CONNECTIONS_PER_ADDRESS = 16
"""limits of open connections to the set-up page"""


class ReachableServer(LimitedServer):
    """A server that prints how to pair a device once it accepts requests."""

    def __init__(
        self,
        config: uvicorn.Config,
        settings: Settings,
        https: HttpsConfig | None,
        registry: ConnectionRegistry,
        timeouts: Timeouts,
    ) -> None:
        with open_registry(settings.data_dir):
            pass  # reports a damaged file before the start; DataUnusable
        super().__init__(config, registry, timeouts)
        self._settings = settings
        self._https = https
        self._mdns_task: asyncio.Task[bool] | None = None
        self._setup_task: asyncio.Task[None] | None = None
        self._announcement: Announcement | None = None
        self._page: PageServer | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, announce the name, which takes two seconds, and print how to reach the server."""
        if (lan := self._lan) is not None and lan.is_everywhere:
            self._announcement = Announcement(lan.machine, lan.port)
            self._mdns_task = asyncio.create_task(asyncio.to_thread(self._announcement.open))
        await super().startup(sockets)
        if self.started:
            self._setup_task = asyncio.create_task(self._set_up_devices())
            self._setup_task.add_done_callback(_report)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop the set-up page as well."""
        if self._page is not None:
            self._page.should_exit = True
        await super().shutdown(sockets)
        if self._setup_task is not None:
            await asyncio.gather(self._setup_task, return_exceptions=True)
        if self._mdns_task is not None and self._announcement is not None:
            await asyncio.gather(self._mdns_task, return_exceptions=True)
            await asyncio.to_thread(self._announcement.close)

    @property
    def _lan(self) -> Lan | None:
        return self._https.lan if self._https is not None else None

    async def _set_up_devices(self) -> None:
        lan = self._lan
        if lan is None:
            await self._invite(Invitation(self._settings.data_dir, self._address()))
            return
        by_name = self._mdns_task is not None and await self._mdns_task
        first, *_ = lan.origins(by_name=by_name)
        page, *_ = lan.page_origins(by_name=by_name)
        self._page = PageServer(self.config.host, lan, by_name=by_name)
        self._page.should_exit = self.should_exit
        serving = asyncio.create_task(self._page.serve())
        await self._invite(Invitation(self._settings.data_dir, first, page, lan.authority.fingerprint))
        await serving

    async def _invite(self, invitation: Invitation) -> None:
        lines = await asyncio.to_thread(invitation.lines_at_start, is_seen=sys.stdout.isatty())
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()

    def _address(self) -> str | None:
        """The address of the app on a server without set-up page; None if it is known to the proxy only."""
        port: int = self.servers[0].sockets[0].getsockname()[1]
        if self._https is not None:
            return f"https://{(*self._https.names, self.config.host)[0]}:{port}"
        if self._settings.allowed_hosts:
            return f"https://{self._settings.allowed_hosts[0]}"
        return None if self._settings.trusted_proxies else f"http://{self.config.host}:{port}"


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("No pairing code or set-up page is shown: %s", error)


class PageServer(uvicorn.Server):
    """Serves the set-up page in the event loop of the main server, which handles the signals."""

    def __init__(self, host: str, lan: Lan, *, by_name: bool) -> None:
        http, _ = protocols_for(ConnectionRegistry(PAGE_CONNECTIONS, PAGE_CONNECTIONS_PER_ADDRESS))
        super().__init__(
            uvicorn.Config(
                lan.page(by_name=by_name),
                http=http,
                host=host,
                port=lan.setup_port,
                log_config=None,
                lifespan="off",
                ws="none",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the main server."""
        yield
