"""What a phone says about sync and updates: why something waits, what is lost (nothing), and what to do."""

import re
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from support.browser import Server, collect_errors, wait_until
from support.screen import assert_fits, open_new_design, valid, wait_for_service_worker
from support.server_thread import serving

from backend.settings import Settings

SMALL = {"width": 390, "height": 844}
MARK = "window.notReloaded = true"
IS_MARKED = "window.notReloaded === true"
NEWER_DATABASE = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('model-studio', 99)
  opening.onerror = () => reject(opening.error)
  opening.onblocked = () => reject(new Error('blocked by another tab'))
  opening.onsuccess = () => { opening.result.close(); resolve('opened') }
})"""


@pytest.fixture
def phone(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[BrowserContext]:
    context = browser.new_context(**browser_context_args | {"viewport": SMALL})
    context.set_default_timeout(15_000)
    yield context
    context.close()


def sync_status(page: Page) -> Locator:
    return page.get_by_role("status", name="Sync")


def open_sync(page: Page) -> Locator:
    sync_status(page).get_by_role("button").tap()
    return page.get_by_role("dialog", name="Sync")


def delete_block(page: Page, name: str) -> None:
    page.get_by_role("tab", name="Chain").tap()
    page.get_by_role("listitem", name=name).get_by_role("button", name="Edit").tap()
    page.get_by_role("dialog").get_by_role("button", name="Delete").tap()
    expect(page.get_by_role("listitem", name=name)).to_have_count(0)


def remove_on_server(server: Server, design_id: str) -> None:
    urllib.request.urlopen(urllib.request.Request(f"{server.url}/api/designs/{design_id}", method="DELETE"), timeout=10).close()


def test_the_sync_sheet_explains_a_killed_server_and_try_now_ends_the_wait(phone: BrowserContext, server: Server) -> None:
    page = phone.new_page()
    page.goto(server.url)
    open_new_design(page)
    expect(sync_status(page)).to_contain_text("Saved on server")
    sheet = open_sync(page)
    expect(sheet).to_contain_text("Everything on this phone is saved on the server.")
    expect(sheet).to_contain_text(re.compile(r"Last synced\s*(Just now|\d+ s ago)"))
    expect(sheet).to_contain_text(server.url)
    expect(sheet.get_by_role("region", name="Storage on this phone")).to_contain_text("used")
    assert_fits(page, "sync sheet")
    page.keyboard.press("Escape")

    wait_for_service_worker(page)  # it has the parts of the app that are loaded when they are opened
    server.kill()
    delete_block(page, "Transformer layer c4")
    page.get_by_role("button", name="Compile").tap()
    expect(page.get_by_role("status", name="Compiling").get_by_role("button", name="Cancel")).to_be_visible()
    sheet = open_sync(page)
    expect(sheet.get_by_role("status", name="Problem")).to_contain_text("The server cannot be reached: nothing is lost")
    expect(sheet.get_by_role("region", name="Waiting").get_by_role("listitem")).to_contain_text(["Changed here", "Compile"])
    assert_fits(page, "sync sheet without a server")
    sheet.get_by_role("button", name="Try now").tap()
    expect(sheet.get_by_role("status", name="Problem")).to_be_visible()

    server.start()
    sheet.get_by_role("button", name="Try now").tap()
    expect(sheet).to_contain_text("Everything on this phone is saved on the server.")
    expect(sheet.get_by_role("status", name="Problem")).to_have_count(0)
    (design,) = server.get("/api/designs")
    assert len(server.get(f"/api/designs/{design['id']}")["components"]) == 6


def test_a_compile_is_taken_back_before_any_call_carried_it(phone: BrowserContext, server: Server) -> None:
    page = phone.new_page()
    page.goto(server.url)
    open_new_design(page)
    expect(sync_status(page)).to_contain_text("Saved on server")
    # until the time that the server asks for no call carries the compile
    refusal = '{"title": "Service Unavailable", "status": 503, "detail": "The server stops"}'
    busy = {"status": 503, "content_type": "application/problem+json", "headers": {"Retry-After": "600"}, "body": refusal}
    phone.route("**/api/sync", lambda route: route.fulfill(**busy))
    with page.expect_response("**/api/sync"):
        page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_role("button", name="Compile").tap()
    page.get_by_role("status", name="Compiling").get_by_role("button", name="Cancel").tap()
    expect(page.get_by_text("No compile yet.")).to_be_visible()
    phone.unroute("**/api/sync")
    sheet = open_sync(page)
    sheet.get_by_role("button", name="Try now").tap()
    expect(sheet).to_contain_text("Everything on this phone is saved on the server.")
    page.go_back()
    expect(sheet).to_be_hidden()

    def lose_answer(route: Route) -> None:
        if '"commands":[{' in (route.request.post_data or ""):
            route.fetch()
            route.abort()
        else:
            route.fallback()

    phone.route("**/api/sync", lose_answer)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_role("button", name="Compile").tap()
    compiling = page.get_by_role("status", name="Compiling")
    expect(compiling).to_contain_text("Sent, but no answer has come yet.")
    expect(compiling.get_by_role("button", name="Cancel")).to_have_count(0)
    phone.unroute("**/api/sync")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("region", name="Compiled")).to_contain_text("checks passed", timeout=60_000)


def test_case_29_a_sync_that_is_stuck_although_the_server_answers_is_reported(phone: BrowserContext, server: Server) -> None:
    page = phone.new_page()
    page.clock.install()
    page.goto(server.url)
    open_new_design(page)
    expect(sync_status(page)).to_contain_text("Saved on server")
    page.route("**/api/sync", lambda route: route.fulfill(status=500, body="out of order"))
    delete_block(page, "Transformer layer c4")
    expect(sync_status(page)).to_contain_text("1 change waiting")

    def pass_time() -> bool:
        page.clock.run_for(5_000)
        return "Stuck" in (sync_status(page).text_content() or "")

    wait_until(pass_time, 60, page)
    sheet = open_sync(page)
    expect(sheet.get_by_role("status", name="Problem")).to_contain_text(
        "The server answers, but for a minute nothing has been synced."
    )
    expect(sheet.get_by_role("status", name="Problem")).to_contain_text("(500)")
    expect(sheet).to_contain_text("Answers with an error")
    assert_fits(page, "stuck sync")
    page.unroute("**/api/sync")
    sheet.get_by_role("button", name="Try now").tap()
    expect(sheet).to_contain_text("Everything on this phone is saved on the server.")


def test_a_design_removed_elsewhere_says_so_and_a_copy_is_restored(phone: BrowserContext, server: Server) -> None:
    errors = collect_errors(phone)
    page = phone.new_page()
    page.goto(server.url)
    open_new_design(page)
    expect(sync_status(page)).to_contain_text("Saved on server")
    (design,) = server.get("/api/designs")
    remove_on_server(server, design["id"])
    expect(page.get_by_role("heading", name="“Experts for each cell” was removed")).to_be_visible()
    assert_fits(page, "removed design")
    page.get_by_role("button", name="Restore a copy").tap()
    valid(page)
    expect(sync_status(page)).to_contain_text("Saved on server")
    wait_until(lambda: [one["id"] != design["id"] for one in server.get("/api/designs")] == [True], 15, page)
    assert errors == []


def test_a_design_that_was_removed_here_and_changed_elsewhere_comes_back_with_a_reason(
    phone: BrowserContext, server: Server
) -> None:
    page = phone.new_page()
    page.goto(server.url)
    open_new_design(page)
    expect(sync_status(page)).to_contain_text("Saved on server")
    (meta,) = server.get("/api/designs")
    base = server.get(f"/api/designs/{meta['id']}")
    page.get_by_role("link", name="Back").tap()
    phone.set_offline(True)
    page.get_by_role("button", name="Options").tap()
    page.get_by_role("menuitem", name="Remove").tap()
    expect(page.get_by_role("listitem")).to_have_count(0)
    change = {"id": meta["id"], "base": base, "work": base | {"name": "Changed"}, "client_id": "other", "change": 1}
    server.post("/api/sync", {"epoch": server.get("/api/health")["epoch"], "cursor": 0, "designs": [change]})
    phone.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    notice = page.get_by_role("region", name="Design is back")
    expect(notice).to_contain_text("“Changed” is back: another device changed or restored it after you removed it here.")
    assert_fits(page, "returned design")
    notice.get_by_role("button", name="OK").tap()
    expect(notice).to_have_count(0)
    expect(page.get_by_role("link", name="Changed")).to_be_visible()


def test_an_update_taken_in_one_tab_leaves_another_in_peace_while_somebody_types(phone: BrowserContext, tmp_path: Path) -> None:
    built = Settings().static_dir
    newer = tmp_path / "newer"
    shutil.copytree(built, newer)
    for kind in (".br", ".gz"):
        (newer / f"sw.js{kind}").unlink()
    (newer / "sw.js").write_text((newer / "sw.js").read_text() + "\n// a newer build\n")
    typing, other = phone.new_page(), phone.new_page()
    with serving(tmp_path / "data", static_dir=built) as server:
        port = int(server.base_url.port or 0)
        for page in (typing, other):
            page.goto(str(server.base_url))
            wait_for_service_worker(page)
    with serving(tmp_path / "data", port, static_dir=newer) as server:
        open_new_design(typing)
        typing.get_by_role("button", name="Design settings").tap()
        typing.get_by_label("Name").fill("Half a na")
        typing.evaluate(MARK)
        with other.expect_navigation(timeout=60_000):
            other.evaluate("navigator.serviceWorker.getRegistration().then(registration => registration.update())")
            other.get_by_role("region", name="Update").get_by_role("button", name="Update").tap(timeout=60_000)
        prompt = typing.get_by_role("region", name="Update").filter(has_text="The app was updated in another tab.")
        expect(prompt).to_be_visible()
        assert typing.evaluate(IS_MARKED)
        assert typing.get_by_label("Name").input_value() == "Half a na"
        typing.keyboard.type("me")
        assert_fits(typing, "updated in another tab")
        with typing.expect_navigation():
            prompt.get_by_role("button", name="Reload").tap()
        expect(typing.get_by_role("heading", name="Half a name")).to_be_visible()
        assert not typing.evaluate(IS_MARKED)
        for page in (typing, other):
            page.goto("about:blank")


def test_an_older_tab_releases_the_database_and_offers_a_reload(phone: BrowserContext, server: Server) -> None:
    older, newer = phone.new_page(), phone.new_page()
    older.goto(server.url)
    open_new_design(older)
    newer.goto(f"{server.url}/api/health")
    assert newer.evaluate(NEWER_DATABASE) == "opened"
    prompt = older.get_by_role("region", name="Update")
    expect(prompt).to_contain_text("A newer version is in use. This tab cannot store changes.")
    assert_fits(older, "older tab")
    with older.expect_navigation():
        prompt.get_by_role("button", name="Reload").tap()
    expect(older.get_by_role("alert")).to_contain_text("A newer version of the app has been used on this phone.")


def test_an_interrupted_download_of_python_is_called_that_and_continues_on_a_tap(phone: BrowserContext, server: Server) -> None:
    page = phone.new_page()
    phone.route("**/rt/**", lambda route: route.abort())
    page.goto(server.url)
    notice = page.get_by_role("region", name="Download")
    expect(notice).to_contain_text("The download of Python was interrupted.", timeout=30_000)
    assert_fits(page, "interrupted download")
    phone.unroute("**/rt/**")
    notice.get_by_role("button", name="Try again").tap()
    expect(notice).to_have_count(0, timeout=60_000)
    open_new_design(page)


def test_the_shortcut_opens_the_gallery(phone: BrowserContext, server: Server) -> None:
    page = phone.new_page()
    page.goto(f"{server.url}/#/new")
    page.get_by_role("dialog", name="New design").get_by_role("button", name="Tiny MLP", exact=True).tap()
    valid(page)
    page.get_by_role("link", name="Back").tap()
    expect(page.get_by_role("list").get_by_role("listitem")).to_have_count(1)
