"""Checks certificates by a TLS handshake in memory, with the standard library only."""

import ssl
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from backend.doctor.finding import Finding, ok, problem, warning

NAME = "Certificate"
AUTHORITY = ("tls", "authority.pem")
"""path in the data folder: key and certificate of the server's own authority"""
SOON = timedelta(days=30)
RENEW = "renew it, and start the server again"
_EXPIRED, _NOT_YET = 10, 9
"""codes of OpenSSL (X509_V_ERR_...)"""


def check_certificate(certificate: Path, key: Path, now: float | None = None) -> Finding:
    """Whether the files of `--tls-cert` and `--tls-key` belong together and are valid for longer than a month."""
    now = time.time() if now is None else now
    try:
        found = _handshake(certificate, key)
    except FileNotFoundError as error:
        return problem(NAME, f"{error.filename or certificate} does not exist", "give the paths of the certificate and its key")
    except PermissionError as error:
        return problem(NAME, f"{error.filename or key} cannot be read", "let the user of the server read it")
    except ssl.SSLCertVerificationError as error:
        if error.verify_code == _EXPIRED:
            return problem(NAME, f"{certificate} has expired", RENEW)
        if error.verify_code == _NOT_YET:
            return problem(NAME, f"{certificate} is not valid yet", "set the clock of this machine, or make a new certificate")
        return problem(NAME, f"{certificate} cannot be used ({error.verify_message})", "make a new certificate")
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        return problem(
            NAME, f"{certificate} and {key} do not work together ({reason})", "give a certificate in PEM form and its own key"
        )
    return _by_end(NAME, str(certificate), ssl.cert_time_to_seconds(found["notAfter"]), now, RENEW)


def check_authority(data_dir: Path, now: float | None = None) -> Finding:
    """Whether the server's own authority, if there is one, is readable by its owner only and valid for longer than a month."""
    path = data_dir.joinpath(*AUTHORITY)
    if not path.exists():
        return ok("Authority", "none; `model-studio serve --lan` makes one")
    if path.stat().st_mode & 0o077:
        return problem("Authority", f"other users may read {path}, which has its key", f"run `chmod 600 {path}`")
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(path)
        ends = [ssl.cert_time_to_seconds(str(found["notAfter"])) for found in context.get_ca_certs()]
    except (OSError, ssl.SSLError) as error:
        advice = f"move {path} away; the next `model-studio serve --lan` makes a new one, which phones must install"
        return problem("Authority", f"{path} cannot be read ({getattr(error, 'reason', None) or error})", advice)
    if not ends:
        return problem("Authority", f"{path} has no certificate of an authority", f"move {path} away, and start with --lan again")
    again = "start the server with --lan, which makes a new one, and install it on the phones"
    return _by_end("Authority", str(path), min(ends), time.time() if now is None else now, again)


def _by_end(name: str, what: str, end: float, now: float, advice: str) -> Finding:
    days = int((end - now) / 86_400)
    if end <= now:
        return problem(name, f"{what} has expired", advice)
    if end - now < SOON.total_seconds():
        return warning(name, f"{what} ends in {days} days", advice)
    return ok(name, f"{what} is valid for {days:,} days")


def _handshake(certificate: Path, key: Path) -> dict[str, Any]:
    """Connect a client that trusts only this certificate to a server that uses it; returns what the client received."""
    for path in (certificate, key):
        path.open("rb").close()
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    trusting.load_verify_locations(certificate)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server)
    server = served.wrap_bio(to_server, to_client, server_side=True)
    is_done = False
    while not is_done:
        is_done = True
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                is_done = False
    found = client.getpeercert()
    assert found is not None  # it was verified
    return dict(found)
