"""TLS handshakes that are counted and timed out like other connections.

asyncio itself creates the protocol of a TLS connection after the handshake, for which it waits a minute: until then a client that
sends nothing would be in no registry.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence
from functools import partial
from socket import SocketType
from typing import Any, cast

import uvicorn

from backend.connections.protocols import Timeouts
from backend.connections.registry import ConnectionRegistry

_log = logging.getLogger(__name__)
MakeProtocol = Callable[[], asyncio.Protocol]


class _Held(asyncio.Protocol):
    """Holds what a client sends with the end of its handshake, until its protocol is there."""

    def __init__(self) -> None:
        self.data: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        """Hold bytes."""
        self.data.append(data)


class Handshake(asyncio.Protocol):
    """A connection until its handshake is done, when another protocol takes over."""

    is_idle = True

    def __init__(
        self, make_protocol: MakeProtocol, context: ssl.SSLContext, registry: ConnectionRegistry, timeouts: Timeouts
    ) -> None:
        self._make_protocol, self._context = make_protocol, context
        self._registry, self._timeouts = registry, timeouts
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection and begin the handshake; above the limit close it, since an answer would need a handshake."""
        raw = cast("asyncio.Transport", transport)
        peer = raw.get_extra_info("peername")
        address = str(peer[0]) if peer else ""
        if not self._registry.admit(raw, self, address):
            raw.abort()
            return
        raw.pause_reading()  # `start_tls` goes on; no byte may come before
        self._task = asyncio.get_running_loop().create_task(self._shake_hands(raw, address))

    async def _shake_hands(self, raw: asyncio.Transport, address: str) -> None:
        held = _Held()
        try:
            transport = await asyncio.get_running_loop().start_tls(
                raw, held, self._context, server_side=True, ssl_handshake_timeout=self._timeouts.head_s
            )
        except OSError as error:  # ssl.SSLError and the timeout are such
            _log.info("connection of %s closed: no TLS handshake: %s", address or "a client", error)
            raw.abort()
            return
        finally:
            self._registry.remove(raw)
        if transport is None or transport.is_closing():  # the client has left
            raw.abort()
            return
        protocol = self._make_protocol()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        for data in held.data:
            protocol.data_received(data)


def count_handshakes(config: uvicorn.Config, registry: ConnectionRegistry, timeouts: Timeouts) -> ssl.SSLContext | None:
    """Have connections of a server over https counted before their handshake; returns the context, None over plain http."""
    config.load()
    context, config.ssl = config.ssl, None
    if context is not None:
        make_http = config.http_protocol_class

        def make_handshake(**members: Any) -> Handshake:
            return Handshake(partial(make_http, **members), context, registry, timeouts)

        config.http_protocol_class = cast("type[asyncio.Protocol]", make_handshake)
    return context


class LimitedServer(uvicorn.Server):
    """A server whose handshakes are counted; it logs its address with the scheme that clients use."""

    def __init__(self, config: uvicorn.Config, registry: ConnectionRegistry, timeouts: Timeouts) -> None:
        super().__init__(config)
        self._context = count_handshakes(config, registry, timeouts)

    def _log_started_message(self, listeners: Sequence[SocketType]) -> None:
        self.config.ssl = self._context
        super()._log_started_message(listeners)
        self.config.ssl = None
