"""Announces the `.local` name of this machine by multicast DNS (RFC 6762), unless the system does so itself."""

import ipaddress
import logging
from collections.abc import Sequence

from zeroconf import (  # type: ignore[attr-defined]  # AddressResolver is public, but not in __all__
    AddressResolver,
    BadTypeInNameException,
    Error,
    InterfaceChoice,
    IPVersion,
    ServiceInfo,
    Zeroconf,
)

from backend.tls.addresses import MachineNames

SEARCH_MS = 1000
"""time for other machines, or the system, to answer a query for the name"""
CHECK_MS = 4000
"""timeout of the query that checks the announcement; this machine may be busy"""
SERVICE = "_https._tcp.local."
_log = logging.getLogger(__name__)


class Announcement:
    """An mDNS service with the name of this machine, from `open` to `close`."""

    def __init__(self, names: MachineNames, port: int) -> None:
        self._names = names
        self._port = port
        self._service: Zeroconf | None = None

    def open(self) -> bool:
        """Announce the name; returns whether it resolves to this machine. Blocks for two seconds or more."""
        own = set(self._names.addresses)
        found = _resolve(self._names, SEARCH_MS)
        if found and not found <= own:
            _log.warning("%s belongs to another machine of this network: use the address", self._names.local_name)
            return False
        if found:
            return True  # announced by avahi, mDNSResponder or systemd-resolved
        try:
            self._service = Zeroconf(interfaces=_interfaces(self._names.addresses))
            self._service.register_service(self._info(), cooperating_responders=True)
        except (OSError, Error) as error:
            _log.warning("%s cannot be announced (%s): use the address", self._names.local_name, error)
            self.close()
            return False
        return bool(_resolve(self._names, CHECK_MS) & own)

    def _info(self) -> ServiceInfo:
        addresses = [ipaddress.ip_address(address).packed for address in self._names.addresses]
        return ServiceInfo(
            SERVICE,
            f"Model Studio on {self._names.label}.{SERVICE}",
            addresses=addresses,
            port=self._port,
            server=f"{self._names.local_name}.",
        )

    def close(self) -> None:
        """Withdraw the announcement."""
        if self._service is not None:
            self._service.close()
            self._service = None


def _resolve(names: MachineNames, timeout_ms: int) -> set[str]:
    """Query the name by mDNS; returns its IPv4 addresses."""
    try:
        querier = Zeroconf(interfaces=_interfaces(names.addresses))
    except OSError:
        return set()
    try:
        resolver = AddressResolver(f"{names.local_name}.")
        resolver.request(querier, timeout_ms)
        return set(resolver.parsed_addresses(IPVersion.V4Only))
    except (OSError, Error, BadTypeInNameException):
        return set()
    finally:
        querier.close()


def _interfaces(addresses: Sequence[str]) -> list[str] | InterfaceChoice:
    """The interfaces with private IPv4 addresses, so that nothing is announced to the internet."""
    return [text for text in addresses if "." in text] or InterfaceChoice.Default
