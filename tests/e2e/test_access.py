"""Whether everybody can use the app: axe on every layer, large text, and the whole job by the keyboard alone."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from support.access import axe_violations, faulty_text, load_axe
from support.browser import Server, collect_errors, skip_first_steps, wait_until
from support.export_screen import open_export, open_trained_design
from support.layers import CANVAS, CHAIN, EVERYWHERE, LIST, PLAY, Open, opened_by
from support.screen import open_new_design, valid

SMALL = {"width": 360, "height": 640}
LANDSCAPE = {"width": 915, "height": 412}
FETCH_MS = 240_000
"""for the runtime of Play and the network"""

Look = Callable[[str], None]
"""looks at what is on the screen, called by its name"""


@pytest.fixture
def small(browser: Browser, browser_context_args: dict[str, Any], server: Server) -> Iterator[Page]:
    """The app on the smallest phone, without motion."""
    context = browser.new_context(**browser_context_args | {"viewport": SMALL, "reduced_motion": "reduce"})
    skip_first_steps(context)
    errors = collect_errors(context)
    page = context.new_page()
    page.goto(server.url)
    yield page
    assert errors == []
    context.close()


def look_at_layers(page: Page, screen: str, layers: dict[str, Open], look: Look) -> None:
    """Open each layer of a screen once, look at it, and close it."""
    for name, open_it in layers.items():
        shown = open_it(page)
        expect(shown).to_be_visible()
        look(f"{screen}: {name}")
        page.keyboard.press("Escape")
        expect(shown).to_have_count(0)


def look_at_first_steps(page: Page, look: Look) -> None:
    """Go through the first steps over the open design, until they are done."""
    strip = page.get_by_role("region", name="First steps")
    for title, button in (("Draw", "Next"), ("Train", "Next"), ("Play", "Done")):
        expect(strip).to_contain_text(title)
        look(f"first steps: {title}")
        strip.get_by_role("button", name=button).tap()
    expect(strip).to_have_count(0)


def look_at_everything(page: Page, look: Look, canvas: dict[str, Open] = CANVAS) -> None:
    """Go through every screen with every layer of it; the list of designs is open at the end."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Model Studio")
    look("no designs")
    opened_by("Help", "Help")(page).get_by_role("button", name="Show the first steps again").tap()
    open_new_design(page)
    look_at_first_steps(page, look)
    look("canvas")
    look_at_layers(page, "canvas", EVERYWHERE | canvas, look)
    page.get_by_role("tab", name="Chain").tap()
    look("chain")
    look_at_layers(page, "chain", CHAIN, look)
    page.get_by_role("link", name="Code").tap()
    expect(page.get_by_text("class GeneratedModel")).to_be_visible()
    look("code")
    page.get_by_role("link", name="Train").tap()
    expect(page.get_by_text("No run yet")).to_be_visible()
    look("before a run")
    look_at_layers(
        page, "train", {"sheet": opened_by("Train", "Train"), "variants": opened_by("Try variants", "Try variants")}, look
    )
    page.get_by_role("link", name="Play").tap()
    expect(page.locator(".play-screen, .gate")).not_to_have_count(0)
    look("play")
    page.get_by_role("link", name="Design").tap()
    page.get_by_role("link", name="Back").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Model Studio")
    look("designs")
    look_at_layers(page, "designs", LIST, look)


def test_axe_finds_nothing_on_any_screen_or_layer(small: Page, server: Server) -> None:
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        for state, scheme, size in (("light", "light", SMALL), ("dark", "dark", SMALL), ("landscape", "dark", LANDSCAPE)):
            small.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            small.set_viewport_size(size)  # type: ignore[arg-type]
            if violations := axe_violations(small, contrast=state != "landscape"):
                found[f"{name}, {state}"] = violations
        small.set_viewport_size(SMALL)  # type: ignore[arg-type]

    load_axe(small)
    look_at_everything(small, look)
    open_trained_design(small, server, "r1", exported=True)
    load_axe(small)
    look("a run that has ended")
    open_export(small)
    look("export")
    opened_by("Model card", "Model card")(small)
    look("model card")
    for _ in range(2):
        small.keyboard.press("Escape")
    look_at_play(small, look)
    assert not found, json.dumps(found, indent=1)


def look_at_play(page: Page, look: Look) -> None:
    """Go through the modes of Play and its sheets; the network has nothing but its value to look into."""
    page.get_by_role("link", name="Play").tap()
    expect(page.get_by_role("img", name=re.compile("^Board of the network"))).to_be_visible(timeout=FETCH_MS)
    modes = page.get_by_role("group", name="Mode")
    for mode in ("Watch", "Hint", "Race", "Test"):
        modes.get_by_role("button", name=mode).tap()
        look(f"play: {mode}")
    modes.get_by_role("button", name="Watch").tap()
    page.get_by_role("button", name="Value").tap()
    look("play: value")
    look_at_layers(page, "play", PLAY, look)


