"""Two short runs of two designs on the phone: compared side by side, also without the server, and ranked in the leaderboard."""

import re
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.access import axe_violations, load_axe
from support.browser import Server, wait_until
from support.screen import assert_fits, make_ready_for_offline

LIVE_MS = 120_000
RUN_SECONDS = 300
"""for a short run on a busy machine"""
SHORT = {"algorithm": "ppo", "total_steps": 8192, "n_envs": 32, "n_steps": 16, "minibatch_size": 256}


def has_finished(server: Server, run_id: str) -> bool:
    """Whether a run has come to its end; fails where it has failed."""
    run: dict[str, Any] = server.get(f"/api/runs/{run_id}")
    assert run["status"] in ("queued", "running", "finished"), run["reason"]
    return bool(run["status"] == "finished")


def trained(server: Server, name: str, **settings: Any) -> tuple[str, str]:
    """The ids of a new design and of its run, which has ended."""
    design_id = server.post("/api/designs", {"template": "tiny_mlp", "name": name})["id"]
    run_id = server.post(f"/api/designs/{design_id}/train", SHORT | settings)["run_id"]
    wait_until(partial(has_finished, server, run_id), RUN_SECONDS)
    return design_id, run_id


NO_BACKGROUND_FETCH = "localStorage.setItem('model-studio-network-settings', JSON.stringify({enabled: false}))"
"""the fetch of a network that has ended its run may be answered with 503 while the server writes another one"""


@pytest.mark.timeout(900)
def test_two_runs_are_compared_and_their_designs_are_ranked(page: Page, server: Server) -> None:
    page.evaluate(NO_BACKGROUND_FETCH)
    page.reload()
    first, first_run = trained(server, "First network")
    _, second_run = trained(server, "Second network", learning_rate=0.003)
    make_ready_for_offline(page)
    page.goto(f"{server.url}/#/d/{first}/train")
    page.get_by_role("link", name="Compare").tap(timeout=LIVE_MS)

    picker = page.get_by_role("dialog", name="Runs to compare")
    expect(picker.get_by_role("group")).to_have_count(2)
    expect(picker.get_by_role("group").first).to_contain_text("First network")
    expect(picker.get_by_role("button", name="Choose at least two")).to_be_disabled()
    picker.get_by_role("group", name="Second network").get_by_role("checkbox").tap()
    picker.get_by_role("button", name="Compare 2 runs").tap()
    expect(picker).to_have_count(0)
    expect(page).to_have_url(re.compile(f"#/compare/{first_run},{second_run}$"))

    compared = page.get_by_role("list", name="Compared runs").get_by_role("listitem")
    expect(compared).to_have_count(2)
    expect(compared.nth(1)).to_contain_text("Second network")
    expect(page.get_by_role("img", name="Score of the compared runs").locator("canvas")).to_be_visible()
    page.get_by_role("radio", name="Processor").tap()
    expect(page.get_by_text("before processor time was measured")).to_have_count(0)
    numbers = page.get_by_role("region", name="Numbers of the runs")
    expect(numbers.get_by_role("row", name=re.compile("^Test score"))).to_contain_text(re.compile(r"\d{3}"))
    expect(numbers.get_by_role("row", name=re.compile("^Parameters"))).to_contain_text("42,917", timeout=LIVE_MS)
    settings = page.get_by_role("region", name="Settings that differ between the runs")
    expect(settings.get_by_role("row", name=re.compile("^Learning rate"))).to_contain_text("0.003")
    expect(page.get_by_role("region", name="Test games")).to_contain_text(re.compile(r"the same \d+ games"))
    expect(page.get_by_text("The same network as A.")).to_be_visible()
    assert_fits(page, "compared runs")
    load_axe(page)
    assert axe_violations(page, contrast=True) == []

    page.go_back()
    expect(page.get_by_role("link", name="Compare")).to_be_visible()
    page.go_forward()
    expect(compared).to_have_count(2)

    page.get_by_role("link", name="Leaderboard").tap()
    places = page.get_by_role("list", name="Leaderboard").get_by_role("listitem")
    expect(places).to_have_count(2)
    expect(places.filter(has_text="First network")).to_contain_text(re.compile("42,917 parameters.*8,192 moves"))
    page.get_by_role("combobox", name="Size of the network").select_option("Up to 10,000 parameters")
    expect(page.get_by_text("No run has test games within this budget")).to_be_visible()
    page.get_by_role("combobox", name="Size of the network").select_option("Any size")
    assert_fits(page, "leaderboard")
    load_axe(page)
    assert axe_violations(page, contrast=True) == []

    page.get_by_role("link", name="Compare these runs").tap()
    expect(compared).to_have_count(2)
    server.stop()
    page.reload()
    expect(compared).to_have_count(2)
    expect(compared.first).to_contain_text("when this phone last read it", timeout=LIVE_MS)
    expect(numbers.get_by_role("row", name=re.compile("^Parameters"))).to_contain_text("42,917", timeout=LIVE_MS)
