"""Counts open connections by address; where there are too many, the oldest idle one makes room for a new one."""

import asyncio
import logging
import resource
from typing import Protocol

from backend.errors import CannotStart

_log = logging.getLogger(__name__)
BACKLOG = 64
"""connections that wait to be accepted, which the event loop does at once: up to four times as many are open before any is
refused"""
RESERVED_DESCRIPTORS = 64 + 4 * BACKLOG
"""for the database, files, processes of runs and connections that are just being refused"""
LEAST_CONNECTIONS = 16
WANTED_DESCRIPTORS = 65_536


class Holder(Protocol):
    """The protocol object of a connection."""

    @property
    def is_idle(self) -> bool: ...


class Connection:
    """An open connection: its group, which is the address of the client or a name it was given since, and what serves it."""

    def __init__(self, registry: "ConnectionRegistry", transport: asyncio.Transport, holder: Holder, group: str) -> None:
        self._registry, self.transport, self.holder, self.group = registry, transport, holder, group

    def regroup(self, group: str) -> bool:
        """Count the connection to another group from now on, such as the device that it proved to be; false if that is full."""
        return self._registry.regroup(self, group)


class ConnectionRegistry:
    """Every open connection; used on the event loop alone."""

    def __init__(self, limit: int, per_group: int) -> None:
        self._limit, self._per_group = limit, per_group
        self._by_transport: dict[asyncio.Transport, Connection] = {}
        self._groups: dict[str, dict[Connection, None]] = {}
        self.refusing = 0
        """connections whose clients are just being told that there are too many"""
        self.refused = 0
        """connections that were refused or closed to make room, since the start"""

    def __len__(self) -> int:
        return len(self._by_transport)

    def counts(self) -> dict[str, float]:
        """Number of connections with and without a request or a socket, and of those refused since the start."""
        idle = sum(connection.holder.is_idle for connection in self._by_transport.values())
        return {"idle": float(idle), "busy": float(len(self) - idle), "refused": float(self.refused)}

    def admit(self, transport: asyncio.Transport, holder: Holder, group: str) -> Connection | None:
        """Count a new connection; None where there are too many of which none is idle."""
        if not self._has_room(group):
            self.refused += 1
            _log.warning("too many connections: one of %s is refused", group)
            return None
        connection = Connection(self, transport, holder, group)
        self._by_transport[transport] = connection
        self._groups.setdefault(group, {})[connection] = None
        return connection

    def hand_over(self, transport: asyncio.Transport, holder: Holder) -> None:
        """Note that a connection is served by another protocol object, as when it becomes a socket."""
        if (connection := self._by_transport.get(transport)) is not None:
            connection.holder = holder

    def remove(self, transport: asyncio.Transport) -> None:
        """Forget a connection that was closed."""
        if (connection := self._by_transport.pop(transport, None)) is not None:
            self._leave_group(connection)

    def regroup(self, connection: Connection, group: str) -> bool:
        """Move a connection to another group; false where that has too many of which none is idle."""
        if connection.group == group:
            return True
        if not self._has_room_in(group):
            self.refused += 1
            return False
        self._leave_group(connection)
        connection.group = group
        self._groups.setdefault(group, {})[connection] = None
        return True

    def _leave_group(self, connection: Connection) -> None:
        members = self._groups.get(connection.group, {})
        members.pop(connection, None)
        if not members:
            self._groups.pop(connection.group, None)

    def _has_room(self, group: str) -> bool:
        if not self._has_room_in(group):
            return False
        if len(self) < self._limit:
            return True
        largest = max(self._groups.values(), key=len)
        return self._drop_idle(largest) or any(self._drop_idle(members) for members in list(self._groups.values()))

    def _has_room_in(self, group: str) -> bool:
        members = self._groups.get(group, {})
        return len(members) < self._per_group or self._drop_idle(members)

    def _drop_idle(self, members: dict[Connection, None]) -> bool:
        """Close the oldest idle connection of a group; false where there is none."""
        oldest = next((connection for connection in members if connection.holder.is_idle), None)
        if oldest is None:
            return False
        self.refused += 1
        _log.warning("too many connections: an idle one of %s is closed", oldest.group)
        self.remove(oldest.transport)
        oldest.transport.abort()
        return True


def connections_that_fit(wanted: int) -> int:
    """How many connections the process may have open, with its limit of file descriptors raised as far as is permitted.

    CannotStart where that leaves too few.
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
