"""Variants of a design on a phone: planned without the server, trained by it, compared, and the best one taken over."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from support.access import axe_violations, load_axe
from support.browser import Server, wait_until
from support.screen import assert_fits, start_from, valid

SIZES = [(412, 915), (360, 640)]
SWEEP_S = 600
PLAN_MS = 60_000
RATES = "0.0001, 0.004, 0.0000001, 0"
"""two that learn, and two that hardly do"""


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def open_variants(page: Page) -> Locator:
    """The sheet for a small design that the server has."""
    start_from(page, "Tiny MLP")
    valid(page)
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server")
    page.get_by_role("link", name="Train").tap()
    button(page, "Try variants").tap()
    return page.get_by_role("dialog", name="Try variants")


def look(page: Page, name: str) -> None:
    """Check size and accessibility in both themes; write screenshots where a folder for them is named."""
    folder = os.environ.get("SWEEP_SCREENS")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert_fits(page, name)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme="light" if theme == "light" else "dark", reduced_motion="reduce")
            expect(page.locator(f":root[data-theme={theme}]")).to_have_count(1)
            assert axe_violations(page, contrast=True) == []
            if folder:
                page.screenshot(path=Path(folder) / f"{name}-{theme}-{width}.png")


def ended(server: Server) -> dict[str, Any] | None:
    sweep: dict[str, Any] = server.get("/api/sweeps")[0]
    return None if sweep["status"] == "running" else sweep


@pytest.mark.timeout(900)
def test_variants_are_trained_and_the_worse_ones_stopped_early(page: Page, server: Server) -> None:
    sheet = open_variants(page)
    plan = sheet.get_by_role("status", name="Plan")
    expect(plan).to_contain_text("3 runs", timeout=PLAN_MS)
    sheet.get_by_label("Values, with commas between them of property 1").fill(RATES)
    sheet.get_by_label("Moves of each run").fill("12000")
    expect(plan).to_contain_text("4 runs of 12,000 moves", timeout=PLAN_MS)
    expect(plan).to_contain_text("Compared after 4,000 moves")
    load_axe(page)
    look(page, "sheet")
    button(page, "Start 4 runs").tap()
    expect(page).to_have_url(re.compile("/sweeps$"))
    status = page.get_by_role("status", name="Variants")
    expect(status).to_contain_text("still running")
    sweep = wait_until(lambda: ended(server), SWEEP_S, page)
    outcomes = [trial["outcome"] for trial in sweep["trials"]]
    assert "stopped_early" in outcomes
    assert sweep["trials"][sweep["best"]]["outcome"] == "finished"
    expect(status).to_have_text(re.compile(rf"^{outcomes.count('finished')} of 4 runs finished, .* stopped early$"))
    rows = page.get_by_role("region", name="Runs").get_by_role("row")
    expect(rows).to_have_count(5)
    expect(rows.nth(1).get_by_role("button")).to_have_accessible_name(f"Run {sweep['best'] + 1}, the best")
    expect(page.get_by_role("img", name=re.compile("^Parallel coordinates: 4 runs"))).to_be_visible()
    look(page, "results")
    button(page, "Make this my design").tap()
    expect(page).to_have_url(re.compile("#/d/[a-z0-9]+$"))
    expect(page.get_by_text("This is your design now")).to_be_visible()


def test_without_the_server_the_plan_is_shown_and_nothing_is_queued(page: Page, server: Server) -> None:
    sheet = open_variants(page)
    plan = sheet.get_by_role("status", name="Plan")
    expect(plan).to_contain_text("3 runs", timeout=PLAN_MS)
    server.kill()
    button(page, "Vary another property").tap()
    sheet.get_by_label("Property 2", exact=True).last.select_option(label="Epochs")
    expect(plan).to_contain_text("6 runs", timeout=PLAN_MS)
    button(page, "Start 6 runs").tap()
    expect(sheet.get_by_role("alert")).to_contain_text("The server cannot be reached")
    server.start()
    expect(sheet).to_be_visible()
    assert server.get("/api/sweeps") == []
