"""The built app, read into memory at start: each path with its bytes, compressed forms and cache time."""

import hashlib
import mimetypes
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from backend.web.etag import names, quoted
from backend.web.middleware import Message, Receive, Scope, Send, send_plain_problem

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
    ".whl": "application/zip",
    ".onnx": "application/octet-stream",
}
_CODINGS = {".br": "br", ".gz": "gzip"}
_FOREVER = ("/assets/", "/rt/", "/ort/")
"""folders whose paths change with their content: a hash or a version is in them"""
_NO_PAGES = (*_FOREVER, "/api/", "/schema/", "/ws/")
_INDEX = "/index.html"


class StaticFile(Struct, frozen=True):
    """One file in one coding, ready to be sent."""

    data: bytes
    coding: str | None
    etag: str


class StaticApp:
    """Serves a folder that does not change while the server runs; a path without a dot is a route of the app."""

    def __init__(self, folder: Path) -> None:
        self._files = {path: list(files) for path, files in _read(folder)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 4404})
            return
        path = self._find(scope["path"])
        if path is None:
            detail = "There is no such file" if self._files else "The app has not been built: run `make build`"
            await send_plain_problem(send, 404, detail)
            return
        if scope["method"] not in ("GET", "HEAD"):
            await send_plain_problem(send, 405, "The app's files can only be read")
            return
        await self._send(path, dict(scope["headers"]), send, with_body=scope["method"] == "GET")

    def _find(self, path: str) -> str | None:
        if path in self._files:
            return path
        is_page = "." not in path.rsplit("/", 1)[-1] and not f"{path}/".startswith(_NO_PAGES)
        return _INDEX if is_page and _INDEX in self._files else None

    async def _send(self, path: str, headers: dict[bytes, bytes], send: Send, *, with_body: bool) -> None:
        accepted = _accepted(headers.get(b"accept-encoding", b"").decode("latin-1"))
        file = next(file for file in self._files[path] if file.coding is None or file.coding in accepted)
        response_headers = [
            ("etag", quoted(file.etag)),
            ("cache-control", "public, max-age=31536000, immutable" if path.startswith(_FOREVER) else "no-cache"),
            ("content-security-policy", CONTENT_SECURITY_POLICY),
            ("vary", "accept-encoding"),
        ]
        if names(headers.get(b"if-none-match", b"").decode("latin-1"), file.etag):
            await _respond(send, 304, response_headers, b"")
            return
        response_headers += [("content-type", _kind(path)), ("content-length", str(len(file.data)))]
        if file.coding is not None:
            response_headers.append(("content-encoding", file.coding))
        await _respond(send, 200, response_headers, file.data if with_body else b"")


async def _respond(send: Send, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    start: Message = {"type": "http.response.start", "status": status}
    start["headers"] = [(name.encode(), value.encode()) for name, value in headers]
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _read(folder: Path) -> Iterator[tuple[str, list[StaticFile]]]:
    """Every file of the folder with its compressed forms, the smallest first and the plain one last."""
    if not folder.is_dir():
        return
    paths = {path for path in folder.rglob("*") if path.is_file()}
    for path in sorted(paths):
        if path.suffix in _CODINGS and path.with_suffix("") in paths:
            continue
        forms = [
            _static_file(sibling, coding)
            for suffix, coding in _CODINGS.items()
            if (sibling := path.with_name(path.name + suffix)) in paths
        ]
        yield "/" + path.relative_to(folder).as_posix(), [*forms, _static_file(path, None)]


def _static_file(path: Path, coding: str | None) -> StaticFile:
    data = path.read_bytes()
    return StaticFile(data, coding, hashlib.sha256(data).hexdigest()[:20])


def _accepted(header: str) -> set[str]:
    offers = [offer.replace(" ", "").split(";q=") for offer in header.lower().split(",")]
    return {offer[0] for offer in offers if len(offer) == 1 or offer[1].strip("0.") != ""}


def _kind(path: str) -> str:
    suffix = Path(path).suffix
    return _KINDS.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
