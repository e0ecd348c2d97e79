"""The main job once in Firefox and once in WebKitGTK: draw, edit, reload offline, train, watch, export."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from support.browser import Server, wait_until
from support.webdriver import Engine, downloads, firefox, lacks, webkit

from shared_py.decoding import decode_design
from shared_py.validation import validate_design

DECLARED = "MODEL_STUDIO_ENGINES"
"""an environment variable that lists the engines installed on this machine; a missing one is then a failure"""
ENGINES = {"firefox": (firefox, ("firefox-esr",)), "webkit": (webkit, ("WebKitWebDriver", "Xvfb"))}
WAIT_S = 120
"""for each step; on two idle cores the whole job takes half a minute"""

FIND = """async (roles, name) => {
  await new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame)))
  const wanted = new RegExp(name)
  const named = (element) => {
    const ids = (element.getAttribute('aria-labelledby') ?? '').split(' ')
    const labels = ids.map((id) => document.getElementById(id)?.textContent ?? '').join(' ')
    return element.getAttribute('aria-label') ?? (labels.trim() || element.textContent.trim())
  }
  const boxless = (element) => getComputedStyle(element).display === 'contents'
  const shown = (element) =>
    (boxless(element) || element.checkVisibility({visibilityProperty: true})) && !element.closest('[inert], [aria-hidden=true]')
  for (const element of document.querySelectorAll(roles)) {
    if (!wanted.test(named(element)) || !shown(element) || element.disabled) continue
    element.scrollIntoView({block: 'nearest'})
    const box = element.getBoundingClientRect()
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    const moves = ({playState, effect}) =>
      playState === 'running' && effect?.getTiming().iterations !== Infinity && effect?.target?.contains(element)
    const hit = document.elementFromPoint(x, y)
    const free = element.contains(hit) || Boolean(hit?.contains(element))
    return {x, y, text: element.textContent, free: free && !document.getAnimations().some(moves), place: `${x} ${y}`}
  }
  return null
}"""
HAS_PACK = """async () => {
  if (!navigator.serviceWorker.controller) return false
  for (const name of await caches.keys()) {
    const keys = await (await caches.open(name)).keys()
    if (keys.some(({url}) => url.includes('/rt/') && url.endsWith('.wasm'))) return true
  }
  return false
}"""
BUTTON, LINK, TAB, DIALOG = "button, [role=button]", "a[href]", "[role=tab]", "[role=dialog]"


class App:
    """The app in an engine, found by role and name."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def find(self, roles: str, name: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.engine.call(FIND, roles, name)
        return found

    def sees(self, roles: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = wait_until(lambda: self.find(roles, name), WAIT_S)
        return found

    def tap(self, roles: str, name: str) -> None:
        """Tap an element as soon as nothing covers it and it rests."""
        seen: list[str] = []

        def at_rest() -> dict[str, Any] | None:
            found = self.find(roles, name)
            seen.append(found["place"] if found and found["free"] else "")
            return found if seen[-1] and seen[-2:] == [seen[-1]] * 2 else None

        found = wait_until(at_rest, WAIT_S)
        self.engine.tap(found["x"], found["y"])

    def says(self, roles: str, name: str, pattern: str) -> str:
        """Wait until an element's text matches."""
        seen: list[str | None] = []

        def text() -> str | None:
            found = self.find(roles, name)
            seen.append(found and found["text"])
            return seen[-1] if seen[-1] and re.search(pattern, seen[-1]) else None

        try:
            return str(wait_until(text, WAIT_S))
        except AssertionError as error:
            raise AssertionError(f"{name} never matched {pattern}; it was {seen[-1]!r}") from error

    def parameters(self) -> int:
        """The number of parameters, once the design is valid."""
        self.says("[role=status]", "^Validation", "^Valid")
        return int(re.sub(r"\D", "", self.sees("[aria-label=Parameters]", "")["text"]))

    def is_saved(self) -> None:
        self.says("[role=status]", "^Sync", "Saved on server")


@pytest.fixture(params=ENGINES)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[App]:
    """The app in one of the engines, where it is installed."""
    name = str(request.param)
    start, programs = ENGINES[name]
    if missing := lacks(*programs):
        reason = f"{' and '.join(missing)} not installed"
        assert name not in os.environ.get(DECLARED, "").split(), reason
        pytest.skip(reason)
    with start(tmp_path) as engine:
        yield App(engine)


def test_the_main_job(app: App, server: Server, tmp_path: Path) -> None:
    app.engine.go(server.url)
    edit(app, server)
    reload_offline(app, server)
    train(app, server)
    watch(app)
    export(app, server, tmp_path)


def edit(app: App, server: Server) -> None:
    """A new design and another block; the phone counts as this Python does."""
    app.tap(BUTTON, "^New design")
    app.tap(f":is({DIALOG}) button", "^Tiny MLP")
    before = app.parameters()
    app.tap(BUTTON, "^Add block")
    app.sees(f"{DIALOG} section", "^fits here")  # the list is put in order once Python says what fits
    app.tap(f":is({DIALOG}) button", "^Linear")
    wait_until(lambda: app.parameters() != before, WAIT_S)
    after = app.parameters()
    wait_until(lambda: stored_parameters(server) == after, WAIT_S)


def stored_parameters(server: Server) -> int:
    """What this Python counts in the only design of the server."""
    (meta,) = server.get("/api/designs")
    return validate_design(decode_design(json.dumps(server.get(f"/api/designs/{meta['id']}")))).parameters


def reload_offline(app: App, server: Server) -> None:
    """Without the server the app starts again, and Python validates the design."""
    wait_until(lambda: app.engine.call(HAS_PACK), WAIT_S)
    before = app.parameters()
    address = app.engine.call("() => location.href")
    server.kill()
    app.engine.go("about:blank")
    app.engine.go(address)
    assert app.parameters() == before
    server.start()


def train(app: App, server: Server) -> None:
    """Start a run, see its chart, and stop it once there is a checkpoint."""
    app.engine.call("() => dispatchEvent(new Event('online'))")
    app.is_saved()
    app.tap(LINK, "^Train$")
    app.tap(BUTTON, "^Train$")
    app.tap(f"{DIALOG} button", "^Start$")
    app.sees("[role=img]", "^Score")
    (run,) = server.get("/api/runs")
    wait_until(lambda: server.get(f"/api/runs/{run['id']}")["steps"] > 0, WAIT_S)
    app.tap(BUTTON, "^Stop$")
    wait_until(lambda: server.get(f"/api/runs/{run['id']}")["status"] == "stopped", WAIT_S)


def watch(app: App) -> None:
    """The network plays on the phone."""
    app.tap(LINK, "^Play$")
    app.sees("[role=img]", "^Board of the network")
    wait_until(lambda: int(re.sub(r"\D", "", app.sees(".scores div", "^Moves")["text"]) or 0) > 3, WAIT_S)


def export(app: App, server: Server, folder: Path) -> None:
    """The file that is saved is the server's, and runs in onnxruntime."""
    app.tap(LINK, "^Train$")
    app.tap(BUTTON, "^Export$")
    app.tap(f"{DIALOG} button", "^Save")
    hashes = wait_until(lambda: exported_hashes(server), WAIT_S)

    def whole_file() -> Path | None:
        files = downloads(folder).glob("*.onnx")
        return next((file for file in files if hashlib.sha256(file.read_bytes()).hexdigest() in hashes), None)

    session = onnxruntime.InferenceSession(wait_until(whole_file, WAIT_S))
    logits, _ = session.run(None, {"board": np.ones((1, 16), dtype=np.int64)})
    assert logits.shape == (1, 4)


def exported_hashes(server: Server) -> set[str]:
    """The SHA-256 of each ONNX file of the only run."""
    (meta,) = server.get("/api/designs")
    (run,) = server.get(f"/api/designs/{meta['id']}/exports")["runs"]
    files = [file for checkpoint in run["checkpoints"] for file in checkpoint["files"]]
    return {file["sha256"] for file in files if file["fmt"] == "onnx" and file["sha256"]}
