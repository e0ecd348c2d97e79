"""Where links, the address and the system's Back key lead, and what Back and Escape close first."""

import json
import re

from playwright.sync_api import Page, expect
from support.browser import Server, wait_until
from support.export_screen import open_export, open_trained_design
from support.layers import CANVAS, CHAIN, EVERYWHERE, LIST, PLAY, Open, button, opened_by
from support.screen import open_new_design, open_sheet, start_from

FETCH_MS = 240_000
"""for the runtime of Play and the network"""
TEMPLATES = ("Tiny MLP", "Small transformer", "Mixture of experts")

WORK_OF = """id => new Promise((resolve, reject) => {
  const opening = indexedDB.open('model-studio')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const get = opening.result.transaction('designs').objectStore('designs').get(id)
    get.onsuccess = () => { opening.result.close(); resolve(JSON.stringify(get.result.work)) }
  }
})"""


def design_id(page: Page) -> str:
    found = re.search(r"#/d/(\w+)", page.url)
    assert found, page.url
    return found[1]


def new_designs(page: Page) -> list[str]:
    """Make one design of each template; ends on the list."""
    ids = []
    for name in TEMPLATES:
        start_from(page, name)
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        ids.append(design_id(page))
        page.get_by_role("link", name="Back").tap()
        expect(page.get_by_role("heading", level=1)).to_have_text("Model Studio")
    return ids


def shows(page: Page, name: str) -> None:
    """The design of this name is on the screen, with its blocks."""
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("group", name=re.compile("^Action output"))).to_be_visible()


def test_going_straight_from_one_design_to_another_shows_that_design(page: Page) -> None:
    ids = new_designs(page)
    go = "ids => { for (const id of ids) location.hash = `#/d/${id}` }"
    page.evaluate(go, ids[:1])
    shows(page, TEMPLATES[0])
    page.evaluate(go, ids[1:2])
    shows(page, TEMPLATES[1])
    page.evaluate(go, [*ids, *reversed(ids), *ids] * 3)
    shows(page, TEMPLATES[2])
    page.evaluate("history.go(-2)")
    shows(page, TEMPLATES[0])
    page.evaluate("history.go(1)")
    shows(page, TEMPLATES[1])


def test_back_over_two_entries_opens_the_design_that_is_there(page: Page) -> None:
    ids = new_designs(page)
    page.evaluate("id => { location.hash = `#/d/${id}` }", ids[0])
    shows(page, TEMPLATES[0])
    page.evaluate("() => { location.hash = '#/' }")
    page.evaluate("id => { location.hash = `#/d/${id}` }", ids[1])
    shows(page, TEMPLATES[1])
    page.evaluate("history.go(-2)")
    shows(page, TEMPLATES[0])


def test_what_is_typed_while_another_design_is_opened_is_stored_in_its_own(page: Page) -> None:
    ids = new_designs(page)
    page.evaluate("id => { location.hash = `#/d/${id}` }", ids[1])
    shows(page, TEMPLATES[1])
    sheet = open_sheet(page, "Transformer layer c3")
    sheet.get_by_role("spinbutton", name="dim_feedforward").fill("96")
    page.evaluate("id => { location.hash = `#/d/${id}` }", ids[2])
    shows_chain = page.get_by_role("listitem", name="Mixture of experts c6")
    expect(shows_chain).to_have_count(1)
    expect(page.get_by_role("dialog")).to_have_count(0)

    def typed_into(which: int) -> list[str]:
        work = json.loads(page.evaluate(WORK_OF, ids[which]))
        return [component["id"] for component in work["components"] if component["props"].get("dim_feedforward") == 96]

    wait_until(lambda: typed_into(1) == ["c3"], 15, page)
    assert typed_into(2) == []


def test_a_new_name_that_is_still_typed_is_kept_when_the_design_is_left(page: Page, server: Server) -> None:
    open_new_design(page)
    page.get_by_role("button", name="Design settings").tap()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("Renamed")
    page.evaluate("location.hash = '#/'")
    expect(page.get_by_role("listitem").filter(has_text="Renamed")).to_have_count(1)
    wait_until(lambda: [design["name"] for design in server.get("/api/designs")] == ["Renamed"], 15, page)


def assert_back_and_escape_close(page: Page, layers: dict[str, Open]) -> None:
    """Each layer is closed by Back and by Escape, with nothing else changed."""
    address = page.url
    for name, open_it in layers.items():
        for way, close in (("Back", page.go_back), ("Escape", lambda: page.keyboard.press("Escape"))):
            shown = open_it(page)
            expect(shown, f"{name} is open before {way}").to_be_visible()
            close()
            expect(shown, f"{way} closes {name}").to_have_count(0)
            assert page.url == address, f"{way} on {name} stays on the screen"


