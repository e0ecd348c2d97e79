"""Which origins and host names are allowed: no page of another site may change anything, and no foreign name may be used.

A browser sends the origin of the page, so a changing request whose `Origin` is not this host is refused. A page whose name was
rebound to the address of this server (DNS rebinding) would have a matching origin, so the `Host` must be an address, a name of
the local network or a name that was allowed at start.
"""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

_LOCAL_ENDINGS = (".local", ".localhost", ".lan", ".internal", ".home.arpa")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def refusal(method: str, headers: dict[str, str], allowed_hosts: Collection[str]) -> str | None:
    """Why a request is refused, or None; `method` is WEBSOCKET for a socket, which is always refused to other sites."""
    host = headers.get("host")
    if host is not None and not _is_ours(host, allowed_hosts):
        return f"{host} is not a name of this server; start it with --allow-host to allow it"
    if method in _READING:
        return None
    origin = headers.get("origin")
    if origin is not None and (host is None or not _same_place(origin, host)):
        return f"A page of {origin} may not change anything here"
    if origin is None and headers.get("sec-fetch-site") == "cross-site":
        return "A page of another site may not change anything here"
    return None


def _is_ours(host: str, allowed_hosts: Collection[str]) -> bool:
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if name in allowed_hosts or "." not in name or name.endswith(_LOCAL_ENDINGS):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same_place(origin: str, host: str) -> bool:
    try:
        theirs, ours = urlsplit(origin), urlsplit(f"//{host}")
        default = _DEFAULT_PORTS.get(theirs.scheme)
        return bool(theirs.hostname) and (theirs.hostname, theirs.port or default) == (ours.hostname, ours.port or default)
    except ValueError:
        return False
