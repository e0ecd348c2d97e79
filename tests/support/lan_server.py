"""For browser tests: `serve --lan` on the loopback interface, and a Chromium with certificates of its own."""

import re
import shutil
import socket
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Playwright

from backend.pairing.registry import open_registry
from backend.tls.authority import CERTIFICATE, FOLDER
from shared_py.protocol import Device

from .browser import START_SECONDS, launch_options, wait_until
from .server_starter import ForkedServer

CODE = re.compile(r"Pairing code:\s+(\S+)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class LanServer:
    """A server with its own authority on the loopback interface; devices must be paired."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port, self.page_port = free_port(), free_port()
        self.url, self.page_url = f"https://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.page_port}"
        self.process: ForkedServer | None = None

    def start(self) -> None:
        """Start it, and wait until it has shown a code and serves the set-up page."""
        options = ["serve", "--lan", "--host", "127.0.0.1", "--port", str(self.port), "--setup-port", str(self.page_port)]
        options += ["--data-dir", str(self.data), "--measure-after", "0", "--no-preload", "--no-prepare"]
        self.process = ForkedServer("backend.cli", options, self.data / "server.log")
        wait_until(self.is_ready, START_SECONDS)

    def is_ready(self) -> bool:
        assert self.process is None or self.process.poll() is None, self.said
        with suppress(OSError), urllib.request.urlopen(self.page_url, timeout=10):
            return CODE.search(self.said) is not None
        return False

    @property
    def said(self) -> str:
        """Its output."""
        return (self.data / "server.log").read_text()

    @property
    def code(self) -> str:
        """The pairing code shown at the start."""
        found = CODE.search(self.said)
        assert found is not None
        return found[1]

    def new_code(self) -> str:
        """Create another pairing code."""
        with open_registry(self.data) as registry:
            return registry.make_code()

    def devices(self) -> list[Device]:
        """The paired devices."""
        with open_registry(self.data) as registry:
            return registry.devices()

    def health(self) -> int:
        """The status of a health check by a client that trusts the authority."""
        context = ssl.create_default_context(cafile=self.data / FOLDER / CERTIFICATE)
        with urllib.request.urlopen(f"{self.url}/api/health", timeout=10, context=context) as answer:
            return int(answer.status)

    def stop(self) -> None:
        """Stop it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None


def has_certutil() -> bool:
    """Whether certificates can be added to a Chromium here (`libnss3-tools`)."""
    return shutil.which("certutil") is not None


def trust(home: Path, certificate: Path) -> None:
    """Add an authority to the trusted certificates of the Chromium of a home directory."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    subprocess.run(["certutil", "-N", "-d", f"sql:{store}", "--empty-password"], check=True, capture_output=True)
    options = ["-d", f"sql:{store}", "-n", "studio", "-t", "C,,", "-i", str(certificate)]
    subprocess.run(["certutil", "-A", *options], check=True, capture_output=True)


@contextmanager
def chromium_of(playwright: Playwright, home: Path, options: dict[str, Any]) -> Iterator[BrowserContext]:
    """A Chromium with a separate home directory, which contains its trusted certificates."""
    home.mkdir(exist_ok=True)
    browser = playwright.chromium.launch(**launch_options(playwright), env={"HOME": str(home)})
    try:
        yield browser.new_context(**options)
    finally:
        browser.close()
