"""A network of tables on the phone: from its template, with patterns that are tapped, trained, watched and exported."""

import re

import numpy as np
import onnxruntime
from playwright.sync_api import Page, expect
from support.browser import Server
from support.screen import assert_fits, open_sheet, start_from, valid

TEMPLATE = "N-tuple classic"
TABLE = 16**4
LIVE_MS = 120_000


def test_patterns_are_tapped_and_the_network_learns(page: Page, server: Server) -> None:
    page.goto(server.url)
    start_from(page, TEMPLATE)
    valid(page)
    parameters = page.get_by_label("Parameters")
    expect(parameters).to_contain_text(f"{5 * TABLE:,}")
    sheet = open_sheet(page, "N-tuple c2")
    assert_fits(page, "the sheet of tables")

    sheet.get_by_role("button", name="Pattern 2, 4 cells").tap()
    cells = sheet.get_by_role("group", name="Cells of pattern 2")
    cells.get_by_role("button", name="Row 2, column 4").tap()
    expect(sheet.get_by_role("button", name="Pattern 2, 3 cells")).to_be_visible()
    expect(parameters).to_contain_text(f"{4 * TABLE + 16**3:,}")
    sheet.get_by_role("button", name="Axes and rectangles").tap()
    expect(sheet.get_by_text("which is much for a phone that plays")).to_be_visible()
    expect(parameters).to_contain_text(f"{4 * 16**6:,}")
    sheet.get_by_role("button", name="Lines and squares").tap()
    expect(parameters).to_contain_text(f"{5 * TABLE:,}")
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Train").tap()
    page.get_by_role("button", name="Train", exact=True).tap()
    dialog = page.get_by_role("dialog", name="Train")
    expect(dialog.get_by_text("afterstate TD")).to_be_visible()
    expect(dialog.get_by_text("PPO")).to_have_count(0)
    dialog.get_by_role("button", name="Start").tap()
    expect(page.get_by_text(re.compile(r"Training score [\d,]+"))).to_be_visible(timeout=LIVE_MS)
    page.get_by_role("button", name="Stop").tap()
    expect(page.get_by_role("button", name="Export")).to_be_enabled(timeout=LIVE_MS)

    page.get_by_role("button", name="Export").tap()
    with page.expect_download(timeout=LIVE_MS) as download:
        page.get_by_role("dialog", name="Export").get_by_role("button", name="Save").first.tap()
    session = onnxruntime.InferenceSession(download.value.path())
    board = np.array([[3, 2, 1, 0, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]], dtype=np.int64)
    logits, value = session.run(None, {session.get_inputs()[0].name: board})
    assert logits.shape == (1, 4)
    assert value[0] > 0
