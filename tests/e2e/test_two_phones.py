"""Two people on two phones: undo, conflicts, earlier versions, and removed designs."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from support.browser import Server, collect_errors
from support.screen import assert_fits, make_ready_for_offline, open_new_design, open_sheet

SMALL = {"width": 390, "height": 844}
LAYER = "Transformer layer c3"


class Phone:
    """A browser with storage of its own, and the page that is open on it."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.errors = collect_errors(context)
        self.page: Page = context.new_page()
        self.page.goto(url)

    def is_saved(self) -> None:
        """Wait until the server has everything."""
        expect(self.page.get_by_role("status", name="Sync")).to_contain_text("Saved on server")

    def set_heads(self, value: int) -> None:
        """Choose the heads of a block in its sheet."""
        sheet = open_sheet(self.page, LAYER)
        sheet.get_by_role("combobox", name="n_heads").select_option(str(value))
        self.page.keyboard.press("Escape")
        self.page.get_by_role("tab", name="Canvas").tap()

    def shows_heads(self, value: int) -> None:
        """Wait until the block on the canvas shows this number of heads."""
        expect(self.page.get_by_role("group", name=LAYER)).to_contain_text(f"{value} heads")

    def conflicts(self) -> Locator:
        """The region of conflicts."""
        return self.page.get_by_role("region", name="Conflicts")

    def undo(self) -> None:
        """Tap Undo in the bar."""
        self.page.get_by_role("button", name="Undo", exact=True).tap()


@pytest.fixture
def phones(browser: Browser, browser_context_args: dict[str, Any], server: Server) -> Iterator[tuple[Phone, Phone]]:
    """Two phones with the same design open."""
    contexts = [browser.new_context(**browser_context_args | {"viewport": SMALL}) for _ in range(2)]
    one = Phone(contexts[0], server.url)
    open_new_design(one.page)
    one.is_saved()
    other = Phone(contexts[1], one.page.url)
    expect(other.page.get_by_role("group", name=LAYER)).to_be_visible()
    yield one, other
    assert one.errors + other.errors == []
    for context in contexts:
        context.close()


def test_undo_does_not_take_back_what_the_other_person_chose_without_asking(phones: tuple[Phone, Phone]) -> None:
    one, other = phones
    one.set_heads(2)
    other.shows_heads(2)
    other.set_heads(8)
    one.shows_heads(8)
    one.undo()
    question = one.page.get_by_role("dialog", name="Undo anyway?")
    expect(question).to_contain_text("Heads of Transformer layer 1 was changed to 8 on another device.")
    assert_fits(one.page, "question before an undo")
    one.page.go_back()
    expect(question).to_have_count(0)
    one.shows_heads(8)
    one.undo()
    question.get_by_role("button", name="Keep 8").tap()
    expect(question).to_have_count(0)
    one.shows_heads(8)
    one.set_heads(4)
    one.page.reload()
    one.shows_heads(4)
    one.undo()
    one.shows_heads(8)
    other.shows_heads(8)


def test_a_conflict_is_shown_on_both_phones_and_a_choice_on_one_reaches_the_other(phones: tuple[Phone, Phone]) -> None:
    one, other = phones
    for phone in phones:
        phone.context.set_offline(True)
    one.set_heads(2)
    other.set_heads(8)
    other.context.set_offline(False)
    other.is_saved()
    one.context.set_offline(False)
    expect(one.conflicts()).to_contain_text("Heads of Transformer layer 1")
    expect(one.conflicts()).to_contain_text("You chose 2,")
    expect(one.conflicts()).to_contain_text("2 is used for now.")
    expect(other.conflicts()).to_contain_text("You chose 8,")
    assert_fits(one.page, "conflict")
    expect(one.page.get_by_role("group", name=LAYER)).to_contain_text("Heads: 2 or 8")
    one.conflicts().get_by_role("button", name="Heads of").tap()
    expect(one.page.get_by_role("button", name=f"Edit {LAYER}")).to_be_visible()

    one.conflicts().get_by_role("button", name="Take theirs").tap()
    expect(one.conflicts()).to_have_count(0)
    one.shows_heads(8)
    expect(other.conflicts()).to_contain_text("Decided: 8")
    expect(other.conflicts().get_by_role("button", name="Keep mine")).to_have_count(0)
    other.conflicts().get_by_role("button", name="OK").tap()
    expect(other.conflicts()).to_have_count(0)
    one.undo()
    one.shows_heads(2)
    other.shows_heads(2)


def open_history(page: Page) -> Locator:
    page.get_by_role("button", name="Design settings").tap()
    page.get_by_role("dialog", name="Design settings").get_by_role("button", name="History").tap()
    return page.get_by_role("dialog")


