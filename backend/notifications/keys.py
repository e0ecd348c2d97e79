"""The key pair by which push services recognise this server (VAPID, RFC 8292); created once, as subscriptions are bound to it."""

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from backend.errors import DataUnusable
from backend.tls.private_files import close_to_others, write_private

FILE = "vapid.pem"


def read_key(data_dir: Path) -> EllipticCurvePrivateKey | None:
    """The key of a data directory; None if there is none. DataUnusable if its file is damaged, OSError."""
    path = data_dir / FILE
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    close_to_others(path)
    try:
        key = load_pem_private_key(text, None)
        if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
            raise ValueError("it is no key of P-256")
    except (ValueError, TypeError) as error:
        raise DataUnusable(
            f"{path} is damaged ({error}): put a copy of it back, or delete it; notifications must then be turned on anew"
        ) from error
    return key


def make_key(data_dir: Path) -> EllipticCurvePrivateKey:
    """Create the key of a data directory, readable by its owner only; OSError."""
    key = generate_private_key(SECP256R1())
    write_private(data_dir / FILE, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key


def public_text(key: EllipticCurvePrivateKey) -> str:
    """The public key as browsers and push services read it: an uncompressed point in base64url."""
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def is_public_key(text: str) -> bool:
    """Whether a text in base64url is a point of P-256, as the public key of a browser has to be."""
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), base64.urlsafe_b64decode(text.rstrip("=") + "="))
    except ValueError:
        return False
    return True
