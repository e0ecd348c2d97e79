"""From `serve --lan` with new certificates to the pairing code, and from the scanned code to a design on the screen.

The server is a new process on loopback with an empty data folder; it is ready when it has printed the code. The scan is simulated
by opening the address of the code in Chromium at 412 x 915 with an empty profile that trusts the authority; the main thread of
the page is throttled 4 times. The phone is paired, loads the app, receives the one design of the server, and this is opened; the
time ends when its blocks are shown. A script in the page taps the link and notes the time: the scripts by which Playwright finds
elements are compiled in the throttled thread too, about 0.5 s in the two pages.
"""

import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import msgspec
from msgspec.structs import replace
from playwright.sync_api import Playwright, sync_playwright

from backend.tls.authority import CERTIFICATE, FOLDER
from tests.support.browser import skip_first_steps, wait_until
from tests.support.designs import template
from tests.support.lan_server import CODE, LanServer, chromium_of, free_port, trust

ROUNDS = 5
SLOWER = 4
START_LIMIT_S = 5
SCREEN_LIMIT_MS = 3000
WAIT_S = 60
NAME = "On the server"
TAP = """new MutationObserver((changes, observer) => {
  const link = [...document.querySelectorAll('.design-card a')].find((link) => link.textContent.includes(NAME))
  if (link && location.hash === '#/') link.click()
  if (!document.querySelector('.react-flow__node, .far canvas')) return
  observer.disconnect()
  requestAnimationFrame(() => requestAnimationFrame(() => console.log('drawn', Date.now())))
}).observe(document, { childList: true, subtree: true })"""
"""opens the design as soon as it is listed, and writes the time of the frame with its blocks to the console"""
PHONE = {"viewport": {"width": 412, "height": 915}, "has_touch": True, "is_mobile": True}


def run() -> list[dict[str, object]]:
    """Both, several times; returns one row with medians and the slowest."""
    starts = [_start_s() for _ in range(ROUNDS)]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        screens = [_screen_ms(playwright, Path(folder) / str(number)) for number in range(ROUNDS)]
    row: dict[str, object] = {"start_s": round(statistics.median(starts), 2), "slowest_start_s": round(max(starts), 2)}
    row |= {"start_limit_s": START_LIMIT_S, "screen_ms": round(statistics.median(screens))}
    return [row | {"slowest_screen_ms": round(max(screens)), "screen_limit_ms": SCREEN_LIMIT_MS}]


def _start_s() -> float:
    """Seconds from the start of the process to the pairing code in its output."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-u", "-m", "backend.cli", "serve", "--lan", "--host", "127.0.0.1", "--data-dir", folder]
        command += ["--port", str(free_port()), "--setup-port", str(free_port()), "--measure-after", "0"]
        began = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
            assert server.stdout is not None
            try:
                next(line for line in server.stdout if CODE.search(line))
                return time.monotonic() - began
            finally:
                server.terminate()
                server.communicate(timeout=WAIT_S)


def _screen_ms(playwright: Playwright, folder: Path) -> float:
    """Milliseconds from the scan to the blocks of the design."""
    server = LanServer(folder / "data")
    server.data.mkdir(parents=True)
    server.start()
    try:
        _add_design(server)
        trust(folder / "home", server.data / FOLDER / CERTIFICATE)
        with chromium_of(playwright, folder / "home", PHONE) as context:
            skip_first_steps(context)
            page = context.new_page()
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            page.add_init_script(TAP.replace("NAME", repr(NAME)))
            address = f"{server.page_url}/#{server.new_code()}"
            with page.expect_console_message(lambda message: message.text.startswith("drawn"), timeout=1000 * WAIT_S) as drawn:
                began = time.time()
                page.goto(address)
            return float(drawn.value.text.removeprefix("drawn")) - 1000 * began
    finally:
        server.stop()


def _add_design(server: LanServer) -> None:
    """Another paired device has made a design."""
    trusted = ssl.create_default_context(cafile=server.data / FOLDER / CERTIFICATE)
    with httpx.Client(base_url=server.url, verify=trusted) as client:
        client.post("/api/pair", json={"code": server.code, "name": "Another device"}).raise_for_status()
        design = replace(template("tiny_mlp"), id="d1", name=NAME)
        client.post("/api/designs", json={"architecture": msgspec.to_builtins(design)}).raise_for_status()
        wait_until(lambda: client.get("/api/designs").json() != [], WAIT_S)
