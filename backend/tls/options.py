"""Checks the options of `serve` for address, certificate, proxy and pairing."""

import argparse
import ipaddress
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from backend.errors import CannotStart

if TYPE_CHECKING:
    from backend.tls.https_config import HttpsConfig

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104  # over https, to paired devices
PORT, LAN_PORT = 8000, 8443
_HINT = (
    "would serve other devices over plain http, which anybody in the network can read and change. `make phone` (or"
    " `model-studio serve --lan`) serves them over https; --tls-cert takes a certificate of yours, and --trusted-proxy names a"
    " proxy that has one (docs/phone.md)"
)


class Address(Struct, frozen=True):
    """The address to listen on, with certificate, proxies and pairing."""

    host: str
    port: int
    proxies: tuple[str, ...] = ()
    certificate: "HttpsConfig | None" = None
    setup_port: int | None = None
    """port of the set-up page; None without --lan"""
    requires_pairing: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The domain names in a certificate that the user supplies."""
        return self.certificate.names if self.certificate is not None else ()

    def https_config(self, data_dir: Path) -> "HttpsConfig | None":
        """The certificate; with --lan it is created in the data directory. DataUnusable, OSError."""
        if self.setup_port is not None:
            from backend.tls.https_config import prepare_lan

            return prepare_lan(data_dir, self.host, self.port, self.setup_port)
        return self.certificate


def read_address(options: argparse.Namespace) -> Address:
    """Check the options; CannotStart with a message that says what to do."""
    proxies = tuple(_checked_proxy(text) for text in options.trusted_proxy)
    if (options.tls_cert is None) != (options.tls_key is None):
        raise CannotStart("--tls-cert and --tls-key belong together: give both")
    if options.lan and options.tls_cert is not None:
        raise CannotStart("--lan makes a certificate of its own: leave out either --lan or --tls-cert and --tls-key")
    if options.lan and options.port == options.setup_port:
        raise CannotStart("The set-up page needs a port of its own: give --setup-port another number than --port")
    host = options.host or (EVERYWHERE if options.lan else LOOPBACK)
    port = options.port if options.port is not None else LAN_PORT if options.lan else PORT
    is_local = _is_loopback(host)
    if not (is_local or options.lan or options.tls_cert or proxies):
        raise CannotStart(f"--host {host} {_HINT}")
    return Address(
        host,
        port,
        proxies,
        _supplied(options.tls_cert, options.tls_key) if options.tls_cert is not None else None,
        options.setup_port if options.lan else None,
        requires_pairing=options.require_pairing or options.lan or not is_local,
    )


def _supplied(certificate: Path, key: Path) -> "HttpsConfig":
    from backend.tls.https_config import prepare_supplied  # cryptography takes a while to load

    return prepare_supplied(certificate, key)


def _checked_proxy(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise CannotStart(
            f"--trusted-proxy {text} is no address: give the address from which the proxy calls, such as 127.0.0.1, or a network"
            " such as 172.18.0.0/16"
        ) from None


def _is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on that host; an unknown host is reported by the checks at the start."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found)
