"""The address of a push service: whether this server may call it, and at which IP addresses.

A phone says where it wants to be notified, so without these rules a paired device could make the server call machines that
only the server reaches. A name is resolved here, and the connection is made to the addresses that were checked: a name that
resolves to another address a moment later (DNS rebinding) changes nothing.
"""

import asyncio
import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from itertools import zip_longest
from urllib.parse import urlsplit

from msgspec import Struct

from backend.errors import InvalidRequest, PushServiceUnreachable
from backend.process.threads import run_detached

RESOLVE_S = 5.0
MAX_ADDRESSES = 4
LOOPBACK_NAME = "localhost"
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+(?![0-9]){_LABEL}")
"""a name with a dot whose last label is no number, so that no spelling of an IP address fits"""
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 addresses behind a translator (NAT64, RFC 6052)"""
_NOT_PUBLIC = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv6Network("::/8"),  # unspecified, loopback, IPv4-mapped and IPv4-compatible
    IPv6Network("64:ff9b:1::/48"),  # local translators
    IPv6Network("2001::/23"),  # protocol assignments, Teredo with an IPv4 address inside
    IPv6Network("2002::/16"),  # 6to4, with an IPv4 address inside
    IPv6Network("fec0::/10"),  # site-local
)


class Endpoint(Struct, frozen=True):
    """The parts of an endpoint's address."""

    host: str
    port: int
    target: str
    """path and query"""

    @property
    def origin(self) -> str:
        """Scheme, host and port, which the signature is for (RFC 8292, section 2)."""
        return f"https://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and port, without the default port."""
        return self.host if self.port == 443 else f"{self.host}:{self.port}"


def read_endpoint(url: str, *, allow_loopback: bool = False) -> Endpoint:
    """Read the address of an endpoint; InvalidRequest if it is not https at a name of the public internet.

    `allow_loopback` is for tests: it also accepts the name `localhost`.
    """
    try:
        parts = urlsplit(url)
        port = 443 if parts.port is None else parts.port
    except ValueError:
        raise _refused("it is no address") from None
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise _refused("it has characters that an address cannot have")
    if parts.scheme != "https":
        raise _refused("https is needed")
    if parts.username is not None or parts.password is not None or "#" in url:
        raise _refused("it may have no user name, password or fragment")
    host = parts.hostname or ""
    is_loopback = allow_loopback and host == LOOPBACK_NAME
    if not is_loopback and not _NAME.fullmatch(host):
        raise _refused("the name of a server on the internet is needed, not an IP address")
    if not 1 <= port <= 65_535:
        raise _refused("its port is not from 1 to 65535")
    return Endpoint(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


async def public_addresses(endpoint: Endpoint, *, allow_loopback: bool = False) -> list[str]:
    """The IP addresses of an endpoint; InvalidRequest if one of them is not public, PushServiceUnreachable if there is none."""
    try:
        async with asyncio.timeout(RESOLVE_S):
            found = await run_detached(socket.getaddrinfo, endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PushServiceUnreachable(
            f"The server cannot find {endpoint.host}: see that it has a connection to the internet"
        ) from error
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    for address in addresses:
        if not is_public(address) and not (allow_loopback and _is_loopback(address)):
            raise _refused(f"{endpoint.host} is not on the public internet")
    if not addresses:
        raise PushServiceUnreachable(f"The server finds no address of {endpoint.host}")
    return _alternating(addresses)[:MAX_ADDRESSES]


def _alternating(addresses: list[str]) -> list[str]:
    """The addresses with IPv6 and IPv4 in turn, since one of the two may not work in a network."""
    first = [address for address in addresses if (":" in address) == (":" in addresses[0])]
    second = [address for address in addresses if address not in first]
    return [address for pair in zip_longest(first, second) for address in pair if address is not None]


def is_public(address: str) -> bool:
    """Whether an IP address belongs to a host of the public internet."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        if parsed.scope_id is not None or parsed.is_site_local:
            return False
        if parsed in _TRANSLATED:
            return _is_global(IPv4Address(int(parsed) & 0xFFFF_FFFF))
    return _is_global(parsed)


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified
    is_local = address.is_private or address.is_loopback or address.is_link_local
    inside = any(address.version == network.version and address in network for network in _NOT_PUBLIC)
    return address.is_global and not (is_special or is_local or inside)


def _is_loopback(address: str) -> bool:
    return ip_address(address).is_loopback


def _refused(why: str) -> InvalidRequest:
    message = f"not the address of a push service: {why}"
    return InvalidRequest(f"{message} (at /endpoint)", errors=[{"pointer": "/endpoint", "message": message}])
