"""Python as the phone runs it: a page in Chromium with one worker that validates designs and reports the time."""

import json
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from playwright.sync_api import Page, sync_playwright

from tests.support.browser import launch_options

ROOT = Path(__file__).parent.parent
PACK = ROOT / "pwa" / "public" / "rt"
NPM = ROOT / "node_modules" / "pyodide"
PAGE = ROOT / "benchmarks" / "phone_page"
VARIANTS = ("pack", "stock")


class _Handler(SimpleHTTPRequestHandler):
    """Serves files as immutable, with cross-origin isolation, which gives the page a precise clock."""

    extensions_map: ClassVar[dict[str, str]] = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def end_headers(self) -> None:
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cache-Control", "public, max-age=31536000, immutable")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@contextmanager
def served(folder: str) -> Iterator[str]:
    """Serve the files of a folder; yields the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def site() -> Iterator[str]:
    """Serve both variants; yields the address."""
    with tempfile.TemporaryDirectory() as folder:
        _lay_out(Path(folder))
        with served(folder) as address:
            yield address


def _lay_out(root: Path) -> None:
    """Link the app's pack and npm's files into one folder, with a zip of what stock Pyodide unpacks."""
    (root / "rt").symlink_to(PACK)
    (root / "npm").symlink_to(NPM)
    for file in PAGE.iterdir():
        (root / file.name).symlink_to(file)
    pack = json.loads((PACK / "pack.json").read_text())
    common = {"lock": pack["lock"], "sitePackages": pack["sitePackages"]}
    ours = {"indexURL": pack["runtime"], "stdLibURL": pack["stdlib"], "packages": pack["packages"]}
    stock = {"indexURL": "/npm/", "stdLibURL": "/npm/python_stdlib.zip", "packages": "/stock.zip"}
    (root / "pack.json").write_text(json.dumps(ours | common))
    (root / "stock.json").write_text(json.dumps(stock | common))
    (wheel,) = (ROOT / "build" / "pack").glob("msgspec-*.whl")
    with zipfile.ZipFile(root / "stock.zip", "w", zipfile.ZIP_DEFLATED) as target, zipfile.ZipFile(wheel) as source:
        for item in source.infolist():
            target.writestr(item, source.read(item))
        for path in sorted((ROOT / "shared_py").rglob("*")):
            if path.suffix in (".py", ".json"):
                target.write(path, path.relative_to(ROOT))


class PhonePython:
    """A worker that runs Python."""

    def __init__(self, page: Page, address: str, variant: str) -> None:
        self._page = page
        page.goto(f"{address}/index.html")
        page.evaluate(
            """variant => new Promise((resolve, reject) => {
                window.worker = new Worker(`worker.mjs#${variant}`, { type: 'module' })
                worker.onerror = (event) => reject(new Error(event.message))
                worker.onmessage = () => resolve()
            })""",
            variant,
        )

    def call(self, name: str, *texts: str) -> list[dict[str, Any]]:
        """Validate or generate code in the worker, one design after the other.

        For each the `ms` of the call, its `output`, and `sinceStartMs`, the time since the worker started.
        """
        answers: list[dict[str, Any]] = self._page.evaluate(
            """request => new Promise((resolve) => {
                worker.onmessage = (event) => resolve(event.data)
                worker.postMessage(request)
            })""",
            {"name": name, "texts": texts},
        )
        return answers

    def stay(self, milliseconds: float) -> None:
        """Leave the page open."""
        self._page.wait_for_timeout(milliseconds)


@contextmanager
def phone_python(address: str, variant: str, profile: Path) -> Iterator[PhonePython]:
    """A new browser with a stored profile, so that a second start finds cached files, like the app."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(profile, headless=True, **launch_options(playwright))
        try:
            yield PhonePython(context.new_page(), address, variant)
        finally:
            context.close()
