"""The frame of the app: sheets that follow a finger, a phone held sideways, insets of the screen, the theme."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import CDPSession, Locator, Page, expect
from support.browser import Finger, centre_of, wait_until
from support.layers import EVERYWHERE, block_sheet_on_canvas, button, opened_by
from support.screen import assert_fits, bottom, open_new_design, start_from, top, valid

SLOW_STEPS = 30
"""of a drag of about half a second, which no browser takes for a flick"""


def box_of(locator: Locator) -> dict[str, float]:
    box = locator.bounding_box()
    assert box is not None
    return {"left": box["x"], "top": box["y"], "right": box["x"] + box["width"], "bottom": box["y"] + box["height"]}


def at_rest(page: Page, locator: Locator) -> tuple[float, float]:
    """The middle of what a locator finds, once it has stopped moving."""
    seen: list[tuple[float, float]] = []

    def still() -> tuple[float, float] | None:
        seen.append(centre_of(locator))
        return seen[-1] if len(seen) > 2 and seen[-1] == seen[-2] == seen[-3] else None

    place: tuple[float, float] = wait_until(still, 15, page)
    return place


def test_a_finger_pushes_a_sheet_away(page: Page) -> None:
    open_new_design(page)
    address = page.url
    finger = Finger(page)

    def drag(part: Locator, x: float, y: float, steps: int = SLOW_STEPS) -> None:
        start = at_rest(page, part)
        finger.drag(start, (start[0] + x, start[1] + y), steps)

    for name in ("design settings", "blocks"):
        sheet = EVERYWHERE[name](page)
        head = sheet.locator(".sheet-head")
        at_rest(page, sheet)
        before = top(sheet)
        drag(head, 0, 60)
        wait_until(lambda sheet=sheet, before=before: abs(top(sheet) - before) < 1, 15, page)
        drag(head, 0, 0.7 * (bottom(sheet) - before))
        expect(sheet).to_have_count(0)
        assert page.url == address
    wait_until(lambda: not page.evaluate("history.state.layer"), 15, page)

    blocks = EVERYWHERE["blocks"](page)
    body = blocks.locator(".sheet-body")
    drag(body, 0, -200)
    scrolled = wait_until(lambda: body.evaluate("body => body.scrollTop"), 15, page)
    drag(body, 0, 60)
    wait_until(lambda: body.evaluate("body => body.scrollTop") < scrolled, 15, page)
    expect(blocks).to_be_visible()
    body.evaluate("body => body.scrollTo(0, 0)")
    at_rest(page, blocks)
    start = (centre_of(body)[0], top(body) + 30)
    finger.drag(start, (start[0], start[1] + 0.6 * (bottom(blocks) - top(blocks))), SLOW_STEPS)
    expect(blocks).to_have_count(0)


def test_held_sideways_bars_and_sheets_are_at_the_sides(page: Page) -> None:
    open_new_design(page)
    for width, height in ((915, 412), (640, 360)):
        page.set_viewport_size({"width": width, "height": height})
        canvas = box_of(page.locator(".canvas"))
        share = (canvas["right"] - canvas["left"]) * (canvas["bottom"] - canvas["top"]) / (width * height)
        assert share > 0.6, f"the canvas has {share:.0%} of {width} x {height}"
        assert_fits(page, f"canvas at {width} x {height}")
        sheet = block_sheet_on_canvas(page)
        at_rest(page, sheet)
        panel = box_of(sheet)
        assert panel["right"] > 0.85 * width
        assert panel["left"] > 0.45 * width
        layer = box_of(page.get_by_role("group", name="Transformer layer c3"))
        assert layer["right"] <= panel["left"], "the selected block is beside the panel"
        assert_fits(page, f"block at {width} x {height}")
        start = at_rest(page, sheet.locator(".sheet-head"))
        Finger(page).drag(start, (start[0] + 0.3 * width, start[1]), SLOW_STEPS)
        expect(sheet).to_have_count(0)
        page.keyboard.press("Escape")
    page.get_by_role("link", name="Train").tap()
    expect(page.get_by_text("No run yet")).to_be_visible()
    assert_fits(page, "train sideways")
    page.get_by_role("link", name="Code").tap()
    expect(page.get_by_text("class GeneratedModel")).to_be_visible()
    assert_fits(page, "code sideways")


COVERED = """targets => targets.filter(target => {
  const {x, y, width, height} = target.getBoundingClientRect();
  const hit = document.elementFromPoint(x + width / 2, y + height / 2);
  return width < 40 || !target.contains(hit);
}).map(target => target.ariaLabel ?? target.textContent)"""
"""the targets that are too narrow to read, or whose middle is under something else"""


def test_held_sideways_first_steps_leave_the_header_its_room(page: Page) -> None:
    opened_by("Help", "Help")(page).get_by_role("button", name="Show the first steps again").tap()
    open_new_design(page)
    expect(page.get_by_role("region", name="First steps")).to_be_visible()
    for width, height in ((915, 412), (640, 360)):
        page.set_viewport_size({"width": width, "height": height})
        parts = page.locator(".studio-head :is(h1, [role=tab], button), .coach :is(p, button), .validation-banner button")
        assert parts.evaluate_all(COVERED) == [], f"{width} x {height}"


OUTSIDE = """(targets, {top, right, bottom, left}) => targets.filter(target => {
  const box = target.getBoundingClientRect();
  return box.left < left || box.top < top || box.right > innerWidth - right || box.bottom > innerHeight - bottom;
}).map(target => target.ariaLabel ?? target.textContent)"""
"""the targets that lie under an inset of the screen"""


def insets(page: Page) -> Callable[..., None]:
    """A function that sets the insets of the screen, as a notch, rounded corners and a gesture bar make them."""
    session: CDPSession = page.context.new_cdp_session(page)

    def apply(**sides: int) -> None:
        session.send("Emulation.setSafeAreaInsetsOverride", {"insets": sides})

    return apply


def test_nothing_lies_under_a_notch_or_the_gesture_bar(page: Page) -> None:
    open_new_design(page)
    apply = insets(page)
    wanted: list[tuple[dict[str, int], dict[str, int]]] = [
        ({"width": 360, "height": 640}, {"top": 40, "left": 0, "bottom": 30, "right": 0}),
        ({"width": 915, "height": 412}, {"top": 20, "left": 44, "bottom": 22, "right": 44}),
    ]
    for size, inset in wanted:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        apply(**inset)
        targets = page.locator(".studio-head :is(a, button), .actions button, .bottom-nav a")
        outside: Any = targets.evaluate_all(OUTSIDE, inset)
        assert outside == [], size
        sheet = opened_by("Add block", "Blocks")(page)
        at_rest(page, sheet)
        close = box_of(sheet.get_by_role("button", name="Close"))
        assert close["right"] <= size["width"] - inset["right"]
        page.keyboard.press("Escape")


def test_the_bars_of_the_system_have_the_colour_of_the_theme(page: Page) -> None:
    colours = "() => [...document.querySelectorAll('meta[name=theme-color]')].map(meta => meta.content)"
    expect(button(page, "New design")).to_be_visible()

    def becomes(colour: str) -> None:
        wait_until(lambda: page.evaluate(colours) == [colour, colour], 15, page)

    becomes("#f4f3ef")
    page.emulate_media(color_scheme="dark")
    becomes("#121316")
    start_from(page, "Tiny MLP")
    valid(page)
    becomes("#1c1e23")
    page.emulate_media(color_scheme="light")
    becomes("#fff")  # as the build writes #ffffff
