"""Authenticates the devices that use the API, and writes their changes to the audit log.

The files of the app need no pairing: they contain no user data, a device is paired on a screen of the app, and an installed app
must be able to update while it is not paired.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from backend.errors import NotPaired
from backend.pairing.changes import change_of
from backend.pairing.cookie import cookie_header, token_in
from backend.pairing.registry import KnownDevice
from backend.pairing.service import AccessService
from backend.process.threads import first_to_end
from backend.web.changes import collect_changes
from backend.web.middleware import Message, Receive, Scope, Send, send_json, send_problem
from backend.web.origins import is_loopback_host
from backend.web.problem_details import problem_body

HEALTH, PAIRING = "/api/health", "/api/pair"
UNPAIRED = 4401
"""the WebSocket close code for a device that is not paired, or was revoked"""
_DETAIL = "This device is not paired with the server: scan the code that the server shows, or type it"


class AccessControl:
    """ASGI middleware around the API."""

    def __init__(self, api: Callable[..., Awaitable[None]], access: AccessService, *, required: bool) -> None:
        self._api = api
        self._access = access
        self._required = required

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._api(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        scope["pairing_required"] = self._is_required(headers)
        if not scope["pairing_required"]:
            await self._api(scope, receive, send)
            return
        token = token_in(headers.get("cookie", ""))
        known = self._access.device_of(token)
        scope["device"] = known
        if known is not None:
            await self._serve(known, token or "", scope, receive, send)
        elif scope["path"] == PAIRING:
            await self._api(scope, receive, send)
        elif scope["path"] == HEALTH and scope.get("method") in ("GET", "HEAD"):
            await send_json(send, 200, {"status": "ok"}, with_body=scope["method"] == "GET")
        else:
            await _refuse(scope, send, had_cookie=token is not None)

    def _is_required(self, headers: dict[str, str]) -> bool:
        return self._required or not is_loopback_host(headers.get("host", ""))

    async def _serve(self, known: KnownDevice, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        renews_cookie = self._access.note_use(known)
        if scope["type"] == "websocket":
            await self._serve_socket(known, scope, receive, send)
            return
        changes = collect_changes(scope)
        status = 0

        async def send_with_cookie(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if renews_cookie:
                    cookie = (b"set-cookie", cookie_header(token).encode())
                    message["headers"] = [*message.get("headers", ()), cookie]
            await send(message)

        await self._api(scope, receive, send_with_cookie)
        if 200 <= status < 300:
            if (change := change_of(scope["method"], scope["path"])) is not None:
                changes.append(change)
            if changes:
                self._access.record(known, scope.get("request_id", ""), changes)

    async def _serve_socket(self, known: KnownDevice, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket until it ends or its device is revoked."""
        with self._access.socket_of(known.id) as revoked:
            serving, _ = await first_to_end(_run(self._api, scope, receive, send), revoked.wait())
        if not serving.cancelled():
            serving.result()
            return
        await send({"type": "websocket.close", "code": UNPAIRED, "reason": "This device was revoked"})


async def _run(api: Callable[..., Awaitable[None]], scope: Scope, receive: Receive, send: Send) -> None:
    await api(scope, receive, send)


async def _refuse(scope: Scope, send: Send, *, had_cookie: bool) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": UNPAIRED, "reason": _DETAIL})
        return
    extra: dict[str, Any] = {"was_paired": True} if had_cookie else {}
    await send_problem(send, problem_body(NotPaired(_DETAIL, extra=extra)))
