"""For browser tests: a design with ended runs, and the Export dialog."""

import re

from playwright.sync_api import Locator, Page, expect

from .browser import Server, wait_until
from .exported_networks import write_exported_run
from .screen import start_from


def button(within: Page | Locator, name: str | re.Pattern[str]) -> Locator:
    """The button of a name."""
    return within.get_by_role("button", name=name)


def open_trained_design(page: Page, server: Server, *run_ids: str, exported: bool = False) -> None:
    """Make a design with ended runs, the last one newest, and show its Train screen."""
    start_from(page, "Tiny MLP")
    expect(page.get_by_role("tab", name="Chain")).to_be_visible()
    wait_until(lambda: server.get("/api/designs"), 30, page)
    server.stop()
    for run_id in run_ids:
        write_exported_run(server.data, run_id, "mlp-td", design_id(page), exported=exported)
    server.start()
    page.get_by_role("link", name="Train").tap()
    page.reload()
    expect(button(page, "Export")).to_be_enabled(timeout=15_000)


def design_id(page: Page) -> str:
    """The id of the open design."""
    found = re.search(r"#/d/(\w+)", page.url)
    assert found is not None
    return found[1]


def open_export(page: Page) -> Locator:
    """The Export dialog, once there is something to save."""
    button(page, "Export").tap()
    dialog = page.get_by_role("dialog", name="Export")
    expect(button(dialog, re.compile("^Save"))).to_be_visible(timeout=15_000)
    return dialog
