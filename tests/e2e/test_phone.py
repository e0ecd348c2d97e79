"""The first minutes of a phone: trust, pairing, installation; and a device that is revoked loses nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect
from support.browser import collect_errors, skip_first_steps
from support.lan_server import LanServer, chromium_of, has_certutil, trust
from support.screen import open_new_design

from backend.pairing.commands import revoke
from backend.tls.authority import CERTIFICATE, FOLDER

pytestmark = pytest.mark.skipif(not has_certutil(), reason="certutil, which adds a certificate to Chromium, is not installed")


@pytest.fixture
def lan(tmp_path: Path) -> Iterator[LanServer]:
    server = LanServer(tmp_path / "data")
    server.data.mkdir()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def trusting(
    lan: LanServer, playwright: Playwright, browser_context_args: dict[str, Any], tmp_path: Path
) -> Iterator[BrowserContext]:
    trust(tmp_path / "home", lan.data / FOLDER / CERTIFICATE)
    with chromium_of(playwright, tmp_path / "home", browser_context_args) as context:
        yield context


def status(page: Page) -> Any:
    return page.get_by_role("status", name="Sync")


def test_a_phone_that_does_not_trust_the_server_is_shown_the_steps(
    lan: LanServer, playwright: Playwright, browser_context_args: dict[str, Any], tmp_path: Path
) -> None:
    with chromium_of(playwright, tmp_path / "home", browser_context_args) as context:
        page = context.new_page()
        page.goto(f"{lan.page_url}/#{lan.code}")
        page.get_by_role("button", name="Check and open the app").tap()
        expect(page.get_by_text("Not yet. Follow the steps")).to_be_visible()
        expect(page.get_by_text("Download the certificate.")).to_be_visible()
        expect(page.get_by_text(lan.code)).to_be_visible()
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            page.goto(lan.url)
    assert lan.devices() == []


def test_from_the_scanned_code_to_a_design_and_back_after_a_revocation(lan: LanServer, trusting: BrowserContext) -> None:
    skip_first_steps(trusting)
    errors = collect_errors(trusting)
    page = trusting.new_page()
    page.goto(f"{lan.page_url}/#{lan.code}")
    expect(page.get_by_text("Paired as")).to_be_visible()
    assert page.url == f"{lan.url}/#/"
    (device,) = lan.devices()
    assert device.name == "Chrome on Android"

    open_new_design(page)
    expect(status(page)).to_contain_text("Saved on server")
    worker = page.evaluate("navigator.serviceWorker.ready.then((registration) => registration.active.scriptURL)")
    assert worker == f"{lan.url}/sw.js"
    assert page.evaluate("document.cookie") == "", "no script reads the cookie"

    revoke(lan.data, device.id)
    page.goto(f"{lan.url}/#/")
    expect(status(page)).to_contain_text("Not paired")
    open_new_design(page)
    expect(status(page)).to_contain_text("1 change waiting")
    page.goto(f"{lan.url}/#/")
    page.get_by_role("link", name="Pair again").tap()
    sheet = page.get_by_role("dialog", name="Pair this phone")
    sheet.get_by_label("Pairing code").fill("0000 0000 0000")
    sheet.get_by_role("button", name="Pair").tap()
    expect(sheet.get_by_role("alert")).to_contain_text("not a code of this server")
    sheet.get_by_label("Pairing code").fill(lan.new_code().lower())
    sheet.get_by_role("button", name="Pair").tap()
    expect(sheet).to_be_hidden()
    expect(status(page)).to_contain_text("Saved on server")

    page.get_by_role("button", name="App settings").tap()
    page.get_by_role("button", name="Devices").tap()
    devices = page.get_by_role("dialog", name="Devices")
    expect(devices.get_by_role("list", name="Paired devices").get_by_role("listitem")).to_have_count(1)
    expect(devices.get_by_text("This device", exact=True)).to_be_visible()
    expect(devices.get_by_role("region", name="Changes")).to_contain_text("Design changed")
    refusals = ("401", "403", "HTTP Authentication failed")  # which browsers write to the console
    assert [error for error in errors if not any(words in error for words in refusals)] == []


def test_a_refused_code_of_the_address_is_tried_once_and_another_one_pairs(lan: LanServer, trusting: BrowserContext) -> None:
    skip_first_steps(trusting)
    page = trusting.new_page()
    tries: list[str] = []
    page.on("request", lambda request: request.url.endswith("/api/pair") and tries.append(request.url))
    page.goto(f"{lan.url}/#/pair/0000-0000-0000")
    sheet = page.get_by_role("dialog", name="Pair this phone")
    expect(sheet.get_by_role("alert")).to_contain_text("not a code of this server")
    assert (len(tries), page.url) == (1, f"{lan.url}/#/")
    sheet.get_by_label("Pairing code").fill(lan.code)
    sheet.get_by_role("button", name="Pair").tap()
    expect(page.get_by_text("Paired as")).to_be_visible()
    expect(sheet).to_be_hidden()
    assert len(lan.devices()) == 1
