"""A browser that lacks something: the app works without it, or a page says why not and saves the designs."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.browser import Server
from support.screen import assert_fits, open_gallery, open_new_design, valid

from backend.settings import Settings
from benchmarks.shell import LIMIT_KB, script_bytes

INVALID_LOCALE = """
  Object.defineProperty(Navigator.prototype, 'language', {get: () => 'C'})
  Object.defineProperty(Navigator.prototype, 'languages', {get: () => Object.freeze(['C'])})
"""
LOCALE_THAT_CANNOT_BE_REPLACED = "Object.defineProperty(navigator, 'language', {get: () => 'C'})"
STORAGE_BLOCKED_BUT_FOR_DRAWINGS = """
  const blocked = () => { throw new DOMException('blocked', 'SecurityError') }
  Object.defineProperty(globalThis, 'localStorage', {get: blocked})
  Object.defineProperty(Navigator.prototype, 'serviceWorker', {get: blocked})
  globalThis.BroadcastChannel = class { constructor() { blocked() } }
  StorageManager.prototype.persisted = async () => blocked()
"""
MODULE_THROWS = "globalThis.MessageChannel = class { constructor() { throw new Error('a module is broken') } }"
NO_DATABASE = "Object.defineProperty(globalThis, 'indexedDB', {get: () => undefined})"
DATABASE_REFUSED = "IDBFactory.prototype.open = () => { throw new DOMException('The user denied it', 'SecurityError') }"
EFFECT_THROWS = "delete globalThis.ResizeObserver"


@pytest.fixture
def small(browser: Browser, browser_context_args: dict[str, object], server: Server) -> BrowserContext:
    """The smallest phone; what it writes to the console is up to the test."""
    context = browser.new_context(**browser_context_args | {"viewport": {"width": 360, "height": 640}})
    context.set_default_timeout(15_000)
    return context


def test_the_scripts_of_both_first_screens_stay_small() -> None:
    size = script_bytes(Settings().static_dir)
    assert 100_000 < size <= 1000 * LIMIT_KB


def opened(context: BrowserContext, script: str, address: str) -> Page:
    page = context.new_page()
    page.add_init_script(script)
    page.goto(address)
    return page


@pytest.mark.parametrize(
    "script",
    [INVALID_LOCALE, LOCALE_THAT_CANNOT_BE_REPLACED, STORAGE_BLOCKED_BUT_FOR_DRAWINGS],
    ids=["locale C", "locale C that cannot be replaced", "storage blocked"],
)
def test_the_studio_works_in_a_browser_with(small: BrowserContext, server: Server, script: str) -> None:
    errors: list[str] = []
    small.on("weberror", lambda error: errors.append(str(error.error)))
    page = opened(small, script, server.url)
    open_new_design(page)
    expect(page.get_by_label("Parameters")).to_contain_text("244,613")
    page.get_by_role("link", name="Train").tap()
    expect(page.get_by_text("No run yet")).to_be_visible()
    page.get_by_role("button", name="Train").tap()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    assert errors == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [(MODULE_THROWS, "a module is broken"), (NO_DATABASE, "keeps no data"), (DATABASE_REFUSED, "keeps no data")],
    ids=["a module that throws", "no database", "a database that is refused"],
)
def test_a_failed_start_shows_the_reason_in_place_of_a_blank_page(
    small: BrowserContext, server: Server, script: str, reason: str
) -> None:
    page = opened(small, script, server.url)
    failure = page.get_by_role("alert").filter(has=page.get_by_role("heading", name="Model Studio could not start"))
    expect(failure).to_contain_text(reason)
    expect(page.get_by_role("button", name="New design")).to_have_count(0)
    expect(failure.get_by_role("status")).to_have_text(re.compile("There are no designs|does not let the designs be read"))
    assert_fits(page, "failed start")


def test_designs_are_saved_as_a_file_when_the_app_cannot_start(small: BrowserContext, server: Server, tmp_path: Path) -> None:
    page = opened(small, "", server.url)
    open_new_design(page)
    address = page.url
    broken = opened(small, MODULE_THROWS, server.url)
    expect(broken.get_by_role("status")).to_contain_text("One design is on this phone")
    with broken.expect_download() as download:
        broken.get_by_role("button", name="Save all designs").tap()
    download.value.save_as(tmp_path / "designs.json")
    (design,) = json.loads((tmp_path / "designs.json").read_text())["designs"]
    assert design["id"] in address
    assert len(design["components"]) == 7


def test_saved_designs_are_opened_from_the_file_without_a_network(small: BrowserContext, server: Server, tmp_path: Path) -> None:
    page = opened(small, "", server.url)
    open_new_design(page)
    broken = opened(small, MODULE_THROWS, server.url)
    with broken.expect_download() as download:
        broken.get_by_role("button", name="Save all designs").tap()
    broken.close()
    (design,) = json.loads(Path(download.value.path()).read_text())["designs"]
    designs = [design, design | {"id": "lost", "name": "Lost one"}, design | {"id": "newer", "schema_version": 99}]
    (tmp_path / "designs.json").write_text(json.dumps({"designs": designs}))
    page.get_by_role("link", name="Back").tap()
    small.set_offline(True)
    open_gallery(page)
    assert_fits(page, "templates")
    page.get_by_label("Open a file").set_input_files(tmp_path / "designs.json")
    toast = page.locator(".toast")
    expect(toast).to_contain_text("1 design was opened. 1 design is here already. Not opened:")
    expect(toast).to_contain_text("schema_version 99 is newer than this app knows")
    page.get_by_role("link", name="Lost one").tap()
    valid(page)


def test_an_error_while_the_app_is_drawn_shows_the_reason_and_another_try(small: BrowserContext, server: Server) -> None:
    page = opened(small, "", server.url)
    open_new_design(page)
    address = page.url
    broken = opened(small, "if (!sessionStorage.tried) " + EFFECT_THROWS + "; sessionStorage.tried = 'yes'", address)
    expect(broken.get_by_role("heading", level=1)).to_have_text("Model Studio stopped working")
    expect(broken.get_by_role("alert")).to_contain_text("ResizeObserver is not defined")
    broken.get_by_role("button", name="Try again").tap()
    valid(broken)
