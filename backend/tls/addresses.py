"""The names and addresses of this machine, for its certificate and for the check of `Host` headers."""

import ipaddress
import re
import socket
import time
from collections.abc import Collection, Iterable

from msgspec import Struct

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PRIVATE_NETWORKS: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8"),
        *("fd00::/8", "fe80::/10", "::1/128"),
    )
)
LOCAL_DOMAINS = ("local", "lan", "home.arpa", "localhost")
_FALLBACK_LABEL = "model-studio"
_MAX_LABEL = 63
_REFRESH_S = 10.0
_TEST_ADDRESS = "192.0.2.1"
"""from a range for documentation (RFC 5737); connecting a UDP socket to it sends nothing"""


class MachineNames(Struct, frozen=True):
    """Host name and addresses in the certificate of this machine; the first address is the most likely one for phones."""

    label: str
    """the host name as one label of a domain name"""
    addresses: tuple[str, ...]

    @property
    def local_name(self) -> str:
        """The name that is announced by mDNS."""
        return f"{self.label}.local"

    @property
    def domain_names(self) -> tuple[str, ...]:
        """The name in each local domain, and `localhost`."""
        return (*(f"{self.label}.{domain}" for domain in LOCAL_DOMAINS if domain != "localhost"), "localhost")

    @property
    def certified_addresses(self) -> tuple[str, ...]:
        """The addresses, and those of the loopback interface."""
        return (*self.addresses, "127.0.0.1", "::1")


def is_private(address: Address) -> bool:
    """Whether an address belongs to a network for which the authority may make certificates."""
    return any(address.version == network.version and address in network for network in PRIVATE_NETWORKS)


def machine_names() -> MachineNames:
    """The host name, and the private addresses by which other devices may reach this machine."""
    private = [address for address in all_addresses() if is_private(address) and not address.is_loopback]
    first = _address_of_default_route()
    ordered = sorted(private, key=lambda address: (str(address) != first, address.version, address.is_link_local, int(address)))
    return MachineNames(host_label(socket.gethostname()), tuple(map(str, ordered)))


def host_label(hostname: str) -> str:
    """The first part of a host name, reduced to the characters that a domain label may have."""
    label = re.sub(r"[^a-z0-9-]+", "-", hostname.partition(".")[0].lower()).strip("-")[:_MAX_LABEL].rstrip("-")
    return label or _FALLBACK_LABEL


def all_addresses() -> list[Address]:
    """Every address of every network interface."""
    import ifaddr  # loaded only by servers that other machines can reach

    addresses = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            addresses.append(ipaddress.ip_address(text.partition("%")[0]))
    return addresses


def _address_of_default_route() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((_TEST_ADDRESS, 9))
        except OSError:
            return None  # there is no default route
        name: str = probe.getsockname()[0]
        return name


class OwnHosts(Collection[str]):
    """Names and addresses of this machine, and allowed names; an unknown name causes a new read, at most every 10 s."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(allowed)
        self._found: frozenset[str] = frozenset()
        self._read_at = float("-inf")

    def __contains__(self, host: object) -> bool:
        if host in self._allowed or host in self._found:
            return True
        now = time.monotonic()
        if now - self._read_at < _REFRESH_S:  # unknown names can come often
            return False
        self._read_at, self._found = now, _own_hosts()
        return host in self._found

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._allowed | self._found)

    def __len__(self) -> int:
        return len(self._allowed | self._found)


def _own_hosts() -> frozenset[str]:
    hostname = socket.gethostname().lower()
    label = host_label(hostname)
    names = {hostname, label, *(f"{label}.{domain}" for domain in LOCAL_DOMAINS)}
    return frozenset(names | {str(address) for address in all_addresses()})