def test_text_at_twice_its_size_is_neither_cut_nor_covered(small: Page, server: Server) -> None:
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        if faults := faulty_text(small):
            found[name] = faults

    def enlarge() -> None:
        small.evaluate("document.documentElement.style.fontSize = '200%'")
        expect(small.locator("html[data-narrow]")).to_have_count(1)

    enlarge()
    # so large a text leaves a canvas of about one block, where no wire can be tapped
    look_at_everything(small, look, {name: open_it for name, open_it in CANVAS.items() if name != "a selected wire"})
    open_trained_design(small, server, "r1")
    enlarge()
    look("a run that has ended")
    open_export(small)
    look("export")
    assert not found, json.dumps(found, indent=1)


def tab_to(page: Page, role: Any, name: str | re.Pattern[str], key: str = "Tab") -> None:
    """Move the focus with the keyboard until it is on the element of a role and name."""
    wanted = page.get_by_role(role, name=name)
    expect(wanted).not_to_have_count(0)
    for _ in range(80):
        page.keyboard.press(key)
        if wanted.evaluate_all("found => found.includes(document.activeElement)"):
            return
    pytest.fail(f"{key} does not reach the {role} {name}")


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Reach a button with the keyboard, and press it."""
    tab_to(page, "button", name)
    page.keyboard.press("Enter")


def test_the_whole_job_by_the_keyboard_alone(small: Page, server: Server) -> None:
    page = small
    press(page, "New design")
    press(page, "Tiny MLP")
    valid(page)
    tab_to(page, "tab", "Canvas")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Chain")).to_be_focused()
    expect(page.locator("#root")).to_match_aria_snapshot("""
      - banner:
        - link "Back"
        - heading "Tiny MLP" [level=1]
        - status "Sync"
        - tablist "View":
          - tab "Canvas"
          - tab "Chain" [selected]
        - button "Design settings"
      - region "State of the design":
        - status "Validation":
          - paragraph: Valid
        - status "Parameters"
        - status "Memory"
      - main:
        - tabpanel "Chain"
      - contentinfo:
        - toolbar "Actions":
          - button "Undo" [disabled]
          - button "Redo" [disabled]
          - button "Compile"
          - button "Train"
          - button "Add block"
      - navigation "Screens"
    """)
    add_and_connect_by_keyboard(page)
    page.keyboard.press("Control+z")
    expect(page.locator("[aria-live=polite]").filter(has_text=re.compile("^Undid"))).to_have_count(1)
    page.keyboard.press("Control+Shift+z")
    valid(page)
    press(page, "Train")
    press(page, "Start")
    expect(page.get_by_role("img", name="Score")).to_be_visible(timeout=60_000)
    wait_until(lambda: any(run["steps"] > 0 for run in server.get("/api/runs")), 60, page)
    press(page, "Stop")
    press(page, "Export")
    dialog = page.get_by_role("dialog", name="Export")
    expect(dialog.get_by_role("radio", name=re.compile(r"^\.onnx"))).to_be_checked(timeout=60_000)
    tab_to(page, "radio", re.compile(r"^\.onnx"))
    with page.expect_download(timeout=120_000) as download:
        press(page, re.compile("^Save"))
    assert download.value.suggested_filename.endswith(".onnx")


def add_and_connect_by_keyboard(page: Page) -> None:
    """Add a block, connect it past its neighbour, and change one of its properties."""
    cards = page.get_by_role("listitem")
    before = cards.count()
    press(page, "Add block")
    blocks = page.get_by_role("dialog", name="Blocks")
    expect(blocks).to_be_visible()
    tab_to(page, "button", "Linear")
    page.keyboard.press("Enter")
    expect(blocks).to_have_count(0)
    expect(cards).to_have_count(before + 1)
    # the new block is selected; its card follows in reading order
    added = page.locator(".card-item[data-selected]")
    name = added.get_attribute("aria-label") or ""
    press(page, f"Edit {name}")
    sheet = page.get_by_role("dialog", name=name)
    tab_to(page, "spinbutton", "out_features")
    page.keyboard.type("96")
    page.keyboard.press("Enter")
    expect(sheet.get_by_role("spinbutton", name="out_features")).to_have_value("96")
    expect(page.get_by_role("status", name="Validation")).to_contain_text(re.compile("^(Valid|[0-9]+ problem)"))
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(page.get_by_role("button", name=f"Edit {name}")).to_be_focused()