def test_an_earlier_version_is_previewed_named_and_restored(phones: tuple[Phone, Phone]) -> None:
    one, other = phones
    one.set_heads(2)
    other.shows_heads(2)
    one.is_saved()
    sheet = open_history(one.page)
    versions = sheet.get_by_role("list", name="Versions").get_by_role("button")
    expect(versions).to_have_count(2)
    expect(versions.first).to_contain_text("Heads of Transformer layer 1 changed from the default to 2")
    assert_fits(one.page, "history")
    versions.last.tap()
    expect(sheet.get_by_role("img", name="Drawing of this version")).to_be_visible()
    expect(sheet.get_by_role("region", name="Compared with now")).to_contain_text("Heads of Transformer layer 1: 2 → the default")
    assert_fits(one.page, "version")
    sheet.get_by_role("button", name="Name this version").tap()
    sheet.get_by_role("textbox", name="Name").fill("Before")
    sheet.get_by_role("button", name="Save").tap()
    expect(sheet.get_by_role("button", name="Named “Before”")).to_be_visible()
    one.page.go_back()
    expect(versions.last).to_contain_text("Before")
    versions.last.tap()
    sheet.get_by_role("button", name="Restore this version").tap()
    expect(sheet).to_have_count(0)
    one.shows_heads(4)
    other.shows_heads(4)
    one.undo()
    other.shows_heads(2)

    one.is_saved()
    one.context.set_offline(True)
    sheet = open_history(one.page)
    expect(sheet).to_contain_text("The server cannot be reached. It keeps the other versions.")
    expect(sheet.get_by_role("list", name="Versions").get_by_role("button").first).to_be_enabled()


def test_a_removed_design_is_restored_from_the_bin_with_and_without_the_server(phones: tuple[Phone, Phone]) -> None:
    one, _ = phones
    page = one.page
    page.get_by_role("link", name="Back").tap()
    card = page.get_by_role("listitem").filter(has_text="Experts for each cell")
    for offline in (False, True):
        one.is_saved()
        one.context.set_offline(offline)
        page.get_by_role("button", name="Options").tap()
        page.get_by_role("menuitem", name="Remove").tap()
        expect(page.get_by_role("heading", name="Draw a network that plays 2048")).to_be_visible()
        if not offline:
            one.is_saved()
        page.get_by_role("button", name="Bin").tap()
        removed = page.get_by_role("dialog", name="Bin")
        assert_fits(page, "bin")
        removed.get_by_role("button", name="Restore Experts for each cell").tap()
        page.keyboard.press("Escape")
        expect(card).to_be_visible()
        one.context.set_offline(False)


def test_a_removed_design_is_looked_at_and_removed_for_good(phones: tuple[Phone, Phone], server: Server) -> None:
    page = phones[0].page
    page.get_by_role("link", name="Back").tap()
    page.get_by_role("button", name="Options").tap()
    page.get_by_role("menuitem", name="Remove").tap()
    phones[0].is_saved()
    page.get_by_role("button", name="Bin").tap()
    bin_ = page.get_by_role("dialog", name="Bin")
    bin_.get_by_text("Experts for each cell").tap()
    expect(bin_.get_by_role("img", name="Drawing of this version")).to_be_visible()
    bin_.get_by_role("button", name="Remove for good").tap()
    assert_fits(page, "question before a removal")
    question = bin_.get_by_role("group", name="Remove Experts for each cell for good?")
    question.get_by_role("button", name="Keep").tap()
    assert len(server.get("/api/bin")) == 1
    bin_.get_by_role("button", name="Remove for good").tap()
    question.get_by_role("button", name="Remove").tap()
    expect(bin_.get_by_text("Nothing was removed.")).to_be_visible()
    assert server.get("/api/bin") == []


def test_all_designs_are_exported_to_a_file_that_is_imported_without_the_server(phones: tuple[Phone, Phone]) -> None:
    one, other = phones
    for phone in phones:
        make_ready_for_offline(phone.page)
    one.page.get_by_role("link", name="Back").tap()
    one.context.set_offline(True)
    with one.page.expect_download() as download:
        one.page.get_by_role("button", name="Export all designs").tap()
    file = download.value.path()
    assert download.value.suggested_filename.endswith(".json")
    one.page.get_by_label("Import").set_input_files(file)
    expect(one.page.get_by_text("1 design was here already.")).to_be_visible()
    other.set_heads(2)
    other.page.get_by_role("link", name="Back").tap()
    other.context.set_offline(True)
    other.page.get_by_label("Import").set_input_files(file)
    expect(other.page.get_by_role("listitem").filter(has_text="Experts for each cell (imported)")).to_be_visible()
    assert_fits(other.page, "designs")
