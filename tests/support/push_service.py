"""For tests of notifications: a push service on this machine, and a browser that can read what it receives.

Decryption (RFC 8291, RFC 8188) and the check of signatures (RFC 8292) are written out here, so that a test does not compare the
library of the server with itself.
"""

import base64
import json
import secrets
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from backend.tls.addresses import MachineNames
from backend.tls.authority import make_authority
from backend.tls.leaf import make_leaf

from .waiting import wait_until

HEADER_BYTES = 21
"""salt, record size, length of the key id (RFC 8188, section 2.1)"""
KEY_BYTES = 65


class Received(Struct, frozen=True):
    """A request to the push service."""

    path: str
    headers: dict[str, str]
    """with names in lower case"""
    body: bytes


class Answer(Struct, frozen=True):
    """How the push service is to answer."""

    status: int = 201
    headers: dict[str, str] = {}


class PushService:
    """What it has received, and how it answers; each path has answers of its own, of which the last is repeated."""

    def __init__(self, port: int, authority: Path) -> None:
        self.origin = f"https://localhost:{port}"
        self.authority = authority
        self.received: list[Received] = []
        self.answers: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()

    def take(self, received: Received) -> Answer:
        """Note a request, and give its answer."""
        with self._lock:
            self.received.append(received)
            answers = self.answers.get(received.path, [Answer()])
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def wait_for(self, count: int) -> list[Received]:
        """Wait until this number of requests has arrived."""
        wait_until(lambda: len(self.received) >= count)
        return self.received[:count]


class Browser:
    """The subscription of a browser, with its secret keys."""

    def __init__(self, service: PushService, path: str = "/push/one?token=1") -> None:
        self.endpoint = service.origin + path
        self._key = generate_private_key(SECP256R1())
        self._auth = secrets.token_bytes(16)

    @property
    def subscription(self) -> dict[str, Any]:
        """What the app sends to the server."""
        return {"endpoint": self.endpoint, "keys": {"p256dh": to_base64url(self._point), "auth": to_base64url(self._auth)}}

    @property
    def _point(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def decrypt(self, body: bytes) -> bytes:
        """The content of a message for this browser (RFC 8291, section 3.4); InvalidTag if it is for another one."""
        salt, length = body[:16], body[HEADER_BYTES - 1]
        record_size = int.from_bytes(body[16:20], "big")
        assert length == KEY_BYTES
        sender = body[HEADER_BYTES : HEADER_BYTES + length]
        encrypted = body[HEADER_BYTES + length :]
        assert len(encrypted) <= record_size, "one record"
        shared = self._key.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), sender))
        secret = derive(self._auth, shared, b"WebPush: info\0" + self._point + sender, 32)
        key = derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(salt, secret, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, encrypted, None).rstrip(b"\0")
        assert padded[-1] == 2, "the last record"
        return padded[:-1]

    def message(self, received: Received) -> dict[str, Any]:
        """The message in a request."""
        content: dict[str, Any] = json.loads(self.decrypt(received.body))
        return content


def derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256."""
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def signed_claims(authorization: str) -> tuple[dict[str, Any], str]:
    """The claims of a signature and the public key that made it; InvalidSignature."""
    scheme, _, parameters = authorization.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in parameters.split(","))
    header, claims, signature = parts["t"].split(".")
    assert json.loads(from_base64url(header)) == {"typ": "JWT", "alg": "ES256"}
    raw = from_base64url(signature)
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), from_base64url(parts["k"]))
    key.verify(der, f"{header}.{claims}".encode(), ECDSA(hashes.SHA256()))
    return json.loads(from_base64url(claims)), parts["k"]


def to_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@contextmanager
def push_service(folder: Path) -> Iterator[PushService]:
    """A push service at `https://localhost`, whose authority is a file in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    authority = make_authority("push", now)
    authority_file, certificate = folder / "authority.crt", folder / "certificate.pem"
    authority_file.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    certificate.write_bytes(make_leaf(authority, MachineNames("push", ()), now))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = service.take(Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(answer.status)
            for name, value in {"content-length": "0", **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def do_GET(self) -> None:
            service.take(Received(f"GET {self.path}", {}, b""))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name of the base class
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a client that refuses the certificate

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        service = PushService(server.server_address[1], authority_file)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
