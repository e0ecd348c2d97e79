"""Messages over the screen: their undo, swiping them away, and that they fit on the smallest phone and over a sheet."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from support.browser import Finger, Server, centre_of, collect_errors
from support.screen import assert_fits, open_new_design, open_sheet, valid

TOUCH_PX = 43.5
"""44 px, with what a transition may take from it"""
LEAVES_MS = 6_000
"""less than the 8 seconds after which a message with undo leaves by itself"""


def delete(page: Page, name: str) -> Locator:
    """Delete a block by its sheet; the button that undoes it."""
    open_sheet(page, name).get_by_role("button", name="Delete", exact=True).tap()
    return page.get_by_role("button", name=re.compile("^Undo: delete "))


def test_deleting_a_block_offers_its_undo_by_name(page: Page) -> None:
    open_new_design(page)
    undo = delete(page, "Transformer layer c4")
    expect(undo).to_have_accessible_name("Undo: delete Transformer layer 2")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(1)
    assert_fits(page, "message with undo")
    box = undo.bounding_box()
    assert box is not None
    assert box["height"] >= TOUCH_PX
    assert box["width"] >= TOUCH_PX
    undo.tap()
    expect(undo).to_have_count(0, timeout=LEAVES_MS)
    expect(page.get_by_role("listitem", name="Transformer layer c4")).to_have_count(1)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()


def test_a_removed_design_is_restored_by_the_message(page: Page) -> None:
    open_new_design(page)
    page.get_by_role("link", name="Back").tap()
    page.get_by_role("button", name="Options").tap()
    page.get_by_role("menuitem", name="Remove").tap()
    undo = page.get_by_role("button", name=re.compile("^Undo: remove "))
    expect(page.get_by_role("button", name="Options")).to_have_count(0)
    assert_fits(page, "message with undo")
    undo.tap()
    expect(page.get_by_role("button", name="Options")).to_have_count(1)


def test_a_message_is_swiped_away(page: Page) -> None:
    open_new_design(page)
    delete(page, "Transformer layer c4")
    toast = page.locator(".toast")
    x, y = centre_of(toast.locator(".toast-text"))
    Finger(page).drag((x, y), (x + 120, y))
    expect(toast).to_have_count(0, timeout=LEAVES_MS)
    expect(page.get_by_role("listitem", name="Transformer layer c4")).to_have_count(0)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_message_over_a_sheet_can_be_read_and_used(
    browser: Browser, browser_context_args: dict[str, Any], server: Server, motion: Any
) -> None:
    """At 320 px, with and without motion: it covers neither the sheet nor the bars below, and a tap on it closes no sheet."""
    phone = browser_context_args | {"viewport": {"width": 320, "height": 568}, "reduced_motion": motion}
    context = browser.new_context(**phone)
    errors = collect_errors(context)
    page = context.new_page()
    page.goto(server.url)
    open_new_design(page)
    undo = delete(page, "Transformer layer c4")
    sheet = open_sheet(page, "Transformer layer c3")
    expect(undo).to_be_in_viewport(ratio=1)
    over, under = page.locator(".toast").bounding_box(), sheet.bounding_box()
    assert over is not None
    assert under is not None
    assert over["y"] + over["height"] <= under["y"]
    undo.tap()
    expect(sheet).to_be_visible()
    expect(page.locator(".toast")).to_have_count(0, timeout=LEAVES_MS)
    valid(page)
    assert errors == []
    context.close()
