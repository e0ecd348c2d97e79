"""uvicorn's protocols with limits on time and number: a silent, slow or surplus connection is closed."""

import asyncio
import logging
from typing import Any, cast

import msgspec
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from backend.connections.registry import BACKLOG, Connection, ConnectionRegistry

_log = logging.getLogger(__name__)
CONNECTION = "connection"
"""the key in the ASGI scope's `state` of the `Connection` that a request came by"""
REFUSAL_S = 1.0
"""for a client to read why its connection is refused"""
SURPLUS = "This server has as many connections as it may have; try again in a moment"


class Patience(msgspec.Struct, frozen=True):
    """How long the server waits for a client, in seconds."""

    head_s: float = 10.0
    """for the whole head of a request, from the connection or from its first byte on"""
    body_s: float = 20.0
    """for the next bytes of a body"""
    write_s: float = 30.0
    """for a client to read what has been sent"""


class LimitedHttp(H11Protocol):
    """An HTTP connection."""

    registry: ConnectionRegistry
    patience: Patience

    def __init__(self, config: Config, server_state: Any, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._is_waiting_for_head = True
        self._is_handed_over = self._is_refused = self._is_answered = False

    @property
    def is_idle(self) -> bool:
        """Whether no request is being sent or answered."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Count the connection, or refuse it."""
        super().connection_made(transport)
        connection = self.registry.admit(transport, self, self.client[0] if self.client else "")
        if connection is None:
            self._refuse()
            return
        self.app_state = {**self.app_state, CONNECTION: connection}
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes of requests."""
        if self.transport.is_closing():
            return
        if self._is_refused:
            self._answer_refused()
            return
        super().data_received(data)
        self._watch_reading()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of one that has begun."""
        super().on_response_complete()
        self._watch_reading()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Go on as a socket."""
        self._is_handed_over = True
        self._stop_timers()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._reading is not None and self._is_refused:
            self.registry.refusing -= 1
        self._stop_timers()
        self.registry.remove(self.transport)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not read as fast as it is sent to."""
        super().pause_writing()
        self._writing = self._writing or self.loop.call_later(self.patience.write_s, self._give_up, "did not read")

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def _refuse(self) -> None:
        """Wait for a request, to say why it is refused; closed at once, the client would not get to read the reason."""
        self._is_refused = True
        if self.registry.refusing >= BACKLOG:
            self.transport.abort()
            return
        self.registry.refusing += 1
        self._reading = self.loop.call_later(REFUSAL_S, self.transport.close)

    def _answer_refused(self) -> None:
        """Say why to the first bytes of a request, and ignore the others."""
        if not self._is_answered:
            self._is_answered = True
            self.transport.write(_refusal())
            if self.transport.can_write_eof():
                self.transport.write_eof()

    def _watch_reading(self) -> None:
        if self._is_handed_over or self.transport.is_closing():
            self._stop_timers()
        elif self.is_idle:
            if self.conn.trailing_data[0]:
                self._wait_for_head()
            elif self.cycle is not None:
                self._stop_reading()  # uvicorn closes it when nothing follows
        elif self.cycle.more_body:
            self._stop_reading()
            self._reading = self.loop.call_later(self.patience.body_s, self._give_up_body)
        else:
            self._stop_reading()

    def _wait_for_head(self) -> None:
        if self._reading is None or not self._is_waiting_for_head:
            self._stop_reading()
            self._is_waiting_for_head = True
            self._reading = self.loop.call_later(self.patience.head_s, self._give_up, "sent no request")

    def _give_up_body(self) -> None:
        if self.flow.read_paused:  # it is the server that does not read
            self._reading = self.loop.call_later(self.patience.body_s, self._give_up_body)
        else:
            self._give_up("sent no more of a body")

    def _give_up(self, what: str) -> None:
        _log.info("a connection of %s is closed: it %s in time", self.client[0] if self.client else "a client", what)
        self.transport.abort()

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._reading, self._is_waiting_for_head = None, False

    def _stop_timers(self) -> None:
        self._stop_reading()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None


class LimitedWebSocket(WebSocketsSansIOProtocol):
    """A socket; uvicorn's pings close one whose client is gone."""

    registry: ConnectionRegistry
    patience: Patience
    is_idle = False
    _writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a connection that was counted already."""
        super().connection_made(transport)
        self.registry.hand_over(cast("asyncio.Transport", transport), self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        self.registry.remove(self.transport)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not read as fast as it is sent to."""
        super().pause_writing()
        self._writing = self._writing or self.loop.call_later(self.patience.write_s, self._give_up)

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        self._stop_waiting()

    def _give_up(self) -> None:
        _log.info("a socket of %s is closed: it did not read in time", self.client[0] if self.client else "a client")
        self.transport.abort()

    def _stop_waiting(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None


def protocols_for(
    registry: ConnectionRegistry,
    patience: Patience = Patience(),  # noqa: B008  # frozen
) -> tuple[type[LimitedHttp], type[LimitedWebSocket]]:
    """The classes for uvicorn's settings `http` and `ws` whose connections are counted by this registry."""
    members = {"registry": registry, "patience": patience}
    http, socket = type("Http", (LimitedHttp,), members), type("Socket", (LimitedWebSocket,), members)
    return http, socket


def connection_of(scope: Any) -> Connection | None:
    """The connection that a request came by; None where it was not made by these protocols."""
    found: Connection | None = scope.get("state", {}).get(CONNECTION)
    return found


def _refusal() -> bytes:
    problem = {"type": "urn:model-studio:too_many_connections", "title": "Too many connections", "status": 503, "detail": SURPLUS}
    body = msgspec.json.encode(problem)
    head = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 5\r\nconnection: close\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
