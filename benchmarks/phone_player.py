"""The player as the phone runs it: a page in Chromium with the app's player, onnxruntime-web and the rules in Python."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.phone_python import PACK, ROOT, served
from tests.support.browser import launch_options

PAGE = ROOT / "benchmarks" / "player_page"
BUILT = ROOT / "build" / "player_page"
RUNTIME = ROOT / "node_modules" / "onnxruntime-web"
READY = "() => window.phone"


@contextmanager
def player_site(networks: Path) -> Iterator[str]:
    """Build the page and serve it with the networks of a folder, `<name>.plain.onnx` and `<name>.inspect.onnx`."""
    vite = ROOT / "node_modules" / ".bin" / "vite"
    subprocess.run([vite, "build", "--config", PAGE / "vite.config.mjs", "--logLevel", "error"], cwd=ROOT, check=True)
    version = _version()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path in BUILT.iterdir():
            (root / path.name).symlink_to(path)
        (root / "rt").symlink_to(PACK)
        (root / "networks").symlink_to(networks)
        (root / "ort").mkdir()
        (root / "ort" / version).symlink_to(RUNTIME / "dist")
        with served(folder) as address:
            yield address


def _version() -> str:
    version: str = json.loads((RUNTIME / "package.json").read_text())["version"]
    return version


class PhonePlayer:
    """A page with the player; Python runs already."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        page.goto(f"{address}/index.html")
        page.wait_for_function(READY)
        page.evaluate("() => phone.python()")

    def first_move(self, network: str) -> dict[str, float]:
        """Milliseconds from a tap until the network is `loaded`, gave its first `thought`, and `moved` for the first time."""
        times: dict[str, float] = self._page.evaluate("name => phone.firstMove(name)", network)
        return times

    def load(self, network: str) -> None:
        """Load a network."""
        self._page.evaluate("async name => { await phone.load(name) }", network)

    def test(self, games: int, first_seed: int) -> tuple[int, float]:
        """Play test games; the number of moves and the seconds."""
        played = self._page.evaluate("([games, seed]) => phone.test(games, seed)", [games, first_seed])
        return played["moves"], played["ms"] / 1000

    def watch(self, seconds: float, seed: int) -> dict[str, float]:
        """Watch at full speed: `moves`, updates of the page (`frames`), `ms`, and `latency` of the network."""
        watched: dict[str, float] = self._page.evaluate("([ms, seed]) => phone.watch(ms, seed)", [seconds * 1000, seed])
        return watched

    def search(self, depth: int, seconds: float, seed: int) -> float:
        """Moves per second in Watch at full speed, with this search depth."""
        searched = self._page.evaluate("([depth, ms, seed]) => phone.search(depth, ms, seed)", [depth, seconds * 1000, seed])
        return float(searched["moves"] / searched["ms"] * 1000)

    def thoughts(self, states: Sequence[dict[str, Any]]) -> list[list[float]]:
        """For each state four logits and the value."""
        found: list[list[float]] = self._page.evaluate("states => phone.thoughts(states)", states)
        return found

    def stay(self, milliseconds: float) -> None:
        """Leave the page open."""
        self._page.wait_for_timeout(milliseconds)


@contextmanager
def phone_player(address: str, profile: Path) -> Iterator[PhonePlayer]:
    """A new browser with a stored profile, so that a second start finds cached files, like the app."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(profile, headless=True, **launch_options(playwright))
        context.set_default_timeout(0)
        try:
            yield PhonePlayer(context.new_page(), address)
        finally:
            context.close()
