"""For tests of pairing: HTTP clients that send the cookie of a device, which `httpx` itself sends over https only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from backend.pairing.cookie import NAME
from backend.pairing.registry import open_registry
from support.server_thread import Served, serving


def new_code(data_dir: Path) -> str:
    """Create a pairing code, as `model-studio devices pair` does while the server runs."""
    with open_registry(data_dir) as registry:
        return registry.make_code()


class PairedDevice:
    """A device with its own cookie."""

    def __init__(self, server: Served, name: str, code: str | None = None, **headers: str) -> None:
        self._server = server
        answer = server.post(
            "/api/pair", json={"code": code or new_code(server.settings.data_dir), "name": name}, headers=headers
        )
        answer.raise_for_status()
        self.id: str = answer.json()["id"]
        self.set_cookie = answer.headers["set-cookie"]
        self.cookie = self.set_cookie.partition(";")[0]

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request with the cookie."""
        headers = {"cookie": self.cookie, **options.pop("headers", {})}
        return self._server.request(method, path, headers=headers, **options)

    @property
    def token(self) -> str:
        """The token of the device."""
        return self.cookie.removeprefix(f"{NAME}=")


@contextmanager
def serving_paired(data_dir: Path, **changes: Any) -> Iterator[Served]:
    """A server that serves paired devices only."""
    with serving(data_dir, pairing=True, **changes) as server:
        yield server
