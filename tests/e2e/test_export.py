"""The Export dialog: every network of a design as a file, saved or shared, also without the server; and the model card."""

import io
import re
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from playwright.sync_api import Browser, Download, Locator, Page, Route, expect
from support.browser import Server, collect_errors, wait_until
from support.export_screen import button, design_id, open_export, open_trained_design
from support.exported_networks import BEST_STEPS, LAST_STEPS
from support.screen import assert_fits, wait_for_service_worker

WRITING_MS = 180_000
TIMES = """() => {
  addEventListener('click', (event) => { if (event.isTrusted) window.tappedAt = performance.now() }, true)
  const click = HTMLAnchorElement.prototype.click
  HTMLAnchorElement.prototype.click = function () {
    window.savedAt = performance.now()
    click.call(this)
  }
}"""
SHARING = """() => {
  window.shared = []
  navigator.canShare = ({files}) => files.length === 1
  navigator.share = async ({files: [file]}) => {
    if (window.refuse) throw new DOMException('this type', 'NotAllowedError')
    window.shared.push([file.name, file.size])
  }
}"""


def choose(dialog: Locator, group: str, name: str | re.Pattern[str]) -> None:
    dialog.get_by_role("radiogroup", name=group).get_by_role("radio", name=name).check()


def size_of(dialog: Locator, suffix: str) -> Locator:
    """The size beside a format: a number once the file was written, "about" one before."""
    row = dialog.get_by_role("radiogroup", name="File").locator("label").filter(has_text=re.compile(rf"^\.{suffix}"))
    return row.locator(".export-size")


def save(dialog: Locator) -> Download:
    with dialog.page.expect_download(timeout=WRITING_MS) as waiting:
        button(dialog, re.compile("^Save")).tap()
    return waiting.value


