"""What a screen reader, a thumb and a keyboard find, at both sizes the contract names."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from browser import Finger, Server, centre_of, collect_errors, wait_until
from playwright.sync_api import Browser, Locator, Page, expect

from shared_py.analysis import analyse
from shared_py.decoding import decode_design
from shared_py.protocol import Machine
from shared_py.recipes import offer_recipes

SIZES = [(360, 640), (412, 915)]
SMALLEST_TARGET_PX = 40

TARGETS = """() => {
  const wanted = 'button, a[href], input, select, textarea, [role=tab], [role=switch], [role=slider], .react-flow__node';
  const found = [];
  for (const element of document.querySelectorAll(wanted)) {
    const style = getComputedStyle(element);
    if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true}) || style.pointerEvents === 'none') continue;
    if (element.disabled || element.closest('[aria-hidden=true], [inert]')) continue;
    const target = element.matches('input, select') ? element.closest('label') ?? element : element;
    const box = target.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    const after = getComputedStyle(element, '::after');
    const grows = after.content !== 'none' && after.position === 'absolute';
    const grown = grows ? [parseFloat(after.width), parseFloat(after.height)] : [0, 0];
    found.push({
      name: (element.getAttribute('aria-label') || element.textContent || element.id || element.className).trim().slice(0, 60),
      width: Math.max(box.width, grown[0] || 0), height: Math.max(box.height, grown[1] || 0),
    });
  }
  return found;
}"""


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def page(
    request: pytest.FixtureRequest, browser: Browser, browser_context_args: dict[str, Any], server: Server
) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(**browser_context_args | {"viewport": {"width": width, "height": height}})
    errors = collect_errors(context)
    page = context.new_page()
    page.goto(server.url)
    yield page
    assert errors == []
    context.close()


def assert_fits(page: Page, screen: str) -> None:
    """No sideways scroll, and nothing to tap that is too small."""
    scroll = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    assert scroll <= 0, f"{screen} scrolls sideways by {scroll} px"
    small = [target for target in page.evaluate(TARGETS) if min(target["width"], target["height"]) < SMALLEST_TARGET_PX - 0.5]
    assert small == [], f"{screen} has targets under {SMALLEST_TARGET_PX} px"


def open_new_design(page: Page) -> None:
    page.get_by_role("button", name="New design").tap()
    valid(page)


def valid(page: Page) -> Locator:
    status = page.get_by_role("status", name="Validation")
    expect(status).to_contain_text(re.compile("^Valid"), timeout=60_000)
    return status


def test_every_screen_fits_and_is_named(page: Page) -> None:
    assert_fits(page, "designs")
    expect(page.get_by_role("status", name="Sync")).to_contain_text(re.compile("Saved on|waiting"))
    open_new_design(page)
    assert_fits(page, "canvas")
    for name in ("Add block", "Undo", "Redo", "Compile", "Train"):
        expect(page.get_by_role("button", name=name)).to_have_count(1)
        expect(page.get_by_role("button", name=name)).to_be_in_viewport()
    expect(page.get_by_role("tab", name="Canvas")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Parameters")).to_contain_text("244,613")
    expect(page.get_by_label("Memory")).to_contain_text("MB")
    expect(page.get_by_role("group", name="Transformer layer c3")).to_be_visible()
    page.get_by_role("tab", name="Chain").tap()
    expect(page.get_by_role("listitem", name="Mixture of experts c6")).to_have_count(1)
    assert_fits(page, "chain")
    page.get_by_role("button", name="Add block").tap()
    blocks = page.get_by_role("dialog", name="Blocks")
    for title in ("Transformer layer", "Mixture of experts", "Router", "Embedding", "Action output"):
        expect(blocks.get_by_role("button", name=title)).to_have_count(1)
    assert_fits(page, "blocks")
    page.keyboard.press("Escape")
    page.get_by_role("listitem", name="Transformer layer c3").get_by_role("button", name="Edit").tap()
    sheet = page.get_by_role("dialog", name="Transformer layer c3")
    expect(sheet.get_by_role("spinbutton", name="d_model")).to_have_value("64")
    expect(sheet.get_by_role("combobox", name="n_heads")).to_have_count(1)
    expect(sheet.get_by_role("slider", name="dropout")).to_have_count(1)
    expect(sheet.get_by_role("switch", name="bias")).to_have_count(1)
    for name in ("Duplicate", "Delete"):
        expect(page.get_by_role("button", name=name)).to_have_count(1)
    assert_fits(page, "sheet")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Code").tap()
    expect(page.get_by_text("class GeneratedModel")).to_be_visible()
    assert_fits(page, "code")
    page.get_by_role("link", name="Train").tap()
    assert_fits(page, "train")


def test_a_run_is_started_by_the_chosen_recipe(page: Page, server: Server) -> None:
    open_new_design(page)
    page.get_by_role("link", name="Train").tap()
    panel = page.get_by_role("region", name="Before a run")
    expect(panel.get_by_role("radio", name="Standard")).to_be_checked()
    panel.get_by_role("radio", name="Quick look").check()
    panel.get_by_role("radio", name="afterstate TD").check()
    panel.get_by_text("Settings").tap()
    panel.get_by_role("button", name="More Seed").tap()
    assert_fits(page, "before a run")
    page.reload()
    expect(panel.get_by_role("radio", name="Quick look")).to_be_checked()
    valid(page)
    page.get_by_role("button", name="Train").tap()
    (run,) = wait_until(lambda: server.get("/api/runs"), 30, page)
    design = decode_design(json.dumps(server.get(f"/api/designs/{run['design_id']}")))
    machine = msgspec.convert(server.get("/api/machine"), Machine)
    recipe = offer_recipes("afterstate_td", analyse(design).sizes, machine)[0].config
    assert run["config"] == msgspec.to_builtins(recipe) | {"seed": recipe.seed + 1}
    expect(panel).to_have_count(0)


def test_the_job_is_possible_from_the_keyboard(page: Page) -> None:
    page.get_by_role("button", name="New design").focus()
    page.keyboard.press("Enter")
    valid(page)
    node = page.get_by_role("group", name="Transformer layer c3")
    node.focus()
    page.keyboard.press("Enter")
    before = page.get_by_label("Parameters").inner_text()
    page.keyboard.press("Delete")
    expect(node).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(node).to_have_count(1)
    expect(page.get_by_label("Parameters")).to_have_text(before)


def open_sheet(page: Page, name: str) -> Locator:
    """A block's own sheet, by way of its card."""
    page.get_by_role("tab", name="Chain").tap()
    page.get_by_role("listitem", name=name).get_by_role("button", name="Edit").tap()
    return page.get_by_role("dialog", name=name)


