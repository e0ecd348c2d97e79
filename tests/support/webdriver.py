"""Firefox over WebDriver BiDi and WebKitGTK over WebDriver, each as three calls: open an address, call a function, tap.

Playwright cannot drive the Firefox ESR and the WebKitGTK that a distribution has; neither needs more than a socket.
"""

import itertools
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx
from websockets.sync.client import ClientConnection, connect

from .browser import wait_until

WIDTH, HEIGHT = 412, 915
START_S = 60.0
CALL_S = 120.0
END_S = 20.0
PREFERENCES: dict[str, object] = {
    "browser.download.folderList": 2,
    "browser.download.useDownloadDir": True,
    "browser.download.always_ask_before_handling_new_types": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
}


class Engine(Protocol):
    """A browser with one page."""

    def go(self, address: str) -> None:
        """Open an address and wait until it is loaded."""

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a JavaScript function in the page, with JSON values, and wait for what it or its promise returns."""

    def tap(self, x: float, y: float) -> None:
        """Press and release at a point of the viewport, in px."""


def pointer(x: float, y: float) -> list[dict[str, Any]]:
    """The input actions of a tap, the same in both protocols."""
    down, up = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
    move = {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0}
    return [{"type": "pointer", "id": "finger", "parameters": {"pointerType": "mouse"}, "actions": [move, down, up]}]


class Firefox:
    """Firefox over WebDriver BiDi (https://w3c.github.io/webdriver-bidi)."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._send("session.new", capabilities={})
        (tree,) = self._send("browsingContext.getTree")["contexts"]
        self._context = tree["context"]
        self._send("browsingContext.setViewport", context=self._context, viewport={"width": WIDTH, "height": HEIGHT})

    def _send(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv(CALL_S))).get("id") != number:
            pass
        assert answer["type"] == "success", (method, answer)
        return answer["result"]

    def go(self, address: str) -> None:
        self._send("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def call(self, function: str, *arguments: Any) -> Any:
        declaration = f"async (text) => JSON.stringify([await ({function})(...JSON.parse(text))])"
        given = [{"type": "string", "value": json.dumps(arguments)}]
        target = {"context": self._context}
        answer = self._send(
            "script.callFunction", functionDeclaration=declaration, arguments=given, target=target, awaitPromise=True
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])[0]

    def tap(self, x: float, y: float) -> None:
        self._send("input.performActions", context=self._context, actions=pointer(x, y))

    def close(self) -> None:
        """End the browser."""
        self._send("browser.close")


class WebKit:
    """WebKitGTK over WebDriver (https://w3c.github.io/webdriver)."""

    def __init__(self, port: int) -> None:
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=CALL_S)
        wait_until(self._is_ready, START_S)
        session = self._send("POST", "/session", capabilities={"alwaysMatch": {"browserName": "MiniBrowser"}})["sessionId"]
        self._http.base_url = f"http://127.0.0.1:{port}/session/{session}"
        self._send("POST", "/timeouts", script=CALL_S * 1000)
        self._send("POST", "/window/rect", x=0, y=0, width=WIDTH, height=HEIGHT)

    def _is_ready(self) -> bool:
        try:
            return bool(self._http.get("/status").json()["value"]["ready"])
        except httpx.TransportError:
            return False

    def _send(self, method: str, path: str, **body: Any) -> Any:
        answer = self._http.request(method, path, json=body) if method == "POST" else self._http.request(method, path)
        assert answer.status_code == httpx.codes.OK, (path, answer.text)
        return answer.json()["value"]

    def go(self, address: str) -> None:
        self._send("POST", "/url", url=address)

    def call(self, function: str, *arguments: Any) -> Any:
        script = f"""const [text, done] = arguments
            Promise.resolve(({function})(...JSON.parse(text))).then(
              (value) => done([true, value === undefined ? null : value]), (error) => done([false, String(error)]))"""
        worked, value = self._send("POST", "/execute/async", script=script, args=[json.dumps(arguments)])
        assert worked, value
        return value

    def tap(self, x: float, y: float) -> None:
        self._send("POST", "/actions", actions=pointer(x, y))

    def close(self) -> None:
        """End the browser."""
        self._send("DELETE", "")
        self._http.close()


@contextmanager
def firefox(folder: Path) -> Iterator[Engine]:
    """Firefox ESR without a window; its files and the folder `downloads` are in `folder`."""
    profile = folder / "profile"
    profile.mkdir()
    preferences = PREFERENCES | {"browser.download.dir": str(downloads(folder))}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()]
    (profile / "user.js").write_text("".join(lines))
    command = ["firefox-esr", "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(profile)]
    with (folder / "firefox.log").open("w+") as log, running(command, folder, stdout=log, stderr=log):

        def address() -> str | None:
            found = re.search(r"WebDriver BiDi listening on (\S+)", (folder / "firefox.log").read_text())
            return found and found[1]

        url = f"{wait_until(address, START_S)}/session"
        with connect(url, max_size=None, open_timeout=START_S, ping_interval=None) as connection:
            engine = Firefox(connection)
            try:
                yield engine
            finally:
                engine.close()


@contextmanager
def webkit(folder: Path) -> Iterator[Engine]:
    """The browser of WebKitGTK on a virtual screen; its files and the folder `downloads` are in `folder`."""
    config = folder / "config"
    config.mkdir()
    (config / "user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="{downloads(folder)}"\n')
    screen = ["Xvfb", "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "800x1000x24"]
    with running(screen, folder, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        display = f":{server.stdout.readline().strip()}"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with (folder / "webkit.log").open("w") as log:
            command = ["WebKitWebDriver", f"--port={port}"]
            with running(command, folder, stdout=log, stderr=log, DISPLAY=display):
                engine = WebKit(port)
                try:
                    yield engine
                finally:
                    engine.close()


def downloads(folder: Path) -> Path:
    """The folder into which a browser saves."""
    path = folder / "downloads"
    path.mkdir(exist_ok=True)
    return path


@contextmanager
def running(
    command: list[str], home: Path, stdout: Any = None, stderr: Any = None, **variables: str
) -> Iterator[subprocess.Popen[str]]:
    """A process that is ended with the block; all that it keeps lies in `home`."""
    places = {"HOME": home, "XDG_CONFIG_HOME": home / "config", "XDG_CACHE_HOME": home / "cache", "XDG_DATA_HOME": home / "share"}
    changed = {name: str(path) for name, path in places.items()} | {"LANG": "en_US.UTF-8"} | variables
    with subprocess.Popen(command, stdout=stdout, stderr=stderr, text=True, env=os.environ | changed) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()


def lacks(*programs: str) -> list[str]:
    """Those of the programs that are not installed."""
    return [name for name in programs if shutil.which(name) is None]
