"""The outer shell, in plain ASGI so that nothing slips past it: request ids, who may call, safe headers, the app or the API."""

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

import msgspec

from backend.errors import ForeignOrigin
from backend.web.origins import refusal
from backend.web.problem_details import PROBLEM_JSON, plain_problem, problem_body

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SAFE_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
_log = logging.getLogger(__name__)


class Outer:
    """Wraps the API and the static app; every response that leaves has an `x-request-id`."""

    def __init__(self, api: Callable[..., Awaitable[None]], app: AsgiApp, allowed_hosts: Collection[str]) -> None:
        self._api = api
        self._app = app
        self._allowed_hosts = frozenset(allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._api(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        method = scope.get("method", "WEBSOCKET")
        reason = refusal(method, headers, self._allowed_hosts)
        request_id = headers.get("x-request-id", "")
        if not REQUEST_ID.fullmatch(request_id):
            request_id = secrets.token_hex(8)
        marked = _marking(send, request_id)
        if reason is None:
            await (self._api if belongs_to_api(scope["path"]) else self._app)(scope, receive, marked)
        elif scope["type"] == "websocket":
            await marked({"type": "websocket.close", "code": 4403, "reason": reason[:120]})
        else:
            await send_problem(marked, problem_body(ForeignOrigin(reason)))
        if scope["type"] == "http":
            _log.debug("%s %s %s", request_id, method, scope["path"])


def belongs_to_api(path: str) -> bool:
    """Tell whether a path is the API's; all others are the app's."""
    return path in ("/api", "/ws", "/schema") or path.startswith(("/api/", "/ws/", "/schema/"))


def _marking(send: Send, request_id: str) -> Send:
    extra = [(b"x-request-id", request_id.encode()), *_SAFE_HEADERS]

    async def marked(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            message["headers"] = [*message.get("headers", ()), *extra]
        await send(message)

    return marked


async def send_problem(send: Send, body: dict[str, Any]) -> None:
    """Answer with a problem document."""
    data = msgspec.json.encode(body)
    headers = [(b"content-type", PROBLEM_JSON.encode()), (b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": body["status"], "headers": headers})
    await send({"type": "http.response.body", "body": data})


async def send_plain_problem(send: Send, status: int, detail: str) -> None:
    """Answer with a problem document that says no more than a status and a sentence."""
    await send_problem(send, plain_problem(status, detail))
