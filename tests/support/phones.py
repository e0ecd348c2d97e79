"""For browser tests of sync: phones with storage of their own, and a server that a test can kill before it answers."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Locator, Page, Route, expect

from .browser import Server, collect_errors, wait_until
from .dying_server import FLAG
from .screen import open_sheet, start_from

SMALL = {"width": 390, "height": 844}
FIRST, SECOND = "Transformer layer c3", "Transformer layer c4"
"""two blocks of the template \"Experts for each cell\""""
CONFLICTS = re.compile("^(Conflicts|Changed in two places)$")
ROWS = """store => new Promise((resolve, reject) => {
  const opening = indexedDB.open('model-studio')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const all = opening.result.transaction(store).objectStore(store).getAll()
    all.onsuccess = () => {
      opening.result.close()
      resolve(all.result)
    }
    all.onerror = () => reject(all.error)
  }
})"""


class DyingServer(Server):
    """A server that a test can kill between the commit of a call and its answer."""

    module = "support.dying_server"

    def die_before_the_next_answer(self) -> None:
        """Die with the next call that brings a design, after its commit."""
        (self.data / FLAG).touch()

    def design(self, design_id: str) -> dict[str, Any]:
        """A design as the server has it."""
        document: dict[str, Any] = self.get(f"/api/designs/{design_id}")
        return document

    def ids(self) -> set[str]:
        """The ids of all designs."""
        return {meta["id"] for meta in self.get("/api/designs")}


class Phone:
    """A browser context with storage of its own, and the page that is open in it."""

    def __init__(self, browser: Browser, options: dict[str, Any], address: str) -> None:
        self.context: BrowserContext = browser.new_context(**options | {"viewport": SMALL})
        self.context.set_default_timeout(15_000)
        self.errors = collect_errors(self.context)
        self.page: Page = self.context.new_page()
        self.page.goto(address)

    @property
    def status(self) -> Locator:
        """The status of sync in the header."""
        return self.page.get_by_role("status", name="Sync")

    @property
    def conflicts(self) -> Locator:
        """The region of conflicts of the open design."""
        return self.page.get_by_role("region", name=CONFLICTS)

    @property
    def design_id(self) -> str:
        """The id of the open design."""
        found = re.search(r"#/d/(\w+)", self.page.url)
        assert found is not None
        return found[1]

    def is_saved(self) -> None:
        """Wait until the server has everything."""
        expect(self.status).to_contain_text("Saved on server")

    def wait_for(self, condition: "Callable[[Phone], bool]") -> None:
        """Wait until a condition holds for this phone."""
        wait_until(lambda: condition(self), 15, self.page)

    def set_heads(self, block: str, heads: int) -> None:
        """Choose the heads of a block in its sheet, and wait until the phone has stored it."""
        choose_heads(self.page, block, heads)
        name = block.split()[-1]
        wait_until(lambda: heads_of(self.stored()[self.design_id], name) == heads, 15, self.page)

    def stored(self) -> dict[str, dict[str, Any]]:
        """The designs in the phone's database, by id."""
        return {row["id"]: row["work"] for row in self.rows() if not row["deleted"]}

    def rows(self, store: str = "designs") -> list[dict[str, Any]]:
        """The rows of a store of the phone's database."""
        rows: list[dict[str, Any]] = self.page.evaluate(ROWS, store)
        return rows

    def go_offline(self, offline: bool = True) -> None:
        """Cut the network, or bring it back."""
        self.context.set_offline(offline)
        if not offline:
            self.sync_now()

    def sync_now(self) -> None:
        """Have the page sync at once, without waiting for the end of its pause."""
        self.page.evaluate("dispatchEvent(new Event('online'))")

    def open_sync(self) -> Locator:
        """The sheet with the details of sync."""
        self.status.get_by_role("button").tap()
        return self.page.get_by_role("dialog", name="Sync")

    def forget_errors(self, text: str) -> None:
        """Take errors that a test caused out of the console's."""
        self.errors[:] = [error for error in self.errors if text not in error]

    def close_sync(self) -> None:
        """Close that sheet."""
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog", name="Sync")).to_have_count(0)

    def back(self) -> None:
        """Go to the list of designs."""
        self.page.get_by_role("link", name="Back").tap()

    def open_design(self, name: str) -> None:
        """Open a design of the list."""
        self.page.get_by_role("link", name=name).tap()
        expect(self.page.get_by_role("tab", name="Chain")).to_be_visible()

    def remove_only_design(self) -> None:
        """Remove the only design of the list."""
        self.page.get_by_role("button", name="Options").tap()
        self.page.get_by_role("menuitem", name="Remove").tap()
        expect(self.page.get_by_role("link", name="Experts for each cell")).to_have_count(0)


def settled(server: DyingServer, *phones: Phone) -> None:
    """Sync all phones, until they say that they are saved and have what the server has."""
    for phone in phones:
        phone.sync_now()
        phone.is_saved()
    for phone in phones:
        # read anew each time: a phone may still report to a server that was put back what it has lost
        phone.wait_for(lambda phone: phone.stored() == {name: server.design(name) for name in server.ids()})


def service_worker(session: CDPSession, page: Page) -> str:
    """The id of the service worker's registration."""
    seen: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: seen.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    return str(wait_until(lambda: seen[-1] if seen else None, 15, page)["registrationId"])


def choose_heads(page: Page, block: str, heads: int) -> None:
    """Choose the heads of a block in its sheet."""
    sheet = open_sheet(page, block)
    sheet.get_by_role("combobox", name="n_heads").select_option(str(heads))
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def heads_of(design: dict[str, Any], component: str) -> int | None:
    """The heads of one component; None where the design sets them."""
    props = next(part["props"] for part in design["components"] if part["id"] == component)
    heads: int | None = props.get("n_heads")
    return heads


def new_design(page: Page, template: str) -> None:
    """Start from a template."""
    start_from(page, template)
    expect(page.get_by_role("tab", name="Chain")).to_be_visible()


def answer_with(phone: Phone, **answer: Any) -> None:
    """Have something between the phone and the server answer every call of the API."""

    def answered(route: Route) -> None:
        route.fulfill(**answer)

    phone.context.route("**/api/**", answered)


def copy_of(folder: Path) -> Path:
    """The place beside a data folder for its copy."""
    return folder.with_name(f"{folder.name}-copy")
