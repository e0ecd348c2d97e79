"""The certificate and the addresses of a server that is reached over https, and its set-up page."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from backend.tls.addresses import MachineNames, machine_names
from backend.tls.authority import FOLDER, Authority, read_or_make_authority
from backend.tls.leaf import read_or_make_leaf
from backend.tls.setup_page import SetupPage, TrustProbe
from backend.tls.supplied_certificate import check_pair
from backend.web.middleware import AsgiApp

EVERYWHERE = "0.0.0.0"  # noqa: S104  # over https, to paired devices
LOOPBACK_HOST = "127.0.0.1"


class HttpsConfig(Struct, frozen=True):
    """The certificate of the server, and with --lan its authority and set-up page."""

    certificate: Path
    key: Path | None = None
    """None if it is in the file of the certificate"""
    names: tuple[str, ...] = ()
    """domain names of a certificate that the user supplies"""
    lan: "Lan | None" = None


class Lan(Struct, frozen=True):
    """The server's own authority, and the set-up page on a second port."""

    authority: Authority
    machine: MachineNames
    port: int
    setup_port: int
    host: str = EVERYWHERE
    """the address to listen on"""

    @property
    def is_everywhere(self) -> bool:
        """Whether the server listens on all addresses, so that the name of the machine can be used."""
        return self.host == EVERYWHERE

    def origins(self, *, by_name: bool) -> list[str]:
        """The origins of the app, the preferred one first; `by_name` if the `.local` name resolves to this machine."""
        return [f"https://{host}:{self.port}" for host in self._hosts(by_name=by_name)]

    def page_origins(self, *, by_name: bool) -> list[str]:
        """The origins of the set-up page."""
        return [f"http://{host}:{self.setup_port}" for host in self._hosts(by_name=by_name)]

    def _hosts(self, *, by_name: bool) -> list[str]:
        if not self.is_everywhere:
            return [self.host]
        numbers = [address for address in self.machine.addresses if "." in address] or [LOOPBACK_HOST]
        return [self.machine.local_name, *numbers] if by_name else [*numbers, self.machine.local_name]

    def page(self, *, by_name: bool) -> SetupPage:
        """The set-up page as an ASGI application."""
        return SetupPage(self.authority, self.machine.label, self.origins(by_name=by_name))

    def with_probe(self, app: AsgiApp) -> AsgiApp:
        """The server with the route by which the set-up page tests the certificate."""
        return TrustProbe(app, self.page_origins(by_name=True))


def prepare_lan(
    data_dir: Path, host: str, port: int, setup_port: int, find: Callable[[], MachineNames] = machine_names
) -> HttpsConfig:
    """Read or create the authority and the certificate of this machine; DataUnusable, OSError."""
    machine = find()
    folder = data_dir / FOLDER
    authority = read_or_make_authority(folder, machine.label)
    return HttpsConfig(read_or_make_leaf(folder, authority, machine), lan=Lan(authority, machine, port, setup_port, host))


def prepare_supplied(certificate: Path, key: Path) -> HttpsConfig:
    """Check a certificate that the user supplies; CannotStart."""
    return HttpsConfig(certificate, key, check_pair(certificate, key))
