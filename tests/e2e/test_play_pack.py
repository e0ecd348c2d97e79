"""The Play pack: not part of a first visit, fetched on demand, there after a restart offline, and complete after an update."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, expect
from support.browser import Server, launch_options, wait_until
from support.screen import start_from, wait_for_service_worker
from support.server_thread import serving

from backend.settings import Settings

CACHED = """async () => {
  const cache = await caches.open('play-pack')
  return (await cache.keys()).map((request) => new URL(request.url).pathname).sort()
}"""
FETCHED = """async (path) => {
  const response = await fetch(path)
  return [response.status, response.headers.get('content-type'), (await response.arrayBuffer()).byteLength]
}"""
IS_WAITING = "navigator.serviceWorker.getRegistration().then((registration) => Boolean(registration.waiting))"
END_OF_UPDATE = """async () => {
  const registration = await navigator.serviceWorker.getRegistration()
  const ended = new Promise((resolve) => registration.addEventListener('updatefound', () => {
    const worker = registration.installing
    worker.addEventListener('statechange', () => ['installed', 'redundant'].includes(worker.state) && resolve(worker.state))
  }))
  await registration.update()
  return ended
}"""
"""the state in which the next installation of an update ends"""
NEW_FILE = "assets/PlayScreen-newbuild.js"
NEW_TEXT = "export const build = 'new'\n"


def built() -> Path:
    """The folder of the built app."""
    return Settings().static_dir


def runtime() -> dict[str, Any]:
    """What the build says of the ONNX runtime."""
    described: dict[str, Any] = json.loads((built() / "ort" / "pack.json").read_text())
    return described


def make_available(page: Page) -> None:
    """Have the phone fetch what Play needs, and wait until it has all of it."""
    page.get_by_role("status", name="Sync").first.get_by_role("button").tap()
    sheet = page.get_by_role("dialog", name="Sync")
    sheet.get_by_role("button", name="Make available offline").tap()
    expect(sheet.get_by_role("status", name="Play pack")).to_contain_text("Play works offline", timeout=60_000)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


@contextmanager
def phone_with(playwright: Playwright, profile: Path, options: dict[str, Any]) -> Iterator[BrowserContext]:
    """A browser with a profile on the disk, so that a test can restart it."""
    context = playwright.chromium.launch_persistent_context(profile, headless=True, **launch_options(playwright), **options)
    try:
        yield context
    finally:
        context.close()


def test_the_runtime_is_fetched_on_demand_and_is_there_offline_after_a_restart(
    playwright: Playwright, browser_context_args: dict[str, Any], server: Server, tmp_path: Path
) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    with phone_with(playwright, tmp_path / "profile", browser_context_args) as context:
        context.on("request", note)
        page = context.pages[0]
        page.goto(server.url)
        wait_for_service_worker(page)
        start_from(page, "Tiny MLP")
        assert page.evaluate(CACHED) == []
        assert [url for url in asked if "/ort/" in url] == [], "a first visit downloads no runtime"
        make_available(page)
        for file in runtime()["files"]:
            assert file["url"] in page.evaluate(CACHED)
    server.kill()
    with phone_with(playwright, tmp_path / "profile", browser_context_args) as context:
        page = context.pages[0]
        page.goto(server.url)
        for file in runtime()["files"]:
            kind = "text/javascript; charset=utf-8" if file["url"].endswith(".mjs") else "application/wasm"
            assert page.evaluate(FETCHED, file["url"]) == [200, kind, file["bytes"]]
    server.start()


@pytest.fixture
def newer_app(tmp_path: Path) -> Path:
    """The built app as a newer build: with another file of Play."""
    folder = tmp_path / "newer"
    shutil.copytree(built(), folder)
    (folder / NEW_FILE).write_text(NEW_TEXT)
    worker = (folder / "sw.js").read_text()
    entry = json.dumps({"revision": None, "url": NEW_FILE, "play": len(NEW_TEXT)})
    marker = '[{"revision":'
    assert worker.count(marker) == 1
    for compressed in folder.glob("sw.js.*"):
        compressed.unlink()
    (folder / "sw.js").write_text(worker.replace(marker, f"[{entry},{marker[1:]}"))
    return folder


@pytest.mark.parametrize("has_pack", [True, False], ids=["with", "without"])
def test_an_update_brings_its_files_of_play_to_phones_that_have_the_pack(
    browser: Browser, browser_context_args: dict[str, Any], tmp_path: Path, newer_app: Path, has_pack: bool
) -> None:
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    data = tmp_path / "data"
    with serving(data, static_dir=built()) as server:
        port = int(server.base_url.port or 0)
        page.goto(str(server.base_url))
        wait_for_service_worker(page)
        start_from(page, "Tiny MLP")
        if has_pack:
            make_available(page)
        before = page.evaluate(CACHED)
        assert (before != []) == has_pack
        page.goto("about:blank")
    runtime_requests: list[str] = []
    with serving(data, port, static_dir=newer_app) as server:
        page.goto(str(server.base_url))
        page.evaluate("navigator.serviceWorker.getRegistration().then((registration) => registration.update())")
        wait_until(lambda: page.evaluate(IS_WAITING), 60, page)
        context.on("request", lambda request: runtime_requests.append(request.url) if "/ort/" in request.url else None)
        after = page.evaluate(CACHED)
        assert after == (sorted([*before, f"/{NEW_FILE}"]) if has_pack else [])
        page.goto("about:blank")
    assert runtime_requests == [], "the runtime stays while its version does"
    context.close()


def test_an_update_whose_files_of_play_cannot_be_fetched_waits_for_a_better_time(
    browser: Browser, browser_context_args: dict[str, Any], tmp_path: Path, newer_app: Path
) -> None:
    (newer_app / NEW_FILE).unlink()
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    with serving(tmp_path / "data", static_dir=built()) as server:
        port = int(server.base_url.port or 0)
        page.goto(str(server.base_url))
        wait_for_service_worker(page)
        start_from(page, "Tiny MLP")
        make_available(page)
        before = page.evaluate(CACHED)
        page.goto("about:blank")
    with serving(tmp_path / "data", port, static_dir=newer_app) as server:
        page.goto(str(server.base_url))
        assert page.evaluate(END_OF_UPDATE) == "redundant"
        assert not page.evaluate(IS_WAITING)
        assert page.evaluate(CACHED) == before
        page.goto("about:blank")
    context.close()


def test_a_pack_that_was_interrupted_is_completed_at_the_next_start(
    browser: Browser, browser_context_args: dict[str, Any], server: Server
) -> None:
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    page.goto(server.url)
    wait_for_service_worker(page)
    start_from(page, "Tiny MLP")
    make_available(page)
    whole = page.evaluate(CACHED)
    lost = next(path for path in whole if path.endswith(".wasm"))
    page.evaluate("(path) => caches.open('play-pack').then((cache) => cache.delete(path))", lost)
    page.reload()
    wait_until(lambda: page.evaluate(CACHED) == whole, 60, page)
    context.close()