def test_back_and_escape_close_what_is_open_over_a_screen_and_then_back_leaves_it(page: Page) -> None:
    open_new_design(page)
    address = page.url
    assert_back_and_escape_close(page, EVERYWHERE | CANVAS)
    page.get_by_role("tab", name="Chain").tap()
    assert_back_and_escape_close(page, CHAIN)
    page.get_by_role("link", name="Code").tap()
    expect(page.get_by_text("class GeneratedModel")).to_be_visible()
    assert_back_and_escape_close(page, EVERYWHERE)
    page.get_by_role("link", name="Train").tap()
    expect(page.get_by_text("No run yet")).to_be_visible()
    on_train = {name: EVERYWHERE[name] for name in ("design settings", "history", "share", "sync")}
    assert_back_and_escape_close(
        page, on_train | {"train": opened_by("Train", "Train"), "variants": opened_by("Try variants", "Try variants")}
    )
    for screen in ("/code", ""):
        page.go_back()
        expect(page).to_have_url(address + screen)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Model Studio")
    assert_back_and_escape_close(page, LIST)


def test_back_closes_the_export_dialog_and_leads_from_the_model_card_to_it(page: Page, server: Server) -> None:
    open_trained_design(page, server, "r1")
    assert_back_and_escape_close(page, {"export": opened_by("Export", "Export")})
    open_export(page)
    assert_back_and_escape_close(page, {"model card": opened_by("Model card", "Model card")})
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_back_and_escape_close_the_sheets_of_play(page: Page, server: Server) -> None:
    open_trained_design(page, server, "r1", exported=True)
    page.get_by_role("link", name="Play").tap()
    expect(page.get_by_role("img", name=re.compile("^Board of the network"))).to_be_visible(timeout=FETCH_MS)
    assert_back_and_escape_close(page, PLAY)


def test_a_closed_sheet_leaves_no_step_for_back(page: Page) -> None:
    for way in ("its button", "Back", "Escape", "a reload"):
        close_and_go_back(page, way)


def close_and_go_back(page: Page, way: str) -> None:
    """Open a sheet over a new design and close it: the next step back leads to the list."""
    open_new_design(page)
    name = page.get_by_role("heading", level=1).inner_text()  # each new design of a template gets another number
    button(page, "Design settings").tap()
    sheet = page.get_by_role("dialog", name="Design settings")
    expect(sheet).to_be_visible()
    if way == "its button":
        sheet.get_by_role("button", name="Close").tap()
    elif way == "Back":
        page.go_back()
    elif way == "Escape":
        page.keyboard.press("Escape")
    else:
        page.reload()
        shows(page, name)
    expect(sheet).to_have_count(0)
    wait_until(lambda: not page.evaluate("history.state.layer"), 15, page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Model Studio")
    page.go_forward()
    shows(page, name)
    page.go_forward()
    shows(page, name)
    expect(sheet).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Model Studio")


def test_a_link_or_an_address_taken_while_a_sheet_is_open_closes_it(page: Page) -> None:
    open_new_design(page)
    address = page.url
    sheet = page.get_by_role("dialog", name="Design settings")
    for go in ("document.querySelector('a[href$=\"/train\"]').click()", "location.hash += '/train'"):
        button(page, "Design settings").tap()
        expect(sheet).to_be_visible()
        page.evaluate(go)
        expect(page.get_by_text("No run yet")).to_be_visible()
        expect(sheet).to_have_count(0)
        page.go_back()
        shows(page, "Experts for each cell")
        assert page.url == address
        wait_until(lambda: not page.evaluate("history.state.layer"), 15, page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Model Studio")


def test_back_closes_a_sheet_inside_a_container_before_it_leaves_the_container(page: Page) -> None:
    open_new_design(page)
    address = page.url
    open_sheet(page, "Transformer layer c3").get_by_role("button", name="Group into Repeat").tap()
    page.get_by_role("button", name=re.compile("^Edit Repeat")).tap()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Open Repeat")).tap()
    place = page.get_by_role("navigation", name="Place")
    expect(place).to_be_visible()
    assert_back_and_escape_close(page, {"block": CHAIN["block"], "settings": EVERYWHERE["design settings"]})
    expect(place).to_be_visible()
    page.go_back()
    expect(place).to_have_count(0)
    expect(page).to_have_url(address)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Model Studio")
