"""Blocks that hold blocks: put in, opened, filled, left, shared, emptied."""

import re

from playwright.sync_api import Page, expect
from support.browser import wait_until
from support.screen import assert_fits, choose_block, open_new_design, open_sheet, tap_twice, valid


def test_a_container_is_opened_filled_and_left(page: Page) -> None:
    """Put in, open by double tap, add, leave by every way there is, take out; all undone step by step."""
    open_new_design(page)
    before = page.get_by_label("Parameters").inner_text()
    open_sheet(page, "Transformer layer c3").get_by_role("button", name="Group into Repeat").tap()
    page.get_by_role("tab", name="Canvas").tap()
    repeat = page.get_by_role("group", name=re.compile("^Repeat c"))
    expect(repeat).to_contain_text("1 block")
    expect(page.get_by_role("group", name="Transformer layer c3")).to_have_count(0)
    wait_until(lambda: repeat.bounding_box(), 15, page)
    tap_twice(page, repeat)
    place = page.get_by_role("navigation", name="Place")
    expect(place).to_contain_text(re.compile("Experts for each cell.*Repeat c"))
    expect(page.get_by_role("group", name="Transformer layer c3")).to_be_visible()
    expect(page.get_by_role("group", name=re.compile("^Embedding"))).to_have_count(0)
    assert_fits(page, "inside a container, canvas")
    page.get_by_role("button", name="Add block").tap()
    # the list is not put in order here: what fits in a container is asked beside a block only
    page.get_by_role("dialog", name="Blocks").get_by_role("button", name="Transformer layer").tap()
    expect(page.get_by_role("group", name=re.compile("^Transformer layer"))).to_have_count(2)
    valid(page)
    page.go_back()
    expect(page.locator(".react-flow__node.selected")).to_have_count(0)
    page.go_back()
    expect(place).to_have_count(0)
    expect(repeat).to_contain_text("2 blocks")
    page.get_by_role("tab", name="Chain").tap()
    page.get_by_role("button", name=re.compile("^Open Repeat")).tap()
    expect(page.get_by_role("listitem", name="Transformer layer c3")).to_have_count(1)
    assert_fits(page, "inside a container, chain")
    page.keyboard.press("Escape")
    expect(place).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Open Repeat")).tap()
    page.get_by_role("button", name=re.compile("^Up to")).tap()
    expect(place).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Edit Repeat")).tap()
    page.get_by_role("button", name="Ungroup").tap()
    expect(page.get_by_role("listitem", name=re.compile("^Repeat"))).to_have_count(0)
    for _ in range(3):
        page.get_by_role("button", name="Undo", exact=True).tap()
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    expect(page.get_by_label("Parameters")).to_have_text(before)


def test_linked_copies_share_one_body(page: Page) -> None:
    """What the definition holds is not lost when it is deleted, and an empty container says how to begin."""
    open_new_design(page)
    open_sheet(page, "Transformer layer c3").get_by_role("button", name="Group into Subnetwork").tap()
    first = page.get_by_role("listitem", name=re.compile("^Subnetwork"))
    name = str(first.get_attribute("aria-label"))
    sheet = open_sheet(page, name)
    sheet.get_by_role("button", name="Linked copy").tap()
    expect(first).to_have_count(2)
    valid(page)
    page.get_by_role("button", name=re.compile("^Open Subnetwork")).last.tap()
    expect(page.get_by_role("navigation", name="Place")).to_contain_text("changes both copies")
    expect(page.get_by_role("listitem", name="Transformer layer c3")).to_have_count(1)
    page.keyboard.press("Escape")
    open_sheet(page, name).get_by_role("button", name="Delete").tap()
    expect(first).to_have_count(1)
    valid(page)
    sheet = open_sheet(page, str(first.get_attribute("aria-label")))
    expect(sheet.get_by_role("combobox", name="definition")).to_have_value("")
    assert_fits(page, "sheet of a container")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add block").tap()
    choose_block(page, "Repeat")
    page.get_by_role("button", name=re.compile("^Open Repeat")).tap()
    expect(page.get_by_text("Nothing inside yet: add a block")).to_be_visible()
    assert_fits(page, "empty container")
