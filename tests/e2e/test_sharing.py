"""A design that travels to another phone as a link, and what every screen says of a run: real browsers, a real server."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import Server, collect_errors, wait_until
from support.screen import assert_fits, make_ready_for_offline, open_new_design, valid

SMALL = {"width": 360, "height": 640}
BLOCK = "Transformer layer c4"
DROP = """text => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], 'shared.json', {type: 'application/json'}));
  dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, cancelable: true}));
}"""
PASTE = """text => {
  const transfer = new DataTransfer();
  transfer.setData('text/plain', text);
  document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: transfer, bubbles: true, cancelable: true}));
}"""
KEPT_LOGS = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('model-studio-undo')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const all = opening.result.transaction('logs').objectStore('logs').getAll()
    all.onsuccess = () => {
      opening.result.close()
      resolve(all.result.map(({text}) => text).join())
    }
    all.onerror = () => reject(all.error)
  }
})"""
BOMB = """async () => {
  const stream = new Blob([new Uint8Array(64e6)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}"""


@pytest.fixture
def phones(browser: Browser, browser_context_args: dict[str, Any], server: Server) -> Iterator[tuple[Page, Page]]:
    """Two phones, each with a storage of its own."""
    contexts = [browser.new_context(**browser_context_args | {"viewport": SMALL}) for _ in range(2)]
    errors = [collect_errors(context) for context in contexts]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto(server.url)
    yield pages[0], pages[1]
    for context in contexts:
        context.close()
    assert errors == [[], []]


def test_a_design_travels_as_a_link_and_undo_outlives_the_app(phones: tuple[Page, Page], server: Server) -> None:
    one, other = phones
    make_ready_for_offline(other)
    other.context.set_offline(True)
    open_new_design(one)
    one.get_by_role("button", name="Design settings").tap()
    one.get_by_role("button", name="Share").tap()
    sheet = one.get_by_role("dialog", name="Share")
    expect(sheet.get_by_role("img", name=re.compile("^QR code"))).to_be_visible()
    link = sheet.get_by_role("textbox", name="Link").input_value()
    assert link.startswith(f"{server.url}/#/import/")
    assert_fits(one, "Share")

    refuse_bad_ones(other, link)
    other.evaluate(PASTE, f"Look at this: {link.replace(server.url, 'https://elsewhere.example')}.")
    preview = other.get_by_role("dialog", name="Experts for each cell")
    expect(preview).to_contain_text("Parameters")
    expect(preview).to_contain_text("Valid")
    assert_fits(other, "Preview")
    preview.get_by_role("button", name="Keep this design").tap()
    valid(other)
    identity = re.search(r"#/d/(\w+)", one.url)
    assert identity is not None
    assert identity[1] in other.url, "a design that is not on this phone keeps its id"

    other = undo_outlives_the_app(other)
    other.get_by_role("link", name="Back").tap()
    other.evaluate(DROP, other.evaluate("link => location.origin + link.slice(link.indexOf('/#'))", link))
    preview = other.get_by_role("dialog", name="Experts for each cell")
    expect(preview).to_contain_text("on this phone already")
    preview.get_by_role("button", name="Open it").tap()
    valid(other)


def refuse_bad_ones(page: Page, link: str) -> None:
    """A damaged link, a decompression bomb and a newer form each get a plain sentence."""
    bomb = page.evaluate(BOMB)
    for data, sentence in (
        (link[-99:-9], "This link is damaged"),
        (bomb, "more than a design can have"),
        ("2.x", "newer version"),
    ):
        page.evaluate("data => { location.hash = `#/import/${data}` }", data)
        dialog = page.get_by_role("dialog", name="Import a design")
        expect(dialog.get_by_role("alert")).to_contain_text(sentence)
        assert page.evaluate("location.hash") == "#/"
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def undo_outlives_the_app(page: Page) -> Page:
    """Delete a block, close the app, open it anew in another tab, take the delete back; returns the new page."""
    page.get_by_role("tab", name="Chain").tap()
    page.get_by_role("listitem", name=BLOCK).get_by_role("button", name="Edit").tap()
    page.get_by_role("dialog", name=BLOCK).get_by_role("button", name="Delete").tap()
    expect(page.get_by_role("listitem", name=BLOCK)).to_have_count(0)
    wait_until(lambda: "Deleted" in page.evaluate(KEPT_LOGS), 15, page)
    address, context = page.url, page.context
    page.close()
    page = context.new_page()
    page.goto(address)
    page.get_by_role("tab", name="Chain").tap()
    block = page.get_by_role("listitem", name=BLOCK)
    expect(page.get_by_role("listitem", name="Transformer layer c3")).to_be_visible()
    expect(block).to_have_count(0)
    page.get_by_role("button", name="Undo").tap()
    expect(block).to_have_count(1)
    valid(page)
    return page


def test_every_screen_says_what_trains(phones: tuple[Page, Page], server: Server) -> None:
    """A run that another phone started: the list follows it, the pill leads to it and goes with it."""
    one, other = phones
    open_new_design(one)
    expect(one.get_by_role("status", name="Sync")).to_contain_text("Saved on server")
    (design,) = server.get("/api/designs")
    card = other.get_by_role("listitem").filter(has_text="Experts for each cell")
    expect(card).to_be_visible(timeout=15_000)
    config = {"total_steps": 10**7, "n_envs": 8, "n_steps": 8, "minibatch_size": 32}
    run = server.post(f"/api/designs/{design['id']}/train", config)["run_id"]
    pill = re.compile("^Experts for each cell learning")
    expect(other.get_by_role("button", name=pill)).to_be_visible(timeout=60_000)
    expect(card).to_contain_text(re.compile(r"learning · \d+ %"))
    expect(other.get_by_role("button", name=pill)).to_contain_text(re.compile("score"), timeout=60_000)
    assert_fits(other, "List of designs")
    expect(one.get_by_role("button", name=pill)).to_be_visible()
    assert_fits(one, "Design with a pill")
    one.get_by_role("link", name="Code").tap()
    one.get_by_role("button", name=pill).tap()
    expect(one).to_have_url(re.compile("/train$"))
    expect(one.get_by_role("status", name="Run")).to_contain_text("Training")
    expect(one.get_by_role("button", name=pill)).to_have_count(0)
    server.post(f"/api/runs/{run}/stop")
    expect(other.get_by_role("button", name=pill)).to_have_count(0, timeout=30_000)
    expect(other.get_by_text("Experts for each cell was stopped")).to_be_visible()
