"""Limits the open connections, in all and per address; above a limit the oldest idle one is closed for a new one."""

import asyncio
import logging
import resource
from typing import Protocol

from backend.errors import CannotStart

_log = logging.getLogger(__name__)
BACKLOG = 64
"""length of the listen queue; the event loop may accept up to four times as many connections before it refuses the first"""
RESERVED_DESCRIPTORS = 64 + 4 * BACKLOG
"""file descriptors for the database, files, processes of runs and connections that are being refused"""
LEAST_CONNECTIONS = 16
WANTED_DESCRIPTORS = 65_536


class Handler(Protocol):
    """The protocol object that serves a connection."""

    @property
    def is_idle(self) -> bool: ...


class Connection:
    """An open connection, compared by identity."""

    def __init__(self, transport: asyncio.Transport, handler: Handler, address: str) -> None:
        self.transport, self.handler, self.address = transport, handler, address


class ConnectionRegistry:
    """All open connections; used on the event loop only."""

    def __init__(self, limit: int, per_address: int) -> None:
        self._limit, self._per_address = limit, per_address
        self._by_transport: dict[asyncio.Transport, Connection] = {}
        self._by_address: dict[str, dict[Connection, None]] = {}
        self.refusing = 0
        """refused connections that are still open, so that their clients can read the reason"""
        self.refused = 0
        """connections that were refused or closed to make room, since the start"""

    def __len__(self) -> int:
        return len(self._by_transport)

    def counts(self) -> dict[str, float]:
        """Numbers of idle and busy connections, and of those refused or closed to make room since the start."""
        idle = sum(connection.handler.is_idle for connection in self._by_transport.values())
        return {"idle": float(idle), "busy": float(len(self) - idle), "refused": float(self.refused)}

    def admit(self, transport: asyncio.Transport, handler: Handler, address: str) -> bool:
        """Add a new connection; false if a limit is reached and no connection is idle."""
        if not self._has_room(address):
            self.refused += 1
            _log.warning("too many connections: one of %s is refused", address)
            return False
        connection = Connection(transport, handler, address)
        self._by_transport[transport] = connection
        self._by_address.setdefault(address, {})[connection] = None
        return True

    def hand_over(self, transport: asyncio.Transport, handler: Handler) -> None:
        """Replace the handler of a connection, as when it becomes a WebSocket."""
        if (connection := self._by_transport.get(transport)) is not None:
            connection.handler = handler

    def remove(self, transport: asyncio.Transport) -> None:
        """Remove a closed connection."""
        if (connection := self._by_transport.pop(transport, None)) is None:
            return
        of_address = self._by_address.get(connection.address, {})
        of_address.pop(connection, None)
        if not of_address:
            self._by_address.pop(connection.address, None)

    def _has_room(self, address: str) -> bool:
        """Whether a connection of an address can be added, after an idle one was closed if necessary."""
        of_address = self._by_address.get(address, {})
        if len(of_address) >= self._per_address and not self._close_idle(of_address):
            return False
        if len(self) < self._limit:
            return True
        most = max(self._by_address.values(), key=len)
        return self._close_idle(most) or any(self._close_idle(others) for others in list(self._by_address.values()))

    def _close_idle(self, connections: dict[Connection, None]) -> bool:
        """Close the oldest idle connection; false if none is idle."""
        oldest = next((connection for connection in connections if connection.handler.is_idle), None)
        if oldest is None:
            return False
        self.refused += 1
        _log.warning("too many connections: an idle one of %s is closed", oldest.address)
        self.remove(oldest.transport)
        oldest.transport.abort()
        return True


def connections_that_fit(wanted: int) -> int:
    """Raise the limit of file descriptors as far as permitted; returns how many connections it allows, at most `wanted`.

    CannotStart if that is too few.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    target = max(WANTED_DESCRIPTORS, wanted + RESERVED_DESCRIPTORS)
    target = target if hard == unlimited else min(target, hard)
    if soft != unlimited and soft < target:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
            soft = target
        except (OSError, ValueError) as error:
            _log.warning("the limit of open files stays at %d: %s", soft, error)
    fitting = wanted if soft == unlimited else min(wanted, soft - RESERVED_DESCRIPTORS)
    if fitting < LEAST_CONNECTIONS:
        raise CannotStart(
            f"This process may open {soft} files, which is too few for a server: allow {RESERVED_DESCRIPTORS + LEAST_CONNECTIONS}"
            " or more with `ulimit -n`, or LimitNOFILE= of a systemd unit"
        )
    if fitting < wanted:
        _log.warning("at most %d connections are possible here, since this process may open %d files", fitting, soft)
    return fitting
