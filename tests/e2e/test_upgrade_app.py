"""A phone that has the app of an older version comes through the update with every design, edit and conflict."""

import copy
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.browser import collect_errors, wait_until
from support.screen import open_sheet, valid, wait_for_service_worker
from support.server_thread import Served, serving

from backend.settings import Settings

OLD_APP = Path(__file__).parents[1] / "fixtures" / "app_8403e01.tar.xz"
PYTHON_PACK = "/rt/"
ROWS = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('model-studio')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const all = opening.result.transaction('designs').objectStore('designs').getAll()
    all.onsuccess = () => {
      opening.result.close()
      resolve(all.result)
    }
  }
})"""


@pytest.fixture
def old_app(tmp_path: Path) -> Path:
    with tarfile.open(OLD_APP) as archive:
        archive.extractall(tmp_path / "app", filter="data")
    return tmp_path / "app"


@pytest.fixture
def phone(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[BrowserContext]:
    context = browser.new_context(**browser_context_args)
    yield context
    context.close()


def stored(page: Page) -> dict[str, Any]:
    """The rows of all designs in the phone's database, by name."""
    return {row["work"]["name"]: row for row in page.evaluate(ROWS)}


def new_design(page: Page, template: str) -> None:
    page.get_by_role("button", name="Templates").tap()
    page.get_by_role("dialog", name="Templates").get_by_role("button", name=template).tap()
    expect(page.get_by_role("tab", name="Chain")).to_be_visible()


def choose_heads(page: Page, heads: str) -> None:
    sheet = open_sheet(page, "Transformer layer c3")
    sheet.get_by_role("combobox", name="n_heads").select_option(heads)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def change_elsewhere(server: Served, heads: int) -> None:
    """Another phone changes the same property and a name."""
    (meta,) = server.get("/api/designs").json()
    base = server.get(f"/api/designs/{meta['id']}").json()
    work = copy.deepcopy(base)
    next(component for component in work["components"] if component["id"] == "c3")["props"]["n_heads"] = heads
    epoch = server.get("/api/health").json()["epoch"]
    server.sync(
        epoch=epoch, cursor=0, designs=[{"id": meta["id"], "base": base, "work": work, "client_id": "other", "change": 1}]
    )


def draw_with_the_old_app(page: Page, server: Served) -> None:
    """A design that both sides changed, an edit that waits, and a design that no server has seen."""
    page.goto(str(server.base_url))
    wait_for_service_worker(page)
    new_design(page, "Mixture of experts")
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server")
    page.context.set_offline(True)
    choose_heads(page, "2")
    wait_until(lambda: stored(page)["Mixture of experts"]["dirty"], 15, page)
    change_elsewhere(server, 8)
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("region", name="Changed in two places")).to_be_visible(timeout=15_000)
    page.context.set_offline(True)
    choose_heads(page, "1")
    page.get_by_role("link", name="Back").tap()
    new_design(page, "Tiny MLP")
    wait_until(lambda: set(stored(page)) == {"Mixture of experts", "Tiny MLP"}, 15, page)
    wait_until(lambda: all(row["dirty"] for row in stored(page).values()), 15, page)


def test_case_15_a_phone_with_the_app_of_an_older_version_is_updated_without_loss(
    phone: BrowserContext, tmp_path: Path, old_app: Path
) -> None:
    data = tmp_path / "data"
    page = phone.new_page()
    # the kept app has no Python pack, so that its pages may say so in the console
    with serving(data, static_dir=old_app) as server:
        draw_with_the_old_app(page, server)
        before, port = stored(page), int(server.base_url.port or 0)
        old_script = page.evaluate("document.querySelector('script[type=module][src]').src")
        page.goto("about:blank")
    errors = collect_errors(phone)
    with serving(data, port, static_dir=Settings().static_dir) as server:
        phone.set_offline(False)
        page.goto(str(server.base_url))
        assert page.evaluate("document.querySelector('script[type=module][src]').src") == old_script
        with page.expect_navigation(timeout=120_000):
            page.get_by_role("region", name="Update").get_by_role("button", name="Update").tap(timeout=120_000)
        page.wait_for_function("(old) => document.querySelector('script[type=module][src]')?.src !== old", arg=old_script)
        expect(page.get_by_role("link", name="Tiny MLP")).to_be_visible()
        wait_until(lambda: not any(row["dirty"] for row in stored(page).values()), 30, page)
        after = stored(page)
        assert set(after) == set(before)
        for name, row in before.items():
            assert after[name]["work"] == row["work"], name
            assert after[name]["conflicts"] == row["conflicts"], name
            assert server.get(f"/api/designs/{row['id']}").json() == row["work"], name
        page.goto(f"{server.base_url}/#/d/{before['Mixture of experts']['id']}")
        valid(page)
        expect(page.get_by_role("region", name="Changed in two places")).to_be_visible()
        assert [error for error in errors if PYTHON_PACK not in error] == []
        page.goto("about:blank")
