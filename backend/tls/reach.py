"""How devices reach a server: by which addresses, with which certificate, and which page helps them to trust it."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from backend.tls.addresses import MachineNames, machine_names
from backend.tls.authority import FOLDER, Authority, read_or_make_authority
from backend.tls.leaf import read_or_make_leaf
from backend.tls.own_certificate import check_pair
from backend.tls.setup_page import SetupPage, TrustProbe
from backend.web.middleware import AsgiApp

EVERYWHERE = "0.0.0.0"  # noqa: S104  # over https, to paired devices
LOOPBACK_HOST = "127.0.0.1"


class Reach(Struct, frozen=True):
    """What a server needs beside its settings to be reached over https."""

    certificate: Path
    key: Path | None = None
    """None where it is in the same file"""
    names: tuple[str, ...] = ()
    """domain names of a certificate from elsewhere"""
    lan: "Lan | None" = None


class Lan(Struct, frozen=True):
    """The own authority, and the page on a second port."""

    authority: Authority
    machine: MachineNames
    port: int
    setup_port: int
    host: str = EVERYWHERE
    """the address that is listened on"""

    @property
    def is_everywhere(self) -> bool:
        """Whether the server listens on all addresses, so that the name of the machine leads to it."""
        return self.host == EVERYWHERE

    def origins(self, *, by_name: bool) -> list[str]:
        """The addresses of the app, the one to use first; by the number alone where the name does not lead here."""
        return [f"https://{host}:{self.port}" for host in self._hosts(by_name=by_name)]

    def page_origins(self, *, by_name: bool) -> list[str]:
        """The addresses of the set-up page."""
        return [f"http://{host}:{self.setup_port}" for host in self._hosts(by_name=by_name)]

    def _hosts(self, *, by_name: bool) -> list[str]:
        if not self.is_everywhere:
            return [self.host]
        numbers = [address for address in self.machine.addresses if "." in address] or [LOOPBACK_HOST]
        return [self.machine.local_name, *numbers] if by_name else [*numbers, self.machine.local_name]

    def page(self, *, by_name: bool) -> SetupPage:
        """The set-up page."""
        return SetupPage(self.authority, self.machine.label, self.origins(by_name=by_name))

    def with_probe(self, app: AsgiApp) -> AsgiApp:
        """The server, which also tells the set-up page that it is trusted."""
        return TrustProbe(app, self.page_origins(by_name=True))


def prepare_lan(data_dir: Path, host: str, port: int, setup_port: int, find: Callable[[], MachineNames] = machine_names) -> Reach:
    """Make or read the authority and the certificate of this machine; DataUnusable, OSError."""
    machine = find()
    folder = data_dir / FOLDER
    authority = read_or_make_authority(folder, machine.label)
    return Reach(read_or_make_leaf(folder, authority, machine), lan=Lan(authority, machine, port, setup_port, host))


def prepare_own(certificate: Path, key: Path) -> Reach:
    """Check a certificate from elsewhere; CannotStart."""
    return Reach(certificate, key, check_pair(certificate, key))