def tap_twice(page: Page, locator: Locator) -> None:
    x, y = centre_of(locator)
    page.touchscreen.tap(x, y)
    page.wait_for_timeout(60)
    page.touchscreen.tap(x, y)


def test_a_container_is_opened_filled_and_left(page: Page) -> None:
    """Put in, open by double tap, add, leave by every way there is, take out; all undone step by step."""
    open_new_design(page)
    before = page.get_by_label("Parameters").inner_text()
    open_sheet(page, "Transformer layer c3").get_by_role("button", name="Put into Repeat").tap()
    page.get_by_role("tab", name="Canvas").tap()
    repeat = page.get_by_role("group", name=re.compile("^Repeat c"))
    expect(repeat).to_contain_text("1 block")
    expect(page.get_by_role("group", name="Transformer layer c3")).to_have_count(0)
    wait_until(lambda: repeat.bounding_box(), 10, page)
    tap_twice(page, repeat)
    place = page.get_by_role("navigation", name="Place")
    expect(place).to_contain_text(re.compile("Mixture of experts.*Repeat c"))
    expect(page.get_by_role("group", name="Transformer layer c3")).to_be_visible()
    expect(page.get_by_role("group", name=re.compile("^Embedding"))).to_have_count(0)
    assert_fits(page, "inside a container, canvas")
    page.get_by_role("button", name="Add block").tap()
    page.get_by_role("dialog", name="Blocks").get_by_role("button", name="Transformer layer").tap()
    expect(page.get_by_role("group", name=re.compile("^Transformer layer"))).to_have_count(2)
    valid(page)
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
    page.get_by_role("button", name="Take out what is inside").tap()
    expect(page.get_by_role("listitem", name=re.compile("^Repeat"))).to_have_count(0)
    for _ in range(3):
        page.get_by_role("button", name="Undo").tap()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.get_by_label("Parameters")).to_have_text(before)


