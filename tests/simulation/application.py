"""The application of a simulated server: its services over a real database, called without a network stack."""

import sqlite3
from collections.abc import MutableMapping
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from litestar.di import Provide

from backend.app import Parts, create_app, make_parts, opened
from backend.settings import Settings
from backend.store.names import DATABASE
from backend.sync.routes import sync
from backend.web.middleware import Middleware

Message = MutableMapping[str, Any]
NEVER_S = 1e6
_HEADERS = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]


class _Http:
    """The HTTP side, which is made once in a process since that takes 50 ms; its routes get the services of the server called."""

    def __init__(self) -> None:
        self.services: dict[type, Any] = {}

        def provide(part: object) -> Provide:
            kind = type(part)
            return Provide(lambda: self.services[kind], sync_to_thread=False)

        # the only route that is called
        with patch("backend.app.ROUTES", [sync]), patch("backend.app._provide", provide):
            self.app: Middleware = create_app(Settings(preload=False))


@cache
def _http() -> _Http:
    return _Http()


class App:
    """A started application."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._settings = Settings(data_dir=folder, preload=False, pump_interval_s=NEVER_S)
        self._parts: Parts = make_parts(self._settings)
        self._life = AsyncExitStack()

    async def start(self) -> None:
        """Start it as an ASGI server does."""
        await self._life.enter_async_context(self._parts.channels)
        await self._life.enter_async_context(opened(self._parts, self._settings))
        self.reader = sqlite3.connect(self.folder / DATABASE)

    async def stop(self) -> None:
        """Stop it in order."""
        self.reader.close()
        await self._life.aclose()

    async def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request; returns status and body."""
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": _HEADERS,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        http = _http()
        http.services = {type(part): part for part in vars(self._parts).values()}
        await http.app(scope, receive, send)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])
