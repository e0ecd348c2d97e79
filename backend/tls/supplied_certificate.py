"""Checks a certificate that the user supplies (`--tls-cert`) before the server starts."""

import ssl
from pathlib import Path

from cryptography import x509

from backend.errors import CannotStart


def check_pair(certificate: Path, key: Path) -> tuple[str, ...]:
    """The domain names of a certificate; CannotStart if a file is missing or unreadable, or the two do not belong together."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except FileNotFoundError as error:
        missing = certificate if not certificate.exists() else key
        raise CannotStart(f"{missing} does not exist: give --tls-cert and --tls-key the files of a certificate") from error
    except (OSError, ssl.SSLError) as error:
        raise CannotStart(
            f"{certificate} and {key} cannot be used ({error}): give --tls-cert a certificate as PEM, and --tls-key its key"
            " without a password"
        ) from error
    return _names_in(certificate)


def _names_in(path: Path) -> tuple[str, ...]:
    certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(name.lower() for name in names.get_values_for_type(x509.DNSName) if not name.startswith("*"))
