"""The record of a request for log and metrics, and its line in the log."""

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
    """A request or a WebSocket; created at its start and completed by `ended`."""

    method: str
    """`WEBSOCKET` for a WebSocket"""
    path: str
    request_id: str
    client: str
    status: int = 0
    """101 for an accepted WebSocket, 0 without a response"""
    sent_bytes: int = 0
    route: str | None = None
    """the path with parameter names in place of ids; None if no route of the API matched"""
    seconds: float = 0.0
    _began_s: float = field(default_factory=time.perf_counter)

    def ended(self, scope: "Scope") -> "Observed":
        """Set duration and route; returns the record itself."""
        self.seconds = time.perf_counter() - self._began_s
        self.route = scope.get("path_template")
        return self


Observer = Callable[[Observed], None]


def log_request(observed: Observed) -> None:
    """Write the line of a request to the log."""
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
