"""What fingers do on the canvas: pan, pinch, draw edges; and that nothing covers what was just added."""

import re

import pytest
from playwright.sync_api import Page, expect
from support.browser import Finger, centre_of, wait_until
from support.screen import bottom, choose_block, open_new_design, start_from, top, transform, valid

IDS = "blocks => blocks.map(block => block.closest('.react-flow__node').dataset.id)"


def test_a_refused_wire_says_why(page: Page) -> None:
    """Drawn by taps and drawn by a drag."""
    start_from(page, "Small transformer")
    valid(page)
    page.get_by_role("group", name="Embedding c2").tap()
    page.get_by_role("button", name="Connect Embedding c2").tap()
    page.get_by_role("group", name="Board c1").tap()
    expect(page.get_by_text("This block takes no input").first).to_be_visible()
    layer = page.get_by_role("group", name="Transformer layer c3")
    layer.tap()
    port = layer.locator(".port.source")
    expect(port).to_have_css("opacity", "1")
    Finger(page).drag(centre_of(port), centre_of(page.get_by_role("group", name="Embedding c2")))
    expect(page.get_by_text("This connection would close a cycle").first).to_be_visible()
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()


def test_while_a_wire_is_drawn_only_what_can_take_it_is_offered(page: Page) -> None:
    """Python is asked of every block; a faint one says why it cannot, the rest can be tapped."""
    open_new_design(page)
    page.get_by_role("group", name="Embedding c2").tap()
    page.get_by_role("button", name="Connect Embedding c2").tap()

    def offered(answer: str) -> set[str]:
        return {str(name) for name in page.locator(f".block[data-takes={answer}]").evaluate_all(IDS)}

    wait_until(lambda: len(offered("yes") | offered("no")) == 6, 15, page)
    assert offered("no") == {"c1", "c3"}
    page.get_by_role("group", name="Transformer layer c4").tap()
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_enabled()
    expect(page.locator("[data-takes]")).to_have_count(0)


def test_a_wire_can_be_drawn_right_after_a_pinch(page: Page) -> None:
    """Also when the fingers were on the selected block, and before blocks are so near that all they say can be read."""
    open_new_design(page)
    page.get_by_role("button", name="Fit view").tap()
    layer = page.get_by_role("group", name="Transformer layer c3")
    layer.tap()
    port = layer.locator(".port.source")
    expect(port).to_have_css("opacity", "1")
    finger = Finger(page)
    for start, end in ((60, 66), (60, 80)):
        seen = transform(page)
        finger.pinch(centre_of(layer), start, end)
        wait_until(lambda seen=seen: transform(page) != seen, 15, page)
        seen = transform(page)
        finger.drag(centre_of(port), centre_of(page.get_by_role("group", name="Transformer layer c4")))
        expect(page.get_by_text("These two are connected already").first).to_be_visible()
        assert transform(page) == seen, "the design stays where it is"
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()


def test_gestures(page: Page) -> None:
    """Pan from anything, pinch on anything; only a selected block moves under one finger."""
    open_new_design(page)
    finger = Finger(page)
    node = page.get_by_role("group", name="Transformer layer c3")
    wait_until(lambda: node.bounding_box(), 15, page)
    start = centre_of(node)
    seen = transform(page)
    finger.drag(start, (start[0] + 40, start[1] + 30))
    wait_until(lambda: transform(page) != seen, 15, page)
    moved = centre_of(node)
    assert abs(moved[0] - start[0] - 40) < 16, "one finger on an unselected block pans"
    seen = transform(page)
    finger.pinch(centre_of(node), 60, 120)
    wait_until(lambda: transform(page) != seen, 15, page)
    assert page.evaluate("visualViewport.scale") == 1
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()


STANDS_CLEAR = """text => {
  const box = element => element?.getBoundingClientRect()
  const block = box(document.querySelector('.react-flow__node.selected .block'))
  // a toast goes by itself after some seconds
  const toast = box([...document.querySelectorAll('.toast')].find(one => one.textContent.includes(text)))
  const lowest = Math.min(toast?.top ?? Infinity, box(document.querySelector('.selection-bar')).top)
  return block.bottom <= lowest && block.top >= box(document.querySelector('.canvas')).top
}"""
"""whether the selected block is above the card and the toast, and below the top of the canvas"""


@pytest.mark.both_sizes
def test_what_was_added_stays_clear_of_what_covers_the_canvas(page: Page) -> None:
    """A new block is visible above the card and the toasts; `Fit view` leaves room for the card."""
    open_new_design(page)
    for name in ("Linear", "Concatenate"):
        page.get_by_role("button", name="Add block").tap()
        choose_block(page, name)
        toast, card = page.locator(".toast").filter(has_text=f"Added {name}"), page.locator(".selection-bar")
        expect(toast).to_be_visible()
        expect(card).to_contain_text(name)
        wait_until(lambda name=name: page.evaluate(STANDS_CLEAR, f"Added {name}"), 15, page)
    page.get_by_role("button", name="Fit view").tap()
    lowest = page.locator(".block").filter(has_text="Action output")
    wait_until(lambda: bottom(lowest) <= top(card), 15, page)


