"""Where links, the address and the system's Back key lead, and what Back and Escape close first."""

import json
import re

from browser import Server, wait_until
from playwright.sync_api import Page, expect
from screen import open_new_design, open_sheet

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
        page.get_by_role("button", name="Templates").tap()
        page.get_by_role("dialog", name="Templates").get_by_role("button", name=re.compile(f"^{name}")).first.tap()
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

    wait_until(lambda: typed_into(1) == ["c3"], 10, page)
    assert typed_into(2) == []


def test_a_new_name_that_is_still_typed_is_kept_when_the_design_is_left(page: Page, server: Server) -> None:
    open_new_design(page)
    page.get_by_role("button", name="Design settings").tap()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("Renamed")
    page.evaluate("location.hash = '#/'")
    expect(page.get_by_role("listitem").filter(has_text="Renamed")).to_have_count(1)
    wait_until(lambda: [design["name"] for design in server.get("/api/designs")] == ["Renamed"], 15, page)
