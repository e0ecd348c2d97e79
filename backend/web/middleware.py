"""The middleware around the API and the static app: request ids, allowed origins, safe headers, errors of the start.

Plain ASGI, since it also covers the static app, the start and sockets before they are accepted, which Litestar does not see.
"""

import asyncio
import math
import re
import secrets
import sys
from collections.abc import Awaitable, Callable, Container, MutableMapping
from http import HTTPStatus
from typing import Any

import msgspec

from backend.errors import CannotStart, ForeignOrigin, sentence_for
from backend.web.observation import Observed, Observer, log_request
from backend.web.origins import refusal
from backend.web.problem_details import PROBLEM_JSON, plain_problem, problem_body
from backend.web.rate_limiter import RateLimiter
from backend.web.safe_headers import with_safe_headers
from backend.web.sending import BUSY, RETRY_AFTER_S, ResponseMemory, send_pieces

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

OPENAPI_PATH = "/schema/openapi.json"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METRICS_PATH = "/metrics"


class Middleware:
    """Wraps the API and the static app; every response that leaves has an `x-request-id`."""

    def __init__(
        self,
        api: Callable[..., Awaitable[None]],
        app: AsgiApp,
        allowed_hosts: Container[str],
        *,
        rate_limiter: RateLimiter | None = None,
        memory: ResponseMemory | None = None,
        metrics: AsgiApp | None = None,
        observe: Observer = log_request,
    ) -> None:
        """`metrics` serves `/metrics`; `observe` is called when a request or a WebSocket has ended."""
        self._api = api
        self._app = app
        self._allowed_hosts = allowed_hosts
        self._rate_limiter = rate_limiter or RateLimiter(0)
        self._memory = memory
        self._metrics = metrics
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        method = scope.get("method", "WEBSOCKET")
        reason = refusal(method, headers, self._allowed_hosts)
        request_id = headers.get("x-request-id", "")
        if not REQUEST_ID.fullmatch(request_id):
            request_id = secrets.token_hex(8)
        scope["request_id"] = request_id
        observed = Observed(method, scope["path"], request_id, client_of_scope(scope))
        marked = _marking(send, request_id, observed)
        if scope["type"] == "websocket":
            marked = _refusing_with_problem(marked, scope)
        try:
            if reason is None:
                await self._serve_allowed(scope, receive, marked)
            elif scope["type"] == "websocket":
                await marked({"type": "websocket.close", "code": 4403, "reason": reason})
            else:
                await send_problem(marked, problem_body(ForeignOrigin(reason)))
        finally:
            self._observe(observed.ended(scope))

    async def _serve_allowed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request of an allowed origin, unless its client exceeds the rate limit."""
        path = scope["path"]
        if path == METRICS_PATH and self._metrics is not None:
            await self._metrics(scope, receive, send)
            return
        wait_s = self._rate_limiter.retry_after_s(client_of_scope(scope)) if belongs_to_api(path) else 0.0
        if wait_s > 0:
            detail = "This client sends more requests than the server takes; wait before the next one"
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 4429, "reason": detail})
            else:
                await send_problem(send, plain_problem(429, detail), retry_after_s=wait_s)
            return
        await self._inner(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start and stop the API; a start that fails for a reason outside of this program leaves a sentence and no traceback."""
        has_failed = False

        async def send_sentence(message: Message) -> None:
            nonlocal has_failed
            reason = _first_cause(sys.exception())
            if message["type"] == "lifespan.startup.failed" and isinstance(reason, CannotStart | OSError):
                has_failed, message = True, {**message, "message": sentence_for(reason)}
            await send(message)

        try:
            await self._api(scope, receive, send_sentence)
        except Exception:
            if not has_failed:
                raise

    async def _inner(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def noticing(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await (send_pieces(send, message) if message["type"] == "http.response.body" else send(message))

        async def refuse() -> None:
            nonlocal has_begun
            has_begun = True
            await send_problem(send, plain_problem(503, BUSY), retry_after_s=RETRY_AFTER_S)

        limited: Send = noticing
        if self._memory is not None and scope["type"] == "http" and belongs_to_api(scope["path"]):
            limited = self._memory.limited(noticing, refuse)
        try:
            await (self._api if belongs_to_api(scope["path"]) else self._app)(scope, receive, limited)
        except asyncio.CancelledError:
            if has_begun or scope["type"] != "http":
                raise
            # a server that stops cancels open requests, which would otherwise be answered with an internal error
            await send_plain_problem(send, HTTPStatus.SERVICE_UNAVAILABLE, "The server is stopping; try again when it is back")


def _first_cause(error: BaseException | None) -> BaseException | None:
    """The first error in a group of errors, which caused the others."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def client_of_scope(scope: Scope) -> str:
    """The key of the rate limit: the address of the client."""
    client = scope.get("client")
    return str(client[0]) if client else "peer"


def belongs_to_api(path: str) -> bool:
    """Whether a path belongs to the API; all others belong to the app."""
    return path in ("/api", "/ws", OPENAPI_PATH) or path.startswith("/api/")


def _marking(send: Send, request_id: str, observed: Observed) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.accept", "websocket.http.response.start"):
            message["headers"] = with_safe_headers([*message.get("headers", ()), (b"x-request-id", request_id.encode())])
            observed.status = message.get("status", 101)
        elif message["type"] == "http.response.body":
            observed.sent_bytes += len(message.get("body", b""))
        await send(message)

    return marked


def _refusing_with_problem(send: Send, scope: Scope) -> Send:
    """Send a problem document to a socket that is closed before it was accepted, where the ASGI server supports that."""
    accepted = "websocket.http.response" not in (scope.get("extensions") or {})

    async def refusing(message: Message) -> None:
        nonlocal accepted
        if message["type"] != "websocket.close" or accepted:
            accepted = True
            await send(message)
            return
        code = message.get("code", 1000) - 4000
        status = code if 400 <= code <= 499 else 403
        body = plain_problem(status, message.get("reason") or "The socket was refused")
        await send_problem(send, body, "websocket.http.response")

    return refusing


async def send_problem(
    send: Send, body: dict[str, Any], kind: str = "http.response", *, retry_after_s: float | None = None
) -> None:
    """Send a problem document."""
    await _send_json(send, body["status"], body, PROBLEM_JSON, kind, retry_after_s=retry_after_s)


async def send_json(send: Send, status: int, body: dict[str, Any], *, with_body: bool = True) -> None:
    """Send JSON, or its headers alone."""
    await _send_json(send, status, body, "application/json", "http.response", with_body=with_body)


async def _send_json(
    send: Send,
    status: int,
    body: Any,
    media_type: str,
    kind: str,
    *,
    with_body: bool = True,
    retry_after_s: float | None = None,
) -> None:
    data = msgspec.json.encode(body)
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(data)).encode())]
    if retry_after_s is not None:
        headers.append((b"retry-after", str(math.ceil(retry_after_s)).encode()))
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.body", "body": data if with_body else b""})


async def send_plain_problem(send: Send, status: int, detail: str) -> None:
    """Send a problem document with a status and a sentence only."""
    await send_problem(send, plain_problem(status, detail))