def test_linked_copies_share_one_body(page: Page) -> None:
    """What the definition holds is not lost when it is deleted, and an empty container says how to begin."""
    open_new_design(page)
    open_sheet(page, "Transformer layer c3").get_by_role("button", name="Put into Subnetwork").tap()
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
    page.get_by_role("dialog", name="Blocks").get_by_role("button", name="Repeat", exact=True).tap()
    page.get_by_role("button", name=re.compile("^Open Repeat")).tap()
    expect(page.get_by_text("Nothing inside yet: add a block")).to_be_visible()
    assert_fits(page, "empty container")


def test_hints_sizes_and_lists_of_numbers(page: Page) -> None:
    open_new_design(page)
    sheet = open_sheet(page, "Transformer layer c3")
    sheet.get_by_role("slider", name="dropout").fill("0.2")
    expect(page.get_by_role("status", name="Validation")).to_contain_text("1 hint")
    valid(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="1 hint").tap()
    assert_fits(page, "hints")
    page.get_by_role("button", name="Set dropout to 0").tap()
    expect(page.get_by_role("button", name="1 hint")).to_have_count(0)
    for label, title in (("Memory", "Memory"), ("Parameters", "Size")):
        page.get_by_label(label, exact=True).first.tap()
        expect(page.get_by_role("dialog", name=title)).to_be_visible()
        assert_fits(page, title)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    heads = open_sheet(page, "Action output c7").get_by_role("group", name="hidden_sizes")
    heads.get_by_role("button", name="Add to hidden_sizes").tap()
    heads.get_by_role("spinbutton", name="hidden_sizes 1").fill("32")
    heads.get_by_role("button", name="More hidden_sizes 1").tap()
    expect(heads.get_by_role("spinbutton", name="hidden_sizes 1")).to_have_value("33")
    assert_fits(page, "list of numbers")
    heads.get_by_role("button", name="Remove hidden_sizes 1").tap()
    expect(heads.get_by_role("spinbutton")).to_have_count(0)


STORED = """change => new Promise((resolve, reject) => {
  const opening = indexedDB.open('model-studio')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const store = opening.result.transaction('designs', 'readwrite').objectStore('designs')
    const all = store.getAll()
    all.onsuccess = () => {
      const [row] = all.result
      if (change) {
        for (const document of [row.work, row.base]) {
          document.schema_version = 1
          for (const component of document.components) delete component.inside
        }
        store.put({...row, dirty: false})
      }
      opening.result.close()
      resolve([row.work.schema_version, row.base.schema_version, row.work.components[0].inside])
    }
  }
})"""


def test_a_drawing_of_an_older_version_is_made_new_before_it_is_edited(page: Page, server: Server) -> None:
    open_new_design(page)
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server", timeout=15_000)
    newest = page.evaluate(STORED, False)[0]
    assert newest > 1
    address = page.url
    page.goto(server.url + "/#/")
    page.evaluate(STORED, True)
    server.kill()
    page.goto(address)
    page.reload()
    valid(page)
    expect(page.get_by_role("group", name="Transformer layer c3")).to_be_visible()
    assert page.evaluate(STORED, False) == [newest, 1, None], "work is new, what sync started from is not touched"
    server.start()


def test_the_verdict_follows_while_a_value_is_moved(page: Page) -> None:
    open_new_design(page)
    sheet = open_sheet(page, "Transformer layer c3")
    seen = page.evaluate_handle("""() => {
      const seen = new Set(), number = document.querySelector('[aria-label="Parameters"]')
      const wanted = {characterData: true, childList: true, subtree: true}
      new MutationObserver(() => seen.add(number.textContent)).observe(number, wanted)
      return seen
    }""")
    width = sheet.get_by_role("spinbutton", name="dim_feedforward")
    width.fill("64")
    width.press("Enter")
    more = sheet.get_by_role("button", name="More dim_feedforward")
    x, y = centre_of(more)
    finger = Finger(page)
    finger.drag((x, y), (x, y), steps=110)
    assert seen.evaluate("seen => seen.size") > 5


