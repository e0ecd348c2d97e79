"""Failure cases of `docs/reliability.md` that lie in the phone, in Chromium: its clock, its tabs, its storage."""

import itertools
import os
import signal
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from support.browser import wait_until
from support.phones import FIRST, SECOND, DyingServer, Phone, choose_heads, heads_of, service_worker, settled
from support.screen import assert_fits, open_sheet, valid, wait_for_service_worker

STOP_IN_A_WRITE = """() => {
  const put = IDBObjectStore.prototype.put
  IDBObjectStore.prototype.put = function (...args) {
    const request = put.apply(this, args)
    if (this.name === 'designs') {
      console.log('in the middle of a write')
      for (;;);
    }
    return request
  }
}"""
CHOOSE_LATER = """select => setTimeout(() => {
  select.value = '8'
  select.dispatchEvent(new Event('change', {bubbles: true}))
}, 100)"""
WAITING_LOCKS = "navigator.locks.query().then(({pending}) => pending.filter(({name}) => name === 'model-studio-sync').length)"
DELETE_DATABASE = """() => new Promise((resolve, reject) => {
  const deleting = indexedDB.deleteDatabase('model-studio')
  deleting.onerror = () => reject(deleting.error)
  deleting.onblocked = () => reject(new Error('the app does not let go of the database'))
  deleting.onsuccess = () => resolve('deleted')
})"""
PUT_BESIDE = """designs => new Promise((resolve, reject) => {
  const opening = indexedDB.open('model-studio')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const tx = opening.result.transaction('designs', 'readwrite')
    const store = tx.objectStore('designs')
    store.getAll().onsuccess = ({target}) => {
      const [row] = target.result
      for (const work of designs) {
        const fresh = {base: null, baseEtag: null, baseSeen: {}, dirty: true, waiting: 'unsent', clientId: undefined}
        store.put({...row, ...fresh, id: work.id, work: {...row.work, ...work}, change: row.change + 1})
      }
    }
    tx.onabort = () => reject(tx.error)
    tx.oncomplete = () => {
      opening.result.close()
      resolve()
    }
  }
})"""


def delete_block(page: Page, name: str) -> None:
    open_sheet(page, name).get_by_role("button", name="Delete").tap()
    expect(page.get_by_role("listitem", name=name)).to_have_count(0)


@pytest.mark.parametrize("days", [-400, 400])
def test_case_10_the_clock_of_a_phone_is_wrong(one: Phone, two: Phone, dying_server: DyingServer, days: int) -> None:
    page = one.page
    compiled = page.get_by_role("region", name="Compiled")
    page.get_by_role("button", name="Compile").tap()
    expect(compiled).to_contain_text("checks passed", timeout=60_000)
    before = compiled.get_by_text("parameters", exact=False).last.inner_text()
    page.clock.install(time=datetime.now() + timedelta(days=days))
    page.reload()
    page.get_by_role("link", name="Design").tap()
    two.set_heads(FIRST, 8)
    two.is_saved()
    wait_until(lambda: heads_of(one.stored()[one.design_id], "c3") == 8, 15, page)
    delete_block(page, SECOND)
    one.set_heads(FIRST, 2)
    valid(page)
    page.get_by_role("button", name="Compile").tap()
    expect(compiled).to_contain_text("checks passed", timeout=60_000)
    expect(compiled).not_to_contain_text(before)
    expect(compiled.get_by_text("The design has changed since")).to_have_count(0)
    settled(dying_server, one, two)
    assert heads_of(dying_server.design(one.design_id), "c3") == 2, "the later edit, whatever the clocks say"
    assert one.rows("conflicts") == two.rows("conflicts") == []


def test_case_11_two_tabs_and_the_worker_sync_at_once(one: Phone, dying_server: DyingServer) -> None:
    page, tab = one.page, one.context.new_page()
    wait_for_service_worker(page)
    tab.goto(page.url)
    session = one.context.new_cdp_session(page)
    registration = service_worker(session, page)
    dying_server.kill()
    one.set_heads(FIRST, 8)
    choose_heads(tab, SECOND, 2)
    wait_until(lambda: heads_of(one.stored()[one.design_id], "c4") == 2, 15, page)
    held: list[Route] = []
    released = False

    def hold(route: Route) -> None:
        if released:
            route.continue_()
        else:
            held.append(route)

    one.context.route("**/api/sync", hold)
    dying_server.start()
    one.sync_now()
    wait_until(lambda: held, 15, page)
    tab.evaluate("dispatchEvent(new Event('online'))")
    event = {"origin": dying_server.url, "registrationId": registration, "tag": "designs", "lastChance": False}
    session.send("ServiceWorker.dispatchSyncEvent", event)
    wait_until(lambda: page.evaluate(WAITING_LOCKS) >= 2, 15, page)
    assert len(held) == 1, "one call at a time, whoever makes it"
    released = True
    held[0].continue_()
    settled(dying_server, one)
    stored = dying_server.design(one.design_id)
    assert (heads_of(stored, "c3"), heads_of(stored, "c4")) == (8, 2)
    assert len(dying_server.get(f"/api/designs/{one.design_id}/revisions")) <= 3, "each edit was applied once"
    assert one.rows("conflicts") == []


