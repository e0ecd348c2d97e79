"""The certificate of this machine, signed by the server's authority, for its current names and addresses."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from backend.tls.addresses import MachineNames
from backend.tls.authority import CLOCK_ERROR, LAST_DAYS, Authority, key_usage
from backend.tls.private_files import write_private

LEAF = "server.pem"
"""key and certificate in one file"""
LIFETIME = timedelta(days=397)
"""iOS accepts at most 825 days from an authority that a user installed, browsers at most 398 from a public one"""


def read_or_make_leaf(folder: Path, authority: Authority, names: MachineNames, now: datetime | None = None) -> Path:
    """The file with key and certificate, created again when names or addresses have changed or it expires soon; OSError."""
    now = now or datetime.now(UTC)
    path = folder / LEAF
    if not path.exists() or not _is_good(path, authority, names, now):
        write_private(path, make_leaf(authority, names, now))
    return path


def _is_good(path: Path, authority: Authority, names: MachineNames, now: datetime) -> bool:
    text = path.read_bytes()
    try:
        certificate = x509.load_pem_x509_certificate(text)
        key = load_pem_private_key(text, None)
        certificate.verify_directly_issued_by(authority.certificate)
        stated = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return (
        isinstance(key, EllipticCurvePrivateKey)
        and key.public_key() == certificate.public_key()
        and set(stated) == set(_alternative_names(names))
        and certificate.not_valid_before_utc <= now
        and certificate.not_valid_after_utc - now > LAST_DAYS
    )


def make_leaf(authority: Authority, names: MachineNames, now: datetime) -> bytes:
    """A new key with its certificate, as PEM."""
    key = generate_private_key(SECP256R1())
    start = now - CLOCK_ERROR
    issuer = authority.certificate
    builder = (
        x509.CertificateBuilder(issuer_name=issuer.subject, public_key=key.public_key())
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names.local_name[:64])]))
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(min(start + LIFETIME, issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(_alternative_names(names)), critical=False)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    certificate = builder.sign(authority.key, hashes.SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret + certificate.public_bytes(Encoding.PEM)


def _alternative_names(names: MachineNames) -> list[x509.GeneralName]:
    domains: list[x509.GeneralName] = [x509.DNSName(name) for name in names.domain_names]
    return domains + [x509.IPAddress(ipaddress.ip_address(address)) for address in names.certified_addresses]
