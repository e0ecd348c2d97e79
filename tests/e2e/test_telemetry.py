"""Telemetry: nothing before a yes; then compile, export, an error and time without the server are recorded, shown and deleted."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from support.access import axe_violations, load_axe
from support.browser import Server, collect_errors, skip_first_steps, wait_until
from support.export_screen import button, open_export, open_trained_design
from support.phones import ROWS
from support.screen import assert_fits, make_ready_for_offline
from support.server_process import ROOT

COMPILED = "batch independence"
"""one of the checks that the Code screen lists"""
THROW = "setTimeout(() => { throw new TypeError('a secret of the person') })"
OFFLINE_S = 2


@pytest.fixture
def phone(browser: Browser, browser_context_args: dict[str, Any], server: Server) -> Iterator[Page]:
    """The app on a usual phone; the error that the test causes is the only one."""
    context: BrowserContext = browser.new_context(**browser_context_args | {"viewport": {"width": 412, "height": 915}})
    skip_first_steps(context)
    errors = collect_errors(context)
    page = context.new_page()
    page.goto(server.url)
    yield page
    assert [error for error in errors if "a secret of the person" not in error] == []
    context.close()


def exported(server: Server) -> list[dict[str, Any]]:
    """The lines of `model-studio telemetry export`."""
    command = [sys.executable, "-m", "backend.cli", "telemetry", "export", "--data-dir", str(server.data)]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def recorded(server: Server, page: Page, kind: str) -> dict[str, Any]:
    """The event of a type, once the server has it."""

    def found() -> list[dict[str, Any]]:
        return [line for line in exported(server) if line["type"] == kind]

    (event,) = wait_until(found, 60, page)
    return dict(event)


def line_of(server: Server, request_id: str) -> str:
    """The line of a request in the log of the server."""
    log = (server.data / "server.log").read_text()
    (line,) = [line for line in log.splitlines() if line.endswith(f" {request_id}")]
    return line


def compile_once(page: Page) -> None:
    page.get_by_role("link", name="Design", exact=True).tap()
    button(page, "Compile").tap()
    expect(page.get_by_text(COMPILED)).to_be_visible(timeout=120_000)


def save_export(page: Page) -> None:
    page.get_by_role("link", name="Train", exact=True).tap()
    dialog = open_export(page)
    # a format that the phone never keeps, so that the server is asked
    dialog.get_by_role("radiogroup", name="File").get_by_role("radio", name=re.compile(r"^\.pt\b")).check()
    with page.expect_download(timeout=180_000):
        button(dialog, re.compile("^Save")).tap()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def accessible(page: Page, name: str) -> None:
    assert_fits(page, name)
    load_axe(page)
    assert axe_violations(page, contrast=True) == [], name


def open_recorded(page: Page) -> Locator:
    button(page, "App settings").tap()
    button(page, "What was recorded").tap()
    return page.get_by_role("dialog", name="What was recorded")


def test_nothing_is_recorded_before_a_yes_and_all_of_it_can_be_seen_and_deleted(phone: Page, server: Server) -> None:
    calls: list[str] = []
    phone.on("request", lambda request: calls.append(request.url) if "/api/telemetry" in request.url else None)
    open_trained_design(phone, server, "r1")
    compile_once(phone)
    save_export(phone)
    phone.get_by_role("link", name="Back").tap()
    offer = phone.get_by_role("region", name="Telemetry")
    expect(offer).to_be_visible()
    assert phone.evaluate(ROWS, "telemetry") == []
    assert phone.evaluate(ROWS, "consent") == []
    assert exported(server) == []
    assert calls == [], "nothing is asked either"

    button(phone, "See how").tap()
    question = phone.get_by_role("dialog", name="Record use and errors?")
    expect(question).to_contain_text("Never names, notes, drawings or boards")
    accessible(phone, "telemetry question")
    button(question, "Yes, record this").tap()
    expect(offer).to_have_count(0)
    make_ready_for_offline(phone)
    phone.reload()
    expect(phone.get_by_role("link", name="Tiny MLP")).to_be_visible()
    phone.get_by_role("link", name="Tiny MLP").tap()
    compile_once(phone)
    compiled = recorded(server, phone, "compile_success")
    assert compiled["parameters"] > 1000
    assert compiled["paramCount"] == round(compiled["parameters"] / 1e6, 2)
    assert 0 < compiled["time_ms"] < 120_000
    assert "POST /api/sync 200" in line_of(server, compiled["request_id"])
    save_export(phone)
    saved = recorded(server, phone, "export")
    assert (saved["designId"], saved["fmt"]) == (compiled["designId"], "pt")
    assert re.search(r"GET /api/designs/\w+/export 200", line_of(server, saved["request_id"]))

    server.kill()
    expect(phone.get_by_role("status", name="Sync")).to_contain_text(re.compile("Offline|Not connected"))
    phone.evaluate(THROW)
    wait_until(lambda: len(phone.evaluate(ROWS, "telemetry")) == 1, 15, phone)
    wait_until(lambda: [row["offlineMs"] > 1000 * OFFLINE_S for row in phone.evaluate(ROWS, "consent")] == [True], 30, phone)
    phone.reload()
    expect(phone.get_by_role("status", name="Sync")).to_contain_text(re.compile("Offline|Not connected"))
    assert len(phone.evaluate(ROWS, "telemetry")) == 1, "it survives a reload"
    server.start()
    phone.evaluate("dispatchEvent(new Event('online'))")
    assert recorded(server, phone, "offline_seconds")["seconds"] >= OFFLINE_S
    error = recorded(server, phone, "client_error")
    assert error["name"] == "TypeError"
    lines = exported(server)
    assert "secret" not in json.dumps(lines)
    assert {line["type"] for line in lines} >= {"compile_success", "export", "offline_seconds", "client_error"}

    phone.get_by_role("link", name="Back").tap()
    expect(phone.get_by_role("region", name="Telemetry")).to_have_count(0)
    sheet = open_recorded(phone)
    events = sheet.get_by_role("list", name="Events").get_by_role("listitem")
    expect(events).to_have_count(len(lines))
    for words in ("Compiled: ", "Exported as .pt", "Used without the server for", "Error in the app: TypeError"):
        expect(events.filter(has_text=words)).to_have_count(1)
    accessible(phone, "what was recorded")
    button(sheet, "Delete what was recorded").tap()
    button(sheet, f"Delete {len(lines)} events").tap()
    expect(events).to_have_count(0)
    wait_until(lambda: exported(server) == [], 30, phone)
    button(sheet, "Close").tap()

    switch = phone.get_by_role("switch", name="Record use and errors of this device")
    expect(switch).to_be_checked()
    switch.tap()
    expect(switch).not_to_be_checked()
    phone.evaluate(THROW)
    button(phone, "Close").tap()
    phone.get_by_role("link", name="Tiny MLP").tap()
    compile_once(phone)
    assert phone.evaluate(ROWS, "telemetry") == []
    assert exported(server) == []