def test_a_block_added_in_the_chain_goes_where_the_drawing_stays_valid(page: Page) -> None:
    """A transformer layer in a tiny MLP: it fits behind the embedding only; moved away by hand, one tap moves it back."""
    start_from(page, "Tiny MLP")
    status = valid(page)
    page.get_by_role("tab", name="Chain").tap()
    page.get_by_role("button", name="Add block").tap()
    choose_block(page, "Transformer layer")
    expect(page.locator(".toast").filter(has_text="Added Transformer layer after Embedding")).to_be_visible()
    valid(page)
    page.get_by_role("tab", name="Chain").tap()
    card = page.get_by_role("listitem", name=re.compile("^Transformer layer"))
    card.get_by_role("button", name=re.compile("^Move .* down$")).tap()
    expect(status).to_contain_text("Transformer layer takes one vector for each cell, (B, 16, d), got (B, 256) from Pool")
    status.get_by_role("button", name="Move after Embedding").tap()
    valid(page)


def test_the_palette_puts_what_fits_first_and_keeps_its_place(page: Page) -> None:
    open_new_design(page)
    page.get_by_role("tab", name="Chain").tap()
    page.get_by_role("button", name="Add after Board c1").tap()
    choices = page.get_by_role("dialog", name="Blocks")
    fitting, others = (choices.get_by_role("region", name=name) for name in ("fits here", "other blocks"))
    expect(others.get_by_role("button", name="Value output", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add after Embedding c2").tap()
    expect(fitting.get_by_role("button", name="Attention", exact=True)).to_be_visible()
    expect(others.get_by_role("button", name="Board", exact=True)).to_have_count(1)
    find, body = choices.get_by_role("searchbox", name="Find"), page.locator(".sheet-body")
    before = body.evaluate("body => { body.scrollTop = 240; return body.scrollTop }")
    at = top(find)
    find.fill("residual")
    expect(choices.get_by_role("listitem")).to_have_count(2)
    expect(choices.get_by_role("status")).to_have_text("2 blocks found")
    assert top(find) == at
    find.fill("")
    expect(fitting).to_be_visible()
    assert body.evaluate("body => body.scrollTop") == before


def test_the_far_view_begins_during_a_pinch_and_follows_the_fingers(page: Page) -> None:
    """Also with the finger that stays when the other one is up; the near view is where the fingers left it."""
    start_from(page, "Small transformer")
    valid(page)
    zoom = _zoom(page)
    finger = Finger(page)

    def fingers(apart: float, middle: float = 206) -> list[tuple[float, float]]:
        return [(middle - apart / 2, 420), (middle + apart / 2, 420)]

    finger.send("touchStart", fingers(300)[:1])
    finger.send("touchStart", fingers(300))
    for apart in (200, 120, 90):
        finger.send("touchMove", fingers(apart))
    expect(page.locator(".canvas[data-far] .far canvas").first).to_be_visible()
    left = _left_of_picture(page)
    finger.send("touchMove", fingers(80))
    finger.lift(1, fingers(80)[1])
    for x in (170, 190, 210, 226):
        finger.send("touchMove", [(x, 420)])
    wait_until(lambda: _left_of_picture(page) > left + 40, 15, page)
    finger.send("touchEnd", [])
    wait_until(lambda: abs(_zoom(page) / zoom - 80 / 300) < 0.01, 15, page)
    expect(page.locator(".react-flow__node")).to_have_count(0)
    finger.pinch((206, 420), 60, 300)
    expect(page.locator(".canvas[data-far]")).to_have_count(0)
    expect(page.locator(".react-flow__node").first).to_be_visible()
    assert _zoom(page) == pytest.approx(zoom * 80 / 300 * 5, rel=0.02)


def test_a_pinch_that_began_on_the_selected_block_goes_on_in_the_far_view(page: Page) -> None:
    """The block that the fingers are on stays on the page, since a touch on an element that is removed is lost."""
    start_from(page, "Small transformer")
    valid(page)
    layer = page.get_by_role("group", name="Transformer layer c3")
    layer.tap()
    page.get_by_role("button", name="Connect Transformer layer").wait_for()
    zoom = _zoom(page)
    x, y = centre_of(layer)
    finger = Finger(page)
    finger.send("touchStart", [(x - 45, y)])
    finger.send("touchStart", [(x - 45, y), (x + 45, y)])
    for apart in (70, 45, 30):
        finger.send("touchMove", [(x - apart / 2, y), (x + apart / 2, y)])
    expect(page.locator(".canvas[data-far]")).to_have_count(1)
    left = _left_of_picture(page)
    for apart in (27, 24):
        finger.send("touchMove", [(x - apart / 2, y), (x + apart / 2, y)])
        page.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))")
    wait_until(lambda: _left_of_picture(page) > left, 15, page)
    finger.send("touchEnd", [])
    wait_until(lambda: abs(_zoom(page) / zoom - 24 / 90) < 0.01, 15, page)
    expect(page.locator(".react-flow__node")).to_have_count(0)


def _zoom(page: Page) -> float:
    """The zoom of the near view."""
    return float(re.search(r"scale\(([\d.]+)\)", transform(page) or "")[1])  # type: ignore[index]  # it always has a scale


def _left_of_picture(page: Page) -> float:
    """Where the design begins on the screen in the far view."""
    return float(page.locator(".far canvas").first.evaluate("canvas => canvas.getBoundingClientRect().left"))