def test_a_refused_wire_says_why(page: Page) -> None:
    """Drawn by taps and drawn by a drag."""
    page.get_by_role("button", name="Templates").tap()
    page.get_by_role("button", name=re.compile("Small transformer")).tap()
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
    expect(page.get_by_text("That would close a circle").first).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def transform(page: Page) -> str:
    return str(page.locator(".react-flow__viewport").evaluate("element => element.style.transform"))


def test_gestures(page: Page) -> None:
    """Pan from anything, pinch on anything; only a selected block moves under one finger."""
    open_new_design(page)
    finger = Finger(page)
    node = page.get_by_role("group", name="Transformer layer c3")
    wait_until(lambda: node.bounding_box(), 10, page)
    start = centre_of(node)
    seen = transform(page)
    finger.drag(start, (start[0] + 40, start[1] + 30))
    wait_until(lambda: transform(page) != seen, 5, page)
    moved = centre_of(node)
    assert abs(moved[0] - start[0] - 40) < 16, "one finger on an unselected block pans"
    seen = transform(page)
    finger.pinch(centre_of(node), 60, 120)
    wait_until(lambda: transform(page) != seen, 5, page)
    assert page.evaluate("visualViewport.scale") == 1
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_what_was_added_stays_clear_of_what_covers_the_canvas(page: Page) -> None:
    """The face of a new block stands above the card and what is said in passing; `Show all` leaves room for the card."""
    open_new_design(page)
    for name in ("Linear", "Concatenate"):
        page.get_by_role("button", name="Add block").tap()
        page.get_by_role("dialog").get_by_role("button", name=name).first.tap()
        toast, card = page.locator(".toast").filter(has_text=f"Added {name}"), page.locator(".selection-bar")
        expect(toast).to_be_visible()
        expect(card).to_contain_text(name)
        block = page.locator(".react-flow__node.selected .block").filter(has_text=name)
        wait_until(
            lambda block=block, cover=toast: bottom(block) <= top(cover) and top(block) >= top(page.locator(".canvas")), 3, page
        )
    page.get_by_role("button", name="Show all").tap()
    lowest = page.locator(".block").filter(has_text="Action output")
    wait_until(lambda: bottom(lowest) <= top(card), 3, page)


def top(locator: Locator) -> float:
    """The upper edge of what a locator finds, in px of the page."""
    return (locator.bounding_box() or {"y": 0.0})["y"]


def bottom(locator: Locator) -> float:
    """The lower edge of what a locator finds, in px of the page."""
    box = locator.bounding_box()
    return box["y"] + box["height"] if box else float("inf")


def test_the_page_itself_brings_an_edit_to_the_server(page: Page, server: Server) -> None:
    """Without any tap: the server comes back, the phone notices, the edit arrives."""
    open_new_design(page)
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server", timeout=15_000)
    (design,) = server.get("/api/designs")
    server.kill()
    page.get_by_role("tab", name="Chain").tap()
    page.get_by_role("listitem", name="Transformer layer c4").get_by_role("button", name="Edit").tap()
    page.get_by_role("dialog").get_by_role("button", name="Delete").tap()
    expect(page.get_by_role("listitem", name="Transformer layer c4")).to_have_count(0)
    server.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: len(server.get(f"/api/designs/{design['id']}")["components"]) == 6, 60, page)
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server", timeout=15_000)


def test_what_is_asked_for_offline_runs_on_the_newest_drawing(page: Page, server: Server) -> None:
    """An edit whose call fails, another edit, Compile: what is proved is the drawing on the screen."""

    def choose_heads(block: str, heads: str) -> None:
        sheet = open_sheet(page, block)
        sheet.get_by_role("combobox", name="n_heads").select_option(heads)
        page.keyboard.press("Escape")
        expect(sheet).to_have_count(0)

    open_new_design(page)
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server", timeout=15_000)
    server.kill()
    with page.expect_event("requestfailed", lambda call: "/api/sync" in call.url and '"n_heads":8' in (call.post_data or "")):
        choose_heads("Transformer layer c3", "8")
    choose_heads("Transformer layer c4", "2")
    valid(page)
    page.get_by_role("button", name="Compile").tap()
    expect(page.get_by_role("status", name="Compiling")).to_contain_text("Will compile when the server is back")
    server.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("region", name="Compiled")).to_contain_text("proofs hold", timeout=60_000)
    expect(page.get_by_text("The drawing has changed since")).to_have_count(0)
