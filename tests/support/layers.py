"""For browser tests: how every layer of a screen is opened, by the name that a failure reports."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page

from .browser import centre_of, wait_until

Open = Callable[[Page], Locator]
"""opens a layer and gives what shows that it is open"""


def button(page: Page, name: str) -> Locator:
    """The button of a name."""
    return page.get_by_role("button", name=name)


def opened_by(name: str, dialog: str) -> Open:
    """A sheet that a button opens."""

    def open_it(page: Page) -> Locator:
        button(page, name).first.tap()
        return page.get_by_role("dialog", name=dialog)

    return open_it


def rename_dialog(page: Page) -> Locator:
    button(page, "Options").tap()
    page.get_by_role("menuitem", name="Rename").tap()
    return page.get_by_role("dialog", name="Rename")


def history_of_card(page: Page) -> Locator:
    button(page, "Options").tap()
    page.get_by_role("menuitem", name="History").tap()
    return page.get_by_role("dialog", name="History")


def history(page: Page) -> Locator:
    button(page, "Design settings").tap()
    page.get_by_role("dialog", name="Design settings").get_by_role("button", name="History").tap()
    return page.get_by_role("dialog", name="History")


def share(page: Page) -> Locator:
    """The sheet that shares the open design, with its QR code."""
    button(page, "Design settings").tap()
    page.get_by_role("dialog", name="Design settings").get_by_role("button", name="Share").tap()
    page.get_by_role("img", name=re.compile("^QR code")).wait_for()
    return page.get_by_role("dialog", name="Share")


def card_menu(page: Page) -> Locator:
    button(page, "Options").tap()
    return page.get_by_role("menu")


def sync(page: Page) -> Locator:
    page.get_by_role("status", name="Sync").get_by_role("button").tap()
    return page.get_by_role("dialog", name="Sync")


def size_sheet(label: str, title: str) -> Open:
    def open_it(page: Page) -> Locator:
        page.get_by_label(label, exact=True).first.tap()
        return page.get_by_role("dialog", name=title)

    return open_it


def block_sheet_on_canvas(page: Page) -> Locator:
    layer = page.get_by_role("group", name="Transformer layer c3")
    if not button(page, "Edit Transformer layer c3").is_visible():
        layer.tap()
    button(page, "Edit Transformer layer c3").tap()
    return page.get_by_role("dialog", name="Transformer layer c3")


def selected_block(page: Page) -> Locator:
    """The card of a block that a tap has selected."""
    page.get_by_role("group", name="Transformer layer c3").tap()
    return button(page, "Edit Transformer layer c3")


def connecting(page: Page) -> Locator:
    if not button(page, "Connect Transformer layer c3").is_visible():
        page.get_by_role("group", name="Transformer layer c3").tap()
    button(page, "Connect Transformer layer c3").tap()
    return page.get_by_text("Tap what it should feed")


def gathering(page: Page) -> Locator:
    block_sheet_on_canvas(page)
    button(page, "Group with others").tap()
    return button(page, "Choose no blocks")


def selected_wire(page: Page) -> Locator:
    button(page, "Fit view").tap()
    ends = [page.get_by_role("group", name=name) for name in ("Transformer layer c3", "Transformer layer c4")]
    seen: list[Any] = []

    def at_rest() -> bool:
        seen.append(centre_of(ends[0]))
        return len(seen) > 2 and seen[-1] == seen[-3]

    wait_until(at_rest, 15, page)
    above, below = (centre_of(end) for end in ends)
    page.touchscreen.tap((above[0] + below[0]) / 2, (above[1] + below[1]) / 2)
    return page.get_by_text(re.compile(r"^Transformer layer 1 → Transformer layer 2"))


def chain_connect(page: Page) -> Locator:
    button(page, "Connect Transformer layer c3").tap()
    return page.get_by_role("dialog", name="Transformer layer c3")


def on_this_phone(page: Page) -> Locator:
    button(page, "Network: ").tap()
    button(page, "On this phone").tap()
    return page.get_by_role("dialog", name="On this phone")


LIST: dict[str, Open] = {
    "new design": opened_by("New design", "New design"),
    "menu of a design": card_menu,
    "rename": rename_dialog,
    "history": history_of_card,
    "bin": opened_by("Bin", "Bin"),
    "help": opened_by("Help", "Help"),
    "import": opened_by("Paste a link", "Import a design"),
    "app settings": opened_by("App settings", "App settings"),
    "telemetry": opened_by("See how", "Record use and errors?"),
}
EVERYWHERE: dict[str, Open] = {
    "design settings": opened_by("Design settings", "Design settings"),
    "history": history,
    "share": share,
    "size": size_sheet("Parameters", "Size"),
    "memory": size_sheet("Memory", "Memory"),
    "blocks": opened_by("Add block", "Blocks"),
    "sync": sync,
}
CANVAS: dict[str, Open] = {
    "a selected block": selected_block,
    "block": block_sheet_on_canvas,
    "connecting": connecting,
    "selecting several": gathering,
    "a selected wire": selected_wire,
}
CHAIN: dict[str, Open] = {
    "block": opened_by("Edit Transformer layer c3", "Transformer layer c3"),
    "connect to": chain_connect,
    "blocks after a card": opened_by("Add after Transformer layer c3", "Blocks"),
}
PLAY: dict[str, Open] = {
    "network": opened_by("Network: ", "Network that plays"),
    "on this phone": on_this_phone,
    "game": opened_by("Game with seed", "Game"),
}
