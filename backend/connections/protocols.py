"""uvicorn's protocols with timeouts and a limit on the number of connections."""

import asyncio
import logging
import secrets
from http import HTTPStatus
from typing import Any, cast

import msgspec
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.http11 import Response

from backend.connections.refusals import problem_bytes, problem_headers, problem_response
from backend.connections.registry import BACKLOG, ConnectionRegistry

_log = logging.getLogger(__name__)
REFUSAL_S = 1.0
"""time for the client to read the response that refuses its connection"""
SURPLUS = "This server has reached its limit of connections; try again in a moment"
LARGE_HEAD = "The head of the request is too large for a WebSocket"


class Timeouts(msgspec.Struct, frozen=True):
    """Timeouts of a connection, in seconds."""

    head_s: float = 10.0
    """for the complete head of a request, from the connection or from its first byte"""
    body_s: float = 20.0
    """between two parts of a body"""
    write_s: float = 30.0
    """for the client to read while the send buffer is full"""


class LimitedHttp(H11Protocol):
    """An HTTP connection with timeouts, counted in `registry`."""

    registry: ConnectionRegistry
    timeouts: Timeouts

    def __init__(self, config: Config, server_state: Any, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._read_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._is_waiting_for_head = True
        self._is_upgraded = self._is_refused = self._is_answered = False

    @property
    def is_idle(self) -> bool:
        """Whether no request is being sent or answered."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Count the connection, or refuse it."""
        super().connection_made(transport)
        if self.registry.admit(transport, self, self.client[0] if self.client else ""):
            self._start_head_timer()
        else:
            self._refuse()

    def data_received(self, data: bytes) -> None:
        """Process received bytes; of a refused connection they are ignored."""
        if self.transport.is_closing():
            return
        if self._is_refused:
            self._answer_refused()
            return
        super().data_received(data)
        self._update_read_timer()

    def on_response_complete(self) -> None:
        """Start the timer for the next request, or for one that has been received in part."""
        super().on_response_complete()
        self._update_read_timer()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Stop the HTTP timers, since the connection becomes a WebSocket."""
        self._is_upgraded = True
        self._cancel_timers()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove the connection from the registry."""
        if self._read_timer is not None and self._is_refused:
            self.registry.refusing -= 1
        self._cancel_timers()
        self.registry.remove(self.transport)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start the write timer: the send buffer is full."""
        super().pause_writing()
        self._write_timer = self._write_timer or self.loop.call_later(self.timeouts.write_s, self._time_out, "did not read")

    def resume_writing(self) -> None:
        """Cancel the write timer: the client has read."""
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _refuse(self) -> None:
        """Keep the connection open for a moment to answer with the reason; closed at once, the client could not read it."""
        self._is_refused = True
        if self.registry.refusing >= BACKLOG:
            self.transport.abort()
            return
        self.registry.refusing += 1
        self._read_timer = self.loop.call_later(REFUSAL_S, self.transport.close)

    def _answer_refused(self) -> None:
        """Send the refusal once, when the first bytes of a request arrive."""
        if not self._is_answered:
            self._is_answered = True
            request_id = self._log_with_id("refused")
            self.transport.write(problem_response(503, SURPLUS, request_id, ("retry-after", "5")))
            if self.transport.can_write_eof():
                self.transport.write_eof()

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no HTTP request as uvicorn does, in the form of the other errors."""
        request_id = self._log_with_id("closed: it sent no HTTP request")
        self.transport.write(problem_response(400, msg, request_id))
        self.transport.close()

    def _log_with_id(self, what: str) -> str:
        """Log what became of the connection, with a new request id for the response."""
        request_id = secrets.token_hex(8)
        _log.info("connection of %s %s, request %s", self.client[0] if self.client else "a client", what, request_id)
        return request_id

    def _update_read_timer(self) -> None:
        if self._is_upgraded or self.transport.is_closing():
            self._cancel_timers()
        elif self.is_idle:
            if self.conn.trailing_data[0]:  # the next request has begun
                self._start_head_timer()
            elif self.cycle is not None:
                self._cancel_read_timer()  # uvicorn's keep-alive timeout applies
        elif self.cycle.more_body:
            self._cancel_read_timer()
            self._read_timer = self.loop.call_later(self.timeouts.body_s, self._time_out_body)
        else:
            self._cancel_read_timer()

    def _start_head_timer(self) -> None:
        if self._read_timer is None or not self._is_waiting_for_head:
            self._cancel_read_timer()
            self._is_waiting_for_head = True
            self._read_timer = self.loop.call_later(self.timeouts.head_s, self._time_out, "sent no request")

    def _time_out_body(self) -> None:
        if self.flow.read_paused:  # the server itself has paused reading
            self._read_timer = self.loop.call_later(self.timeouts.body_s, self._time_out_body)
        else:
            self._time_out("sent no more of a body")

    def _time_out(self, what: str) -> None:
        _log.info("connection of %s closed: it %s in time", self.client[0] if self.client else "a client", what)
        self.transport.abort()

    def _cancel_read_timer(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()
        self._read_timer, self._is_waiting_for_head = None, False

    def _cancel_timers(self) -> None:
        self._cancel_read_timer()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None


class LimitedWebSocket(WebSocketsSansIOProtocol):
    """A WebSocket with a write timeout; uvicorn's pings detect clients that are gone.

    Where uvicorn fails with an exception because of what a client sends, the client is answered or cut off instead.
    """

    registry: ConnectionRegistry
    timeouts: Timeouts
    is_idle = False
    _write_timer: asyncio.TimerHandle | None = None

    def __init__(self, config: Config, server_state: Any, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn.reject = self._refusal  # type: ignore[method-assign]  # websockets and uvicorn refuse handshakes with it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Replace the HTTP protocol of a connection that is counted already."""
        super().connection_made(transport)
        self.registry.hand_over(cast("asyncio.Transport", transport), self)

    def data_received(self, data: bytes) -> None:
        """Process received bytes; a client that sends more before its handshake is answered is cut off (RFC 6455, 4.1)."""
        if self.handshake_initiated and not (self.handshake_complete or self.close_sent):
            self._cut_off("sent data before the handshake was answered")
            return
        super().data_received(data)
        if not self.handshake_initiated and not self.transport.is_closing():
            # websockets takes shorter heads than h11, and stops reading without an answer
            self.transport.write(problem_response(431, LARGE_HEAD, secrets.token_hex(8)))
            self.transport.close()

    def send_receive_event_to_app(self) -> None:
        """Pass on a message; uvicorn would log a traceback for a text that is not UTF-8."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.conn.fail(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    async def send(self, message: Any) -> None:
        """Send a message of the application; after a refusal uvicorn would log that there was no handshake."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove the connection from the registry."""
        self._cancel_write_timer()
        self.registry.remove(self.transport)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start the write timer: the send buffer is full."""
        super().pause_writing()
        self._write_timer = self._write_timer or self.loop.call_later(self.timeouts.write_s, self._time_out)

    def resume_writing(self) -> None:
        """Cancel the write timer: the client has read."""
        super().resume_writing()
        self._cancel_write_timer()

    def _refusal(self, status: Any, text: str) -> Response:
        """The response that refuses a handshake, as a problem document."""
        body = problem_bytes(int(status), " ".join(text.split()) or "The socket was refused")
        headers = Headers(problem_headers(body, secrets.token_hex(8)))
        return Response(int(status), HTTPStatus(status).phrase, headers, body)

    def _time_out(self) -> None:
        self._cut_off("did not read in time")

    def _cut_off(self, why: str) -> None:
        _log.info("WebSocket of %s closed: it %s", self.client[0] if self.client else "a client", why)
        self.disconnected = True
        self.transport.abort()

    def _cancel_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None


def protocols_for(
    registry: ConnectionRegistry,
    timeouts: Timeouts = Timeouts(),  # noqa: B008  # frozen
) -> tuple[type[LimitedHttp], type[LimitedWebSocket]]:
    """The protocol classes for uvicorn's settings `http` and `ws`; both use this registry and these timeouts."""
    members = {"registry": registry, "timeouts": timeouts}
    http, socket = type("Http", (LimitedHttp,), members), type("Socket", (LimitedWebSocket,), members)
    return http, socket
