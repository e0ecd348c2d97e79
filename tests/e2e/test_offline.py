"""A phone without its server: what it keeps, and what arrives when the server is back."""

from playwright.sync_api import Page, expect
from support.browser import Server, wait_until
from support.screen import make_ready_for_offline, open_new_design, open_sheet, valid, wait_for_service_worker

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
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server")
    newest = page.evaluate(STORED, False)[0]
    assert newest > 1
    address = page.url
    make_ready_for_offline(page)
    page.goto(server.url + "/#/")
    server.kill()  # before the change, which an answer of the server would replace
    page.evaluate(STORED, True)
    page.goto(address)
    page.reload()
    valid(page)
    expect(page.get_by_role("group", name="Transformer layer c3")).to_be_visible()
    assert page.evaluate(STORED, False) == [newest, 1, None], "work is new, what sync started from is not touched"
    server.start()


def test_case_01_the_page_itself_brings_an_edit_to_the_server(page: Page, server: Server) -> None:
    """Without any tap: the server comes back, the phone notices, the edit arrives."""
    open_new_design(page)
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server")
    (design,) = server.get("/api/designs")
    wait_for_service_worker(page)  # it has the parts of the app that are loaded when they are opened
    server.kill()
    page.get_by_role("tab", name="Chain").tap()
    page.get_by_role("listitem", name="Transformer layer c4").get_by_role("button", name="Edit").tap()
    page.get_by_role("dialog").get_by_role("button", name="Delete").tap()
    expect(page.get_by_role("listitem", name="Transformer layer c4")).to_have_count(0)
    server.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: len(server.get(f"/api/designs/{design['id']}")["components"]) == 6, 60, page)
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server")


def test_what_is_asked_for_offline_runs_on_the_newest_drawing(page: Page, server: Server) -> None:
    """An edit whose call fails, another edit, Compile: what is checked is the design on the screen."""

    def choose_heads(block: str, heads: str) -> None:
        sheet = open_sheet(page, block)
        sheet.get_by_role("combobox", name="n_heads").select_option(heads)
        page.keyboard.press("Escape")
        expect(sheet).to_have_count(0)

    open_new_design(page)
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server")
    wait_for_service_worker(page)  # it has the parts of the app that are loaded when they are opened
    server.kill()
    with page.expect_event("requestfailed", lambda call: "/api/sync" in call.url and '"n_heads":8' in (call.post_data or "")):
        choose_heads("Transformer layer c3", "8")
    choose_heads("Transformer layer c4", "2")
    valid(page)
    page.get_by_role("button", name="Compile").tap()
    expect(page.get_by_role("status", name="Compiling")).to_contain_text("Will compile when the server is back")
    server.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("region", name="Compiled")).to_contain_text("checks passed", timeout=60_000)
    expect(page.get_by_text("The design has changed since")).to_have_count(0)
