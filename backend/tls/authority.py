"""The certificate authority of one server: created once, and limited to private addresses and local names.

A stolen key can impersonate machines of a local network to phones that trust it, but no site of the internet: the name
constraints (RFC 5280, 4.2.1.10) are critical, so a client that does not support them rejects the chain.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID
from msgspec import Struct

from backend.errors import DataUnusable
from backend.tls.addresses import LOCAL_DOMAINS, PRIVATE_NETWORKS
from backend.tls.private_files import close_to_others, write_private

FOLDER = "tls"
AUTHORITY = "authority.pem"
"""key and certificate in one file, so that they are replaced together"""
CERTIFICATE = "ca.crt"
LIFETIME = timedelta(days=3650)
LAST_DAYS = timedelta(days=30)
"""a certificate that expires sooner is replaced"""
CLOCK_ERROR = timedelta(days=1)
"""how far the clock of a phone may be behind; certificates are backdated by this"""


class Authority(Struct, frozen=True):
    """The key and the certificate."""

    key: EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate in the form that phones install."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def name(self) -> str:
        """The name under which a phone lists the certificate."""
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in pairs of hexadecimal digits."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def read_or_make_authority(folder: Path, label: str, now: datetime | None = None) -> Authority:
    """The authority of a folder, created if there is none or it expires soon; DataUnusable if its file is damaged, OSError."""
    now = now or datetime.now(UTC)
    path = folder / AUTHORITY
    if path.exists():
        authority = _read(path)
        close_to_others(path)
        if authority.certificate.not_valid_after_utc - now > LAST_DAYS:
            return authority
    authority = make_authority(label, now)
    secret = authority.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate = authority.certificate.public_bytes(Encoding.PEM)
    write_private(path, secret + certificate)
    (folder / CERTIFICATE).write_bytes(certificate)
    return authority


def _read(path: Path) -> Authority:
    text = path.read_bytes()
    try:
        key = load_pem_private_key(text, None)
        certificate = x509.load_pem_x509_certificate(text)
        if not isinstance(key, EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ValueError("the key is not that of the certificate")
    except (ValueError, TypeError) as error:
        raise DataUnusable(
            f"{path} is damaged ({error}): put a copy of it back, or delete it; a new one is then made, which every phone must"
            " trust anew"
        ) from error
    return Authority(key, certificate)


def make_authority(label: str, now: datetime) -> Authority:
    """A new key and its self-signed certificate for a machine of this name."""
    key = generate_private_key(SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Model Studio"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Model Studio on {label}"[:64]),
        ]
    )
    names: list[x509.GeneralName] = [x509.DNSName(domain) for domain in LOCAL_DOMAINS]
    names += [x509.IPAddress(network) for network in PRIVATE_NETWORKS]
    builder = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_ERROR)
        .not_valid_after(now - CLOCK_ERROR + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=names, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Authority(key, builder.sign(key, hashes.SHA256()))


def key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """The key usage of an authority, or of a TLS server."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
