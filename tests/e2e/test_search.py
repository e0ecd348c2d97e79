"""Search at play on a small phone without a server: turned on in Watch and in Test, and always labelled."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect
from support.browser import Server, wait_until
from support.designs import template
from support.exported_networks import write_exported_run
from support.screen import assert_fits, valid, wait_for_service_worker

DESIGN = "d0"
LABEL = "with search, 1 move ahead"
FETCH_MS = 240_000
PLAY_MS = 120_000


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Server]:
    """A server with an ended run of a small network that values boards after moves, whose files are prepared."""
    folder = tmp_path_factory.mktemp("written")
    write_exported_run(folder, "r1", "mlp-td", DESIGN)
    server = Server(Path(shutil.copytree(folder, tmp_path / "data")))
    server.start()
    design = msgspec.structs.replace(template("tiny_mlp"), id=DESIGN)
    server.post("/api/designs", {"architecture": msgspec.to_builtins(design)})
    yield server
    server.stop()


def moves_of(page: Page) -> int:
    text = page.locator(".scores div").filter(has_text="Moves").locator("dd").inner_text()
    return int(re.sub(r"\D", "", text) or -1)


@pytest.mark.timeout(900)
def test_search_is_turned_on_and_labelled_without_a_server(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/#/d/{DESIGN}")
    valid(page)
    wait_for_service_worker(page)
    page.get_by_role("link", name="Play").tap()
    board = page.get_by_role("img", name=re.compile("^Board of the network"))
    expect(board).to_be_visible(timeout=FETCH_MS)
    server.kill()
    page.reload()
    expect(board).to_be_visible(timeout=FETCH_MS)
    choice = page.get_by_role("combobox", name="Search")
    label = page.locator(".search-label")
    expect(label).to_have_count(0)
    choice.select_option("1 move ahead")
    expect(label).to_be_visible(timeout=PLAY_MS)
    assert_fits(page, "Watch with search")
    page.get_by_role("toolbar", name="Watch").get_by_role("button", name="New game").tap()
    expect(label).to_have_text(LABEL, timeout=PLAY_MS)
    before = moves_of(page)
    wait_until(lambda: moves_of(page) > before + 3, PLAY_MS / 1000, page)
    expect(label).to_have_text(LABEL)
    choice.select_option("none")
    expect(label).to_have_text("partly with search", timeout=PLAY_MS)
    choice.select_option("1 move ahead")
    page.get_by_role("group", name="Mode").get_by_role("button", name="Test").tap()
    expect(choice).to_have_value("1")
    page.get_by_role("button", name="Play 100 games").tap()
    expect(label).to_have_text(LABEL, timeout=PLAY_MS)
    expect(choice).to_be_disabled()
    row = page.get_by_role("region", name="Scores").get_by_role("row", name=re.compile(f"^This phone, {LABEL}"))
    expect(row).to_be_visible(timeout=FETCH_MS)
    assert_fits(page, "Test with search")
    page.get_by_role("button", name="Stop").tap()
    expect(choice).to_be_enabled(timeout=PLAY_MS)
    expect(row).to_be_visible()
