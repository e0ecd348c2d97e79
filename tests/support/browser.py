"""For browser tests: a real server that can be killed, touch events, waiting for a condition."""

import json
import shutil
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, ConsoleMessage, Locator, Page, Playwright

from .server_starter import ForkedServer

START_SECONDS = 30

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch_options(playwright: Playwright) -> dict[str, Any]:
    """Playwright's own Chromium where it is installed, the system's otherwise."""
    if Path(playwright.chromium.executable_path).exists():
        return {"args": CHROMIUM_FLAGS}
    names = ("chromium", "chromium-browser", "google-chrome")
    return {"args": CHROMIUM_FLAGS, "executable_path": next(filter(None, map(shutil.which, names)), None)}


class Server:
    """`model-studio serve` on a port of its own; it can be killed and started again over the same data."""

    module = "backend.cli"
    """what is started"""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.data = data
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: ForkedServer | None = None

    def start(self) -> None:
        """Start the server and wait until it takes requests."""
        options = ["serve", "--port", str(self.port), "--data-dir", str(self.data), "--measure-after", "0"]
        self.process = ForkedServer(self.module, [*options, "--no-preload", "--no-prepare"], self.data / "server.log")
        wait_until(self.answers, START_SECONDS)

    def answers(self) -> bool:
        """Whether the server takes requests."""
        assert self.process is None or self.process.poll() is None, (self.data / "server.log").read_text()
        try:
            return bool(self.get("/api/health"))
        except (urllib.error.URLError, ConnectionError):
            return False

    def kill(self) -> None:
        """Kill the process with SIGKILL, and check that its port is closed."""
        assert self.process is not None
        self.process.kill()
        self.wait_until_killed()

    def wait_until_killed(self) -> None:
        """Wait until the process has ended by SIGKILL, and check that its port is closed."""
        assert self.process is not None
        assert self.process.wait(30) == -signal.SIGKILL
        self.process = None
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", self.port), timeout=2)

    def stop(self) -> None:
        """End the process with SIGTERM."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def get(self, path: str) -> Any:
        """GET a JSON answer."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def post(self, path: str, body: Any = None) -> Any:
        """POST JSON, and answer JSON."""
        data = json.dumps(body).encode() if body is not None else b""
        request = urllib.request.Request(self.url + path, data, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def wait_until(condition: Callable[[], Any], seconds: float, page: Page | None = None) -> Any:
    """Return the value of a condition as soon as it is true; fail when it is not within the time."""
    end = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        if page is not None:
            page.wait_for_timeout(50)
        else:
            time.sleep(0.05)


class Finger:
    """Real touch events through the browser's own input pipeline."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)

    def send(self, kind: str, points: list[tuple[float, float]]) -> None:
        """One touch event; all fingers that are down are named in each."""
        touches = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def lift(self, index: int, point: tuple[float, float]) -> None:
        """Lift one of several fingers, the others stay down."""
        released = {"x": point[0], "y": point[1], "id": index}
        self.session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": [released]})

    def move(self, start: tuple[float, float], end: tuple[float, float], steps: int = 12) -> None:
        """Move a finger that is down."""
        for step in range(1, steps + 1):
            share = step / steps
            self.send("touchMove", [(start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)])
            self.page.wait_for_timeout(16)

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 12) -> None:
        """Put a finger down, move it, lift it."""
        self.send("touchStart", [start])
        self.move(start, end, steps)
        self.send("touchEnd", [])

    def hold(self, point: tuple[float, float], condition: Callable[[], Any]) -> None:
        """Put a finger down, and lift it once a condition is true."""
        self.send("touchStart", [point])
        wait_until(condition, 30, self.page)
        self.send("touchEnd", [])

    def pinch(self, centre: tuple[float, float], start: float, end: float, steps: int = 12) -> None:
        """Two fingers, that far apart at the start and at the end."""

        def fingers(apart: float) -> list[tuple[float, float]]:
            return [(centre[0] - apart / 2, centre[1]), (centre[0] + apart / 2, centre[1])]

        self.send("touchStart", fingers(start)[:1])
        self.send("touchStart", fingers(start))
        for step in range(1, steps + 1):
            self.send("touchMove", fingers(start + (end - start) * step / steps))
            self.page.wait_for_timeout(16)
        self.send("touchEnd", [])


def centre_of(locator: Locator) -> tuple[float, float]:
    """The middle of what a locator finds, in px of the page."""
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def skip_first_steps(context: BrowserContext) -> None:
    """Let the app treat its first steps as dismissed, which a new profile would show."""
    key, dismissed = "model-studio-first-steps", "null"
    store = f"localStorage.getItem('{key}') ?? localStorage.setItem('{key}', '{dismissed}')"
    context.add_init_script(f"if (location.protocol !== 'about:') {store}")


UNREACHABLE = ("net::ERR_", "Connection closed before receiving a handshake response")
"""what the console says of a server that is killed, the second where that happens while a socket is opened"""


def collect_errors(context: BrowserContext) -> list[str]:
    """A list that grows with the console errors of every page; that a killed server cannot be reached is no error of ours."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(sign in message.text for sign in UNREACHABLE):
            errors.append(f"{message.text} {message.location.get('url', '')}".strip())

    context.on("console", note)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    return errors
