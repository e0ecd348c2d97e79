"""The set-up page over plain http: the certificate of the authority, its fingerprint, and how to trust it."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import msgspec

from backend.tls.authority import Authority
from backend.tls.illustrations import pictures
from backend.tls.profile import configuration_profile
from backend.web.middleware import AsgiApp, Receive, Scope, Send, send_plain_problem
from backend.web.safe_headers import sending_safe_headers

_PAGE = Path(__file__).parent / "page"
TRUSTED_PATH = "/setup/trusted"
"""a route of the server over https; the page requests it to test whether the phone trusts the certificate"""


class SetupPage:
    """An ASGI application that serves five files."""

    def __init__(self, authority: Authority, label: str, origins: Sequence[str]) -> None:
        policy = f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src {' '.join(origins)}; base-uri 'none';"
        self._headers = [
            ("content-security-policy", f"{policy} form-action 'none'; frame-ancestors 'none'"),
            ("cache-control", "no-store"),
        ]
        self._files: dict[str, tuple[str, bytes]] = {
            "/": ("text/html; charset=utf-8", _page(authority, label, origins).encode()),
            "/setup.css": ("text/css; charset=utf-8", (_PAGE / "setup.css").read_bytes()),
            "/setup.js": ("text/javascript; charset=utf-8", (_PAGE / "setup.js").read_bytes()),
            "/ca.crt": ("application/x-x509-ca-cert", authority.der),
            "/model-studio.mobileconfig": ("application/x-apple-aspen-config", configuration_profile(authority)),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        send = sending_safe_headers(send)
        found = self._files.get(scope["path"])
        if found is None:
            await send_plain_problem(send, 404, "This is the set-up page; the app is at the https address that it shows")
            return
        if scope["method"] not in ("GET", "HEAD"):
            await send_plain_problem(send, 405, "The set-up page can only be read")
            return
        kind, data = found
        headers = [("content-type", kind), ("content-length", str(len(data))), *self._headers]
        raw = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": data if scope["method"] == "GET" else b""})


def _page(authority: Authority, label: str, origins: Sequence[str]) -> str:
    texts = {
        "origins": msgspec.json.encode(list(origins)).decode(),
        "label": label,
        "authority": authority.name,
        "fingerprint": authority.fingerprint.replace(":", " "),
        "app": f"{origins[0]}/",
    }
    page = (_PAGE / "index.html").read_text("utf-8")
    for name, text in texts.items():
        page = page.replace("{{" + name + "}}", escape(text))
    for name, drawing in pictures(authority.name).items():
        page = page.replace("{{picture:" + name + "}}", drawing)
    return page


class TrustProbe:
    """ASGI middleware that answers 204 to `TRUSTED_PATH`, readable by the set-up page, which has another origin."""

    def __init__(self, app: AsgiApp, page_origins: Sequence[str]) -> None:
        self._app = app
        self._page_origins = frozenset(page_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"] != TRUSTED_PATH:
            await self._app(scope, receive, send)
            return
        send = sending_safe_headers(send)
        origin = dict(scope["headers"]).get(b"origin", b"").decode("latin-1")
        headers = [(b"cache-control", b"no-store"), (b"vary", b"origin")]
        if origin in self._page_origins:
            headers.append((b"access-control-allow-origin", origin.encode("latin-1")))
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