def content(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def test_every_format_of_a_run_is_saved_with_its_size_and_check(page: Page, server: Server) -> None:
    open_trained_design(page, server, "r1")
    dialog = open_export(page)
    assert_fits(page, "export")
    expect(dialog.get_by_role("radiogroup", name="Run").get_by_role("radio")).to_be_checked()
    expect(dialog).to_contain_text(f"Finished · {LAST_STEPS:,} moves · afterstate TD")
    expect(dialog).to_contain_text("as drawn now", timeout=60_000)
    saved: dict[str, bytes] = {}
    for suffix in ("onnx", "pt", "safetensors", "py", "zip"):
        choose(dialog, "File", re.compile(rf"^\.{suffix}\b"))
        download = save(dialog)
        assert re.fullmatch(rf"tiny-mlp-r1-best-{BEST_STEPS}\.{suffix}", download.suggested_filename)
        saved[suffix] = content(download)
        expect(dialog.get_by_role("status", name="File")).to_contain_text("Saved.")
        expect(size_of(dialog, suffix)).to_have_text(re.compile(r"^\d"))
    choose(dialog, "File", re.compile(r"^\.onnx"))
    expect(dialog).to_contain_text(re.compile(r"the same as PyTorch on 1,\d\d\d boards, largest difference \d\.\de-\d"))
    logits, _ = onnxruntime.InferenceSession(saved["onnx"]).run(None, {"board": np.ones((1, 16), dtype=np.int64)})
    assert logits.shape == (1, 4)
    assert "play.py" in {Path(name).name for name in zipfile.ZipFile(io.BytesIO(saved["zip"])).namelist()}


def test_the_run_on_the_screen_is_preselected_and_another_can_be_chosen(page: Page, server: Server) -> None:
    open_trained_design(page, server, "r1", "r2")
    with page.expect_request("**/api/runs/r1/metrics*"):  # sent once that run is the one on the screen
        page.get_by_role("region", name="Other runs").get_by_role("button").first.tap()
    dialog = open_export(page)
    runs = dialog.get_by_role("radiogroup", name="Run").get_by_role("radio")
    expect(runs.nth(1)).to_be_checked()
    choose(dialog, "File", re.compile(r"^\.py"))
    assert "-r1-" in save(dialog).suggested_filename
    runs.nth(0).check()
    expect(dialog.get_by_role("radio", name=re.compile(r"^\.py"))).to_be_checked()
    assert "-r2-" in save(dialog).suggested_filename


def test_a_prepared_file_is_saved_at_once(page: Page, server: Server, record_property: Callable[[str, object], None]) -> None:
    open_trained_design(page, server, "r1", exported=True)
    started = time.monotonic()
    dialog = open_export(page)
    opened = time.monotonic()
    expect(size_of(dialog, "onnx")).to_have_text(re.compile(r"^\d"))
    page.evaluate(TIMES)
    save(dialog)
    times = {"open_ms": round(1000 * (opened - started)), "download_ms": round(page.evaluate("savedAt - tappedAt"))}
    for name, milliseconds in times.items():
        record_property(name, milliseconds)
    print(f"Export: from the tap to the open dialog {times['open_ms']} ms, from Save to the download {times['download_ms']} ms")


def test_a_file_is_shared_where_the_browser_can_and_saved_where_it_refuses(page: Page, server: Server) -> None:
    open_trained_design(page, server, "r1")
    page.evaluate(SHARING)
    dialog = open_export(page)
    choose(dialog, "File", re.compile(r"^\.py"))
    button(dialog, "Share").tap()
    outcome = dialog.get_by_role("status", name="File")
    expect(outcome).to_contain_text("Shared.", timeout=30_000)
    ((name, size),) = page.evaluate("window.shared")
    assert name.endswith(".py")
    assert size > 1000
    page.evaluate("() => { window.refuse = true }")
    with page.expect_download() as waiting:
        button(dialog, "Share").tap()
    assert waiting.value.suggested_filename == name
    expect(outcome).to_contain_text("This browser does not share .py files")
    expect(button(dialog, "Share")).to_have_count(0)


@pytest.fixture
def phone(browser: Browser, browser_context_args: dict[str, Any], server: Server) -> Iterator[Page]:
    """The app on a phone whose calls may be refused or fail."""
    context = browser.new_context(**browser_context_args)
    errors = collect_errors(context)
    page = context.new_page()
    page.goto(server.url)
    yield page
    context.close()
    assert [error for error in errors if "404" not in error] == []


def test_what_goes_wrong_is_said_with_one_thing_to_do(phone: Page, server: Server) -> None:
    page = phone
    open_trained_design(page, server, "r1", "r2")
    dialog = open_export(page)
    choose(dialog, "File", re.compile(r"^\.py"))
    problem = dialog.get_by_role("alert")

    def damaged(route: Route) -> None:
        route.fulfill(body=b"something else", headers={"repr-digest": f"sha-256=:{'A' * 43}=:"})

    page.route("**/export?*", damaged)
    button(dialog, re.compile("^Save")).tap()
    expect(problem).to_contain_text("The file arrived damaged")
    assert_fits(page, "damaged file")
    page.unroute("**/export?*")
    with page.expect_download():
        button(dialog, "Try again").tap()
    expect(problem).to_have_count(0)
    page.context.request.delete(f"{server.url}/api/runs/r2")
    choose(dialog, "File", re.compile(r"^\.pt"))
    button(dialog, re.compile("^Save")).tap()
    expect(problem).to_contain_text("This network was deleted on the server.")
    button(dialog, "Reload the list").tap()
    expect(dialog.get_by_role("radiogroup", name="Run").get_by_role("radio")).to_have_count(1)
    assert "-r1-" in save(dialog).suggested_filename


def test_a_kept_network_is_saved_without_the_server_after_a_reload(phone: Page, server: Server) -> None:
    page = phone
    wait_for_service_worker(page)
    open_trained_design(page, server, "r1", exported=True)
    page.evaluate("id => localStorage.setItem('model-studio-active-runs', JSON.stringify({r1: id}))", design_id(page))
    page.reload()  # it learns that a run has ended that it had known as active
    wait_until(lambda: kept_networks(page), 60, page)
    server.kill()
    page.reload()
    dialog = open_export(page)
    expect(dialog.get_by_role("status", name="Problem")).to_contain_text("The networks on this phone can be exported without it.")
    assert_fits(page, "export without the server")
    expect(dialog.get_by_role("radio", name=re.compile(r"^\.pt"))).to_be_disabled()
    download = save(dialog)
    assert "-r1-" in download.suggested_filename
    onnxruntime.InferenceSession(content(download))


def kept_networks(page: Page) -> list[dict[str, Any]]:
    """The rows of the networks that the phone keeps."""
    rows: list[dict[str, Any]] = page.evaluate("""() => new Promise((resolve, reject) => {
      const opening = indexedDB.open('model-studio')
      opening.onerror = () => reject(opening.error)
      opening.onsuccess = () => {
        const all = opening.result.transaction('networks').objectStore('networks').getAll()
        all.onsuccess = () => { opening.result.close(); resolve(all.result) }
        all.onerror = () => reject(all.error)
      }
    })""")
    return rows


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_model_card_is_saved_as_an_image_and_has_a_text(page: Page, server: Server, scheme: str) -> None:
    open_trained_design(page, server, "r1")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    dialog = open_export(page)
    button(dialog, "Model card").tap()
    card = page.get_by_role("dialog", name="Model card")
    assert_fits(page, "model card")
    image = card.get_by_role("img")
    expect(image).to_have_attribute(
        "aria-label", re.compile(r"Model card of Tiny MLP\..*Parameters: 42,917.*A drawing of its \d")
    )
    expect(card.get_by_role("radio", name=scheme.title())).to_be_checked()
    with page.expect_download() as waiting:
        button(card, "Save image").tap()
    picture = content(waiting.value)
    assert waiting.value.suggested_filename == "tiny-mlp-model-card.png"
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (1080, 1350)
    corner = image.evaluate("canvas => [...canvas.getContext('2d').getImageData(4, 4, 1, 1).data]")
    assert (sum(corner[:3]) > 3 * 128) == (scheme == "light")
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