def test_case_12_a_tab_is_killed_in_the_middle_of_a_write(one: Phone, dying_server: DyingServer) -> None:
    page, design_id = one.page, one.design_id
    before = one.stored()
    assert one.context.browser is not None
    session = one.context.browser.new_browser_cdp_session()
    sheet = open_sheet(page, FIRST)
    page.evaluate(STOP_IN_A_WRITE)
    with page.expect_console_message(lambda message: message.text == "in the middle of a write"):
        sheet.get_by_role("combobox", name="n_heads").evaluate(CHOOSE_LATER)
    with page.expect_event("crash"):
        for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
            if process["type"] == "renderer":
                os.kill(process["id"], signal.SIGKILL)
    one.page = one.context.new_page()
    one.page.goto(f"{dying_server.url}/#/d/{design_id}")
    valid(one.page)
    assert one.stored() == before, "all of an edit or nothing"
    one.set_heads(FIRST, 2)
    settled(dying_server, one)
    assert heads_of(dying_server.design(design_id), "c3") == 2


def is_stored_or_full(phone: Phone, heads: int) -> bool:
    """Whether an edit has reached the phone's database, or the status says why not."""
    return "full" in phone.status.inner_text() or heads_of(phone.stored()[phone.design_id], "c3") == heads


def edit_until_full(phone: Phone) -> int:
    """Edit until the browser, which reads the quota only now and then, refuses to store; returns the heads of the last edit."""
    for heads in itertools.islice(itertools.cycle((8, 2)), 150):
        choose_heads(phone.page, FIRST, heads)
        wait_until(partial(is_stored_or_full, phone, heads), 15, phone.page)
        # a retry may succeed until the browser has read the quota
        if "full" in phone.status.inner_text() and heads_of(phone.stored()[phone.design_id], "c3") != heads:
            return heads
    raise AssertionError("the phone never was full")


def test_case_13_the_phone_is_full(one: Phone, dying_server: DyingServer) -> None:
    page, shared = one.page, one.design_id
    session = one.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": dying_server.url, "quotaSize": 1})
    refused, stored = edit_until_full(one), heads_of(one.stored()[shared], "c3")
    assert refused != stored
    assert_fits(page, "full phone")
    one.back()
    one.open_design("Experts for each cell")
    sheet = open_sheet(page, FIRST)
    expect(sheet.get_by_role("combobox", name="n_heads")).to_have_value(str(refused))
    page.keyboard.press("Escape")
    expect(one.status).to_contain_text("full")
    assert heads_of(one.stored()[shared], "c3") == stored
    session.send("Storage.overrideQuotaForOrigin", {"origin": dying_server.url})
    wait_until(lambda: heads_of(one.stored()[shared], "c3") == refused, 60, page)
    settled(dying_server, one)
    assert heads_of(dying_server.design(shared), "c3") == refused


def test_case_14_the_database_is_deleted_while_it_is_open(one: Phone, two: Phone, dying_server: DyingServer) -> None:
    one.set_heads(FIRST, 8)
    settled(dying_server, one, two)
    assert one.page.evaluate(DELETE_DATABASE) == "deleted"
    one.set_heads(FIRST, 2)
    settled(dying_server, one, two)
    assert heads_of(dying_server.design(one.design_id), "c3") == 2
    assert one.rows("conflicts") == two.rows("conflicts") == []
    shared = one.design_id
    one.back()
    assert one.page.evaluate(DELETE_DATABASE) == "deleted"
    settled(dying_server, one, two)
    assert dying_server.ids() == {shared}
    expect(one.page.get_by_role("link", name="Experts for each cell")).to_be_visible()


def test_case_22_refused_designs_do_not_block_the_others(one: Phone, dying_server: DyingServer) -> None:
    """One that the server cannot read (422), and one with which the whole call is too large (413)."""
    part: dict[str, Any] = {"id": "a", "type": "nothing", "props": {}, "x": 0, "y": 0, "inside": None}
    poison = {"id": "dpoison", "name": "Poison", "components": [part], "edges": []}
    huge = {"id": "dhuge", "name": "Huge", "components": [{**part, "props": {"text": "a" * 2_000_000}}], "edges": []}
    one.page.evaluate(PUT_BESIDE, [poison, huge])
    one.set_heads(FIRST, 8)
    wait_until(lambda: heads_of(dying_server.design(one.design_id), "c3") == 8, 15, one.page)
    items = one.open_sync().get_by_role("region", name="Waiting").get_by_role("listitem")
    expect(items.filter(has_text="Poison")).to_contain_text("Refused by the server")
    expect(items.filter(has_text="Huge")).to_contain_text("Too large for the server")
    assert_fits(one.page, "refused designs")
    one.close_sync()
    assert dying_server.ids() == {one.design_id}
    assert {"dpoison", "dhuge"} < set(one.stored())
    one.forget_errors("413 (")
