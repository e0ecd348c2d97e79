"""Blocks and connections under a finger: names, the quick menu, what a drag says, insertion, and what can be read."""

import re

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect
from support.browser import Finger, Server, centre_of, wait_until
from support.designs import template
from support.screen import choose_block, open_new_design, transform, valid

USUAL = pytest.mark.parametrize("page", [(412, 915)], indirect=True, ids=["412x915"])
HOLD_MS = 600

SMALLEST_TEXT = """() => {
  const zoom = Number(/scale\\(([\\d.]+)\\)/.exec(document.querySelector('.react-flow__viewport').style.transform)[1])
  const sizes = []
  for (const element of document.querySelectorAll('.block *, .block-shape')) {
    const style = getComputedStyle(element)
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
    const seen = element.checkVisibility() && style.color !== 'rgba(0, 0, 0, 0)'
    if (own && seen) sizes.push(parseFloat(style.fontSize) * zoom)
  }
  return [zoom, sizes.length, Math.min(...sizes)]
}"""
COVERED = """() => {
  const boxes = [...document.querySelectorAll('.block-shape')].map((label) => [label.textContent, label.getBoundingClientRect()])
  const blocks = [...document.querySelectorAll('.block')].map((block) => block.getBoundingClientRect())
  const found = []
  for (const wire of document.querySelectorAll('.wire')) {
    const matrix = wire.getScreenCTM()
    for (let at = 0; at < wire.getTotalLength(); at += 2) {
      const { x, y } = wire.getPointAtLength(at).matrixTransform(matrix)
      for (const [text, box] of boxes)
        if (x > box.left && x < box.right && y > box.top && y < box.bottom) found.push(`${text} on a connection`)
    }
  }
  for (const [text, box] of boxes)
    for (const block of blocks)
      if (box.left < block.right && block.left < box.right && box.top < block.bottom && block.top < box.bottom)
        found.push(`${text} on a block`)
  return [boxes.length, found]
}"""


def long_press(page: Page, locator: Locator) -> None:
    """Hold a finger on the middle of what a locator finds until the menu is open."""
    finger = Finger(page)
    finger.send("touchStart", [centre_of(locator)])
    expect(page.get_by_role("menu")).to_be_visible()
    finger.send("touchEnd", [])


@USUAL
def test_a_block_is_named_by_a_long_press_and_called_so_everywhere(page: Page) -> None:
    open_new_design(page)
    long_press(page, page.get_by_role("group", name="Transformer layer c3"))
    menu = page.get_by_role("menu", name="Actions on Transformer layer 1")
    expect(menu.get_by_role("menuitem")).to_have_text(["Duplicate", "Delete", "Select more", "Name"])
    menu.get_by_role("menuitem", name="Name").tap()
    sheet = page.get_by_role("dialog", name="Transformer layer c3")
    field = sheet.get_by_role("textbox", name="Name")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("placeholder", "Transformer layer 1")
    field.type("Reads the board")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Reads the board c3")).to_be_visible()
    page.keyboard.press("Escape")
    block = page.get_by_role("group", name="Reads the board c3")
    expect(block).to_contain_text("Reads the board")
    expect(page.get_by_role("group", name="Transformer layer c4")).to_contain_text("Transformer layer 2")
    expect(page.locator(".react-flow__nodes")).not_to_contain_text("c3")
    valid(page)
    page.get_by_role("tab", name="Chain").tap()
    expect(page.get_by_role("listitem", name="Reads the board c3")).to_contain_text("Reads the board")
    page.get_by_role("tab", name="Canvas").tap()
    page.get_by_role("button", name="Undo", exact=True).tap()
    expect(page.get_by_role("group", name="Transformer layer c3")).to_contain_text("Transformer layer 1")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()


@USUAL
def test_the_quick_menu_duplicates_deletes_and_selects_more(page: Page) -> None:
    open_new_design(page)
    layer = page.get_by_role("group", name="Transformer layer c3")
    layers = page.get_by_role("group", name=re.compile("^Transformer layer"))
    long_press(page, layer)
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    long_press(page, layer)
    page.get_by_role("menuitem", name="Duplicate").tap()
    expect(layers).to_have_count(3)
    valid(page)
    long_press(page, layer)
    page.get_by_role("menuitem", name="Delete").tap()
    expect(layers).to_have_count(2)
    page.get_by_role("button", name="Undo: delete Transformer layer 1").tap()
    expect(layers).to_have_count(3)
    long_press(page, layer)
    page.get_by_role("menuitem", name="Select more").tap()
    page.get_by_role("group", name="Transformer layer c4").tap()
    expect(page.locator(".selection-bar")).to_contain_text("2 blocks")


