"""Checks `Origin` and `Host`: pages of other sites may change nothing, and only host names of this server are accepted.

A browser sends the origin of the page, so a changing request whose `Origin` is not this host is refused. A page whose name was
rebound to the address of this server (DNS rebinding) would have a matching origin, so the `Host` must be a name or an address of
this machine, or a name that was allowed at start.
"""

import ipaddress
from collections.abc import Container
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_PROXY_ADVICE = (
    "Behind a proxy, let it pass the address of the browser on: for nginx `proxy_set_header Host $http_host;`, and start the"
    " server with --trusted-proxy"
)


def refusal(method: str, headers: dict[str, str], own_hosts: Container[str]) -> str | None:
    """Why a request is refused, or None; `method` is WEBSOCKET for a socket, which is always refused to other sites.

    `own_hosts` are names and addresses of this machine beside those of the loopback interface, in small letters.
    """
    host = headers.get("host")
    if host is not None and not _is_ours(host, own_hosts):
        return f"{host or 'An empty Host'} is not a name of this server; start it with --allow-host to allow it"
    if method in _READING:
        return None
    origin = headers.get("origin")
    if origin is not None and (host is None or not _same_place(origin, host)):
        reason = f"A page of {origin} may not change anything here"
        return f"{reason}. {_PROXY_ADVICE}" if _may_be_a_proxys(origin, host) else reason
    if origin is None and headers.get("sec-fetch-site") == "cross-site":
        return "A page of another site may not change anything here"
    return None


def is_loopback_host(host: str) -> bool:
    """Whether a `Host` header names the loopback interface, which no other machine can reach."""
    name = _name_in(host)
    if name is None:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _is_ours(host: str, own_hosts: Container[str]) -> bool:
    return is_loopback_host(host) or _name_in(host) in own_hosts


def _name_in(host: str) -> str | None:
    """The name or the address in a `Host` header, without the port; None where it has none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".") or None
    except ValueError:
        return None


def _same_place(origin: str, host: str) -> bool:
    try:
        theirs, ours = urlsplit(origin), urlsplit(f"//{host}")
        default = _DEFAULT_PORTS.get(theirs.scheme)
        return bool(theirs.hostname) and (theirs.hostname, theirs.port or default) == (ours.hostname, ours.port or default)
    except ValueError:
        return False


def _may_be_a_proxys(origin: str, host: str | None) -> bool:
    """Whether a proxy may have replaced the host, or dropped its port: a page of the host itself would be accepted."""
    if host is None:
        return True
    try:
        return urlsplit(origin).hostname == _name_in(host) or is_loopback_host(host)
    except ValueError:
        return False
