"""What is known of a request once it has ended, and the line that the log has of it."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from backend.web.middleware import Scope

REQUEST_LOG = "backend.requests"
_log = logging.getLogger(REQUEST_LOG)
_MAX_PATH = 200


@dataclass
class Observed:
    """A request or a socket, from its beginning on."""

    method: str
    """`WEBSOCKET` for a socket"""
    path: str
    request_id: str
    client: str
    status: int = 0
    """101 for a socket that was accepted, 0 where nothing was answered"""
    sent_bytes: int = 0
    route: str | None = None
    """the path with names in place of ids; None where no route of the API was found"""
    seconds: float = 0.0
    _began_s: float = field(default_factory=time.perf_counter)

    def ended(self, scope: "Scope") -> "Observed":
        """The same, with what is known at its end."""
        self.seconds = time.perf_counter() - self._began_s
        self.route = scope.get("path_template")
        return self


Observer = Callable[[Observed], None]


def log_request(observed: Observed) -> None:
    """Write one line."""
    if not _log.isEnabledFor(logging.INFO):
        return
    path = quote(observed.path[:_MAX_PATH], safe="/:@!$&'()*+,;=~-._")
    milliseconds = round(1000 * observed.seconds, 1)
    fields = {
        "request_id": observed.request_id,
        "method": observed.method,
        "path": path,
        "status": observed.status,
        "ms": milliseconds,
        "bytes": observed.sent_bytes,
        "client": observed.client,
    }
    _log.info(
        "%s %s %d %.1f ms %s", observed.method, path, observed.status, milliseconds, observed.request_id, extra={"fields": fields}
    )
