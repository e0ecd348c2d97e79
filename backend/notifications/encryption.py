"""Encrypts a message for one browser (RFC 8291) and signs the request for its push service (RFC 8292).

The libraries are imported when they are first needed: they take longer to load than the rest of the server.
"""

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from backend.pairing.registry import NotifiedDevice

PADDED_BYTES = 1024
"""every message has this length, so that its size says nothing about names and scores"""
EXPIRES_S = 12 * 3600
"""lifetime of a signature; push services accept up to a day"""


def encrypt(content: bytes, device: NotifiedDevice) -> bytes:
    """Encrypt the content, padded with spaces, which JSON allows after a document, as a body of `aes128gcm`."""
    from pywebpush import WebPusher  # type: ignore[import-untyped]

    assert len(content) <= PADDED_BYTES, "the content is too long"
    keys = {"p256dh": device.p256dh, "auth": device.auth}
    encrypted = WebPusher({"endpoint": device.endpoint, "keys": keys}).encode(content.ljust(PADDED_BYTES), "aes128gcm")
    body: bytes = encrypted["body"]
    return body


def authorization(key: EllipticCurvePrivateKey, origin: str, contact: str, now_s: float) -> str:
    """The value of the header `Authorization`: a token for one push service with the public key."""
    from py_vapid import Vapid02  # type: ignore[import-untyped]

    headers: dict[str, str] = Vapid02(key).sign({"aud": origin, "exp": int(now_s) + EXPIRES_S, "sub": contact})
    return headers["Authorization"]