@USUAL
def test_a_dragged_connection_says_what_it_would_do_before_it_is_dropped(page: Page) -> None:
    open_new_design(page)
    finger = Finger(page)
    embedding = page.get_by_role("group", name="Embedding c2")
    embedding.tap()
    port = embedding.locator(".port.source")
    expect(port).to_have_css("opacity", "1")
    hint = page.get_by_role("status", name="Connection")
    start, before = centre_of(port), transform(page)
    finger.send("touchStart", [start])
    board, layer = (centre_of(page.get_by_role("group", name=name)) for name in ("Board c1", "Transformer layer c4"))
    finger.move(start, board)
    expect(hint).to_have_text("This block takes no input")
    box = hint.locator("p").bounding_box()
    assert box is not None
    canvas = page.locator(".canvas").bounding_box()
    assert canvas is not None
    assert canvas["y"] <= box["y"], "the reason stands on the canvas"
    assert box["y"] + box["height"] < board[1], "and above the finger"
    assert abs(box["x"] + box["width"] / 2 - board[0]) < 120
    expect(page.locator(".react-flow__node", has=page.locator(".block[data-takes=no]"))).not_to_have_count(0)
    finger.move(board, layer)
    expect(hint).to_have_text("Replaces the connection from Transformer layer 1")
    finger.send("touchEnd", [])
    expect(hint).to_have_count(0)
    expect(page.locator("[data-takes], [data-aimed]")).to_have_count(0)
    assert transform(page) == before
    page.get_by_role("button", name="Undo: replace connection").tap()
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()


@USUAL
def test_a_block_is_inserted_on_a_connection_and_a_port_takes_no_tap_of_another_block(page: Page) -> None:
    open_new_design(page)
    embedding, layer = (page.get_by_role("group", name=name) for name in ("Embedding c2", "Transformer layer c3"))
    wait_until(lambda: embedding.bounding_box(), 10, page)
    x, y = centre_of(embedding)
    below = layer.bounding_box()
    assert below is not None
    page.touchscreen.tap(x, (y + centre_of(layer)[1]) / 2)
    page.get_by_role("button", name="Insert a block here").tap()
    choose_block(page, "Layer norm")
    expect(page.locator(".toast").filter(has_text="Added Layer norm after Embedding")).to_be_visible()
    valid(page)
    page.get_by_role("button", name="Undo", exact=True).tap()
    embedding.tap()
    expect(embedding.locator(".port.source")).to_have_css("opacity", "1")
    page.touchscreen.tap(x, below["y"] + 6)
    expect(page.locator(".react-flow__node.selected")).to_have_attribute("aria-label", "Transformer layer c3")
    expect(page.locator(".canvas-surface[data-connecting]")).to_have_count(0)


@USUAL
def test_what_is_written_can_be_read_and_covers_nothing(page: Page, server: Server) -> None:
    """At every zoom at which blocks are drawn, and in a design with branches."""
    branches = template("two_branches")
    server.post("/api/designs", {"architecture": msgspec.to_builtins(branches)})
    page.get_by_role("link", name=branches.name).tap()
    valid(page)
    page.get_by_role("button", name="Auto layout").tap()
    expect(page.locator(".toast").filter(has_text="Laid out")).to_be_visible()
    expect(page.locator(".canvas[data-gliding]")).to_have_count(0)
    finger = Finger(page)
    levels = set()
    for _ in range(9):
        seen = transform(page)
        zoom, count, smallest = page.evaluate(SMALLEST_TEXT)
        levels.add(page.locator(".canvas").get_attribute("data-detail"))
        assert count == 0 or smallest >= 11.99, f"text of {smallest:.1f} px at zoom {zoom:.2f}"
        labels, covered = page.evaluate(COVERED)
        assert covered == []
        if zoom > 0.95:
            assert labels >= 4
        finger.pinch((206, 420), 120, 106)
        wait_until(lambda seen=seen: transform(page) != seen, 5, page)
        if page.locator(".canvas[data-far]").count():
            break
    assert levels >= {"small", "symbol"}
