"""Takes client address, scheme and host from the forwarded headers (`X-Forwarded-*`) of trusted proxies only.

A server without TLS refuses requests of other machines that do not come through the proxy: they would send cookies unencrypted.
"""

import ipaddress
from collections.abc import Sequence

from backend.errors import ForeignOrigin
from backend.web.middleware import AsgiApp, Receive, Scope, Send, send_problem
from backend.web.origins import is_loopback_host
from backend.web.problem_details import problem_body
from backend.web.safe_headers import sending_safe_headers

_FOR, _PROTO, _HOST = b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"
_TLS = {"http": "https", "https": "https", "ws": "wss", "wss": "wss"}


class ForwardedHeaders:
    """ASGI middleware around the whole server."""

    def __init__(self, app: AsgiApp, proxies: Sequence[str], *, has_tls: bool) -> None:
        self._app = app
        self._trusted_networks = [ipaddress.ip_network(proxy) for proxy in proxies]
        self._has_tls = has_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        peer = scope["client"][0] if scope.get("client") else ""
        if self._is_trusted(peer):
            self._apply_headers(scope)
        elif not self._has_tls and not is_loopback_host(f"[{peer}]" if ":" in peer else peer):
            await _refuse(scope, sending_safe_headers(send))
            return
        await self._app(scope, receive, send)

    def _is_trusted(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address.version == network.version and address in network for network in self._trusted_networks)

    def _apply_headers(self, scope: Scope) -> None:
        headers = dict(scope["headers"])  # of a repeated header the last one, which the proxy added
        if (hops := headers.get(_FOR)) is not None and (client := self._client_in(hops.decode("latin-1"))):
            scope["client"] = (client, 0)
        if headers.get(_PROTO, b"").strip().lower() in (b"https", b"wss"):
            scope["scheme"] = _TLS.get(scope["scheme"], scope["scheme"])
        if host := headers.get(_HOST, b"").rpartition(b",")[2].strip():
            scope["headers"] = [(name, host if name.lower() == b"host" else value) for name, value in scope["headers"]]

    def _client_in(self, hops: str) -> str | None:
        """The last address that is not a trusted proxy; a client can forge everything before it."""
        for hop in reversed([part.strip() for part in hops.split(",")]):
            if not self._is_trusted(hop):
                try:
                    return str(ipaddress.ip_address(hop))
                except ValueError:
                    return None
        return None


async def _refuse(scope: Scope, send: Send) -> None:
    reason = "This server accepts requests of its proxy only: open the address of the proxy"
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4403, "reason": reason})
    else:
        await send_problem(send, problem_body(ForeignOrigin(reason)))
