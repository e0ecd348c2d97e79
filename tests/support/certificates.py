"""For tests of certificates: a machine with fixed names, and verification by OpenSSL."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from backend.tls.addresses import MachineNames
from backend.tls.authority import CERTIFICATE, Authority, read_or_make_authority
from backend.tls.leaf import read_or_make_leaf

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MACHINE = MachineNames("studio", ("192.168.7.20", "fd00::7"))


def certified(folder: Path, machine: MachineNames = MACHINE, now: datetime = NOW) -> tuple[Authority, Path]:
    """The authority of a folder, and the file with the certificate of a machine."""
    authority = read_or_make_authority(folder, machine.label, now)
    return authority, read_or_make_leaf(folder, authority, machine, now)


def openssl_verify(folder: Path, leaf: Path, *options: str, at: datetime = NOW) -> tuple[bool, str]:
    """Whether `openssl verify` accepts a server certificate at a time, and its output."""
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-attime", str(int(at.timestamp()))]
    done = subprocess.run(
        [*command, *options, "-CAfile", str(folder / CERTIFICATE), str(leaf)], capture_output=True, text=True, check=False
    )
    return done.returncode == 0, done.stdout + done.stderr
