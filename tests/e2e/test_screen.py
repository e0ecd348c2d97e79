"""What a screen reader, a thumb and a keyboard find, at both sizes the contract names."""

import json
import re
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect
from support.browser import Finger, Server, centre_of, wait_until
from support.designs import template
from support.screen import assert_fits, open_gallery, open_new_design, open_sheet, start_from, valid

from shared_py.analysis import analyse
from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.decoding import decode_design
from shared_py.presets import offer_recipes
from shared_py.protocol import Machine

TRAINING_SECONDS = 240


@pytest.mark.both_sizes
def test_every_screen_fits_and_is_named(page: Page) -> None:
    assert_fits(page, "designs")
    expect(page.get_by_role("status", name="Sync")).to_contain_text(re.compile("Saved on|waiting"))
    open_new_design(page)
    assert_fits(page, "canvas")
    for name in ("Add block", "Undo", "Redo", "Compile", "Train"):
        expect(page.get_by_role("button", name=name)).to_have_count(1)
        expect(page.get_by_role("button", name=name)).to_be_in_viewport()
    expect(page.get_by_role("tab", name="Canvas")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Parameters")).to_contain_text("244,613")
    expect(page.get_by_label("Memory")).to_contain_text("MB")
    expect(page.get_by_role("group", name="Transformer layer c3")).to_be_visible()
    page.get_by_role("tab", name="Chain").tap()
    expect(page.get_by_role("listitem", name="Mixture of experts c6")).to_have_count(1)
    assert_fits(page, "chain")
    page.get_by_role("button", name="Add block").tap()
    blocks = page.get_by_role("dialog", name="Blocks")
    for title in ("Transformer layer", "Mixture of experts", "Router", "Embedding", "Action output"):
        expect(blocks.get_by_role("button", name=title)).to_have_count(1)
    assert_fits(page, "blocks")
    page.keyboard.press("Escape")
    page.get_by_role("listitem", name="Transformer layer c3").get_by_role("button", name="Edit").tap()
    sheet = page.get_by_role("dialog", name="Transformer layer c3")
    expect(sheet.get_by_role("spinbutton", name="d_model")).to_have_value("64")
    expect(sheet.get_by_role("combobox", name="n_heads")).to_have_count(1)
    expect(sheet.get_by_role("slider", name="dropout")).to_have_count(1)
    expect(sheet.get_by_role("switch", name="bias")).to_have_count(1)
    for name in ("Duplicate", "Delete"):
        expect(page.get_by_role("button", name=name)).to_have_count(1)
    assert_fits(page, "sheet")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Code").tap()
    expect(page.get_by_text("class GeneratedModel")).to_be_visible()
    assert_fits(page, "code")
    page.get_by_role("link", name="Train").tap()
    assert_fits(page, "train")


def test_the_gallery_begins_with_experts_for_whole_boards_and_says_what_templates_score(page: Page, server: Server) -> None:
    gallery = open_gallery(page)
    expect(gallery.get_by_role("listitem").first.get_by_role("button")).to_have_accessible_name("Mixture of experts")
    quickest = gallery.get_by_role("button", name="Tiny MLP", exact=True)
    expect(quickest).to_have_accessible_description(re.compile("42,917 parameters.*after 2 min (about|over) [0-9,]+"))
    assert_fits(page, "gallery")
    quickest.tap()
    valid(page)
    expect(page.get_by_label("Parameters")).to_contain_text("42,917")
    page.get_by_role("tab", name="Chain").tap()
    names = page.get_by_role("listitem").evaluate_all("cards => cards.map(card => card.getAttribute('aria-label'))")
    drawn = template("tiny_mlp")
    assert names == [f"{BLOCK_BY_TYPE[component.type].title} {component.id}" for component in drawn.components]
    wait_until(lambda: [design["name"] for design in server.get("/api/designs")] == [drawn.name], 15, page)


def test_a_run_is_started_by_the_chosen_recipe(page: Page, server: Server) -> None:
    open_new_design(page)
    page.get_by_role("button", name="Train").tap()
    sheet = page.get_by_role("dialog", name="Train")
    expect(sheet.get_by_role("radio", name="15 minutes")).to_be_checked()
    expect(sheet.get_by_role("radio", name="Highest score")).to_be_checked()
    sheet.get_by_role("radio", name="2 minutes").check()
    sheet.get_by_role("radio", name="PPO").check()
    sheet.get_by_text("Details").tap()
    sheet.get_by_role("button", name="More Seed").tap()
    assert_fits(page, "before a run")
    page.reload()
    valid(page)
    page.get_by_role("button", name="Train").tap()
    expect(sheet.get_by_role("radio", name="2 minutes")).to_be_checked()
    sheet.get_by_role("button", name="Start").tap()
    (run,) = wait_until(lambda: server.get("/api/runs"), 30, page)
    design = decode_design(json.dumps(server.get(f"/api/designs/{run['design_id']}")))
    machine = msgspec.convert(server.get("/api/machine"), Machine)
    recipe = offer_recipes("ppo", analyse(design).sizes, machine)[0].config
    assert run["config"] == msgspec.to_builtins(recipe) | {"seed": recipe.seed + 1}
    expect(sheet).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    expect(page.get_by_role("list", name="Move probabilities")).to_be_visible(timeout=60_000)
    assert_fits(page, "train")
    name_the_run(page, server, run["id"])


def name_the_run(page: Page, server: Server, run_id: str) -> None:
    """The name is shown at once, and also written while the server cannot be reached."""
    page.get_by_role("button", name="Name this run").tap()
    page.get_by_role("textbox", name="Name").fill("First try")
    assert_fits(page, "name of a run")
    page.get_by_role("button", name="Save").tap()
    wait_until(lambda: server.get(f"/api/runs/{run_id}")["name"] == "First try", 15, page)
    expect(page.get_by_role("status", name="Run")).to_contain_text("First try")


def test_before_a_server_was_ever_reached_a_run_is_estimated_on_an_average_one(page: Page) -> None:
    wait_until(lambda: page.evaluate("localStorage.getItem('model-studio-machine')"), 30, page)
    page.context.route("**/api/machine", lambda route: route.abort())
    page.evaluate("localStorage.removeItem('model-studio-machine')")
    page.reload()
    open_new_design(page)
    page.get_by_role("button", name="Train").tap()
    sheet = page.get_by_role("dialog", name="Train")
    expect(sheet.get_by_role("radiogroup", name="How long, on an average server")).to_be_visible(timeout=60_000)
    expect(sheet.get_by_role("radio", name="15 minutes")).to_be_checked()
    expect(sheet.get_by_text(re.compile(r"About 15 min.* on an average server"))).to_be_visible()
    assert_fits(page, "before a server was reached")
    page.context.unroute("**/api/machine")
    page.reload()
    valid(page)
    page.get_by_role("button", name="Train").tap()
    expect(sheet.get_by_text(re.compile("of memory on your server"))).to_be_visible(timeout=60_000)


def test_runs_of_before_can_be_looked_at_and_go_on(page: Page, server: Server) -> None:
    start_from(page, "Tiny MLP")  # its test games are short
    valid(page)
    design_id = page.url.split("/d/")[1].split("/")[0]
    page.get_by_role("status", name="Sync").filter(has_text="Saved on server").wait_for()

    def run(status: str, **settings: Any) -> str:
        run_id: str = server.post(f"/api/designs/{design_id}/train", settings)["run_id"]
        if status == "stopped":
            wait_until(lambda: server.get(f"/api/runs/{run_id}")["steps"] > 0, TRAINING_SECONDS)
            server.post(f"/api/runs/{run_id}/stop")
        wait_until(lambda: server.get(f"/api/runs/{run_id}")["status"] == status, TRAINING_SECONDS)
        return run_id

    small = {"n_envs": 8, "n_steps": 8, "minibatch_size": 32}
    stopped = run("stopped", algorithm="afterstate_td", total_steps=10**9, checkpoint_every_s=0.2, **small)
    finished = run("finished", total_steps=512, **small)
    page.get_by_role("link", name="Train").tap()
    headline = page.get_by_role("status", name="Run")
    expect(headline).to_contain_text("which move to make")
    page.get_by_role("button", name="Train longer").tap()
    dialog = page.get_by_role("dialog", name="Train longer")
    expect(dialog.get_by_text("From 512 moves, with the weights it has")).to_be_visible()
    assert_fits(page, "train longer")
    dialog.get_by_role("button", name="Start").tap()
    wait_until(lambda: server.get(f"/api/runs/{finished}")["steps"] > 512, TRAINING_SECONDS, page)
    page.get_by_role("button", name="Stop", exact=True).tap()
    expect(headline).to_contain_text("Stopped", timeout=TRAINING_SECONDS * 1000)
    page.get_by_role("region", name="Other runs").get_by_role("button", name="What a board is worth").tap()
    expect(headline).to_contain_text("what a board is worth")
    expect(page.get_by_text("An older run")).to_be_visible()
    page.get_by_role("button", name="Continue").tap()
    expect(headline).to_contain_text(re.compile("Running|Training"), timeout=TRAINING_SECONDS * 1000)
    page.get_by_role("button", name="Stop", exact=True).tap()
    expect(headline).to_contain_text("Stopped", timeout=TRAINING_SECONDS * 1000)
    page.get_by_role("button", name="Export").tap()
    dialog = page.get_by_role("dialog", name="Export")
    dialog.get_by_role("radio", name=re.compile(r"^\.py")).check()
    with page.expect_download(timeout=TRAINING_SECONDS * 1000) as download:
        dialog.get_by_role("button", name=re.compile("^Save")).tap()
    assert stopped in download.value.suggested_filename


def test_the_job_is_possible_from_the_keyboard(page: Page) -> None:
    page.get_by_role("button", name="New design").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="New design").get_by_role("button", name="Tiny MLP", exact=True).focus()
    page.keyboard.press("Enter")
    valid(page)
    node = page.get_by_role("group", name="Linear c4")
    node.focus()
    page.keyboard.press("Enter")
    before = page.get_by_label("Parameters").inner_text()
    page.keyboard.press("Delete")
    expect(node).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(node).to_have_count(1)
    expect(page.get_by_label("Parameters")).to_have_text(before)


def test_hints_sizes_and_lists_of_numbers(page: Page) -> None:
    open_new_design(page)
    sheet = open_sheet(page, "Transformer layer c3")
    sheet.get_by_role("slider", name="dropout").fill("0.2")
    expect(page.get_by_role("status", name="Validation")).to_contain_text("1 hint")
    valid(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="1 hint").tap()
    assert_fits(page, "hints")
    page.get_by_role("button", name="Set dropout to 0").tap()
    expect(page.get_by_role("button", name="1 hint")).to_have_count(0)
    for label, title in (("Memory", "Memory"), ("Parameters", "Size")):
        page.get_by_label(label, exact=True).first.tap()
        expect(page.get_by_role("dialog", name=title)).to_be_visible()
        assert_fits(page, title)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    heads = open_sheet(page, "Action output c7").get_by_role("group", name="hidden_sizes")
    heads.get_by_role("button", name="Add to hidden_sizes").tap()
    heads.get_by_role("spinbutton", name="hidden_sizes 1").fill("32")
    heads.get_by_role("button", name="More hidden_sizes 1").tap()
    expect(heads.get_by_role("spinbutton", name="hidden_sizes 1")).to_have_value("33")
    assert_fits(page, "list of numbers")
    heads.get_by_role("button", name="Remove hidden_sizes 1").tap()
    expect(heads.get_by_role("spinbutton")).to_have_count(0)


def test_the_verdict_follows_while_a_value_is_moved(page: Page) -> None:
    open_new_design(page)
    sheet = open_sheet(page, "Transformer layer c3")
    seen = page.evaluate_handle("""() => {
      const seen = new Set(), number = document.querySelector('[aria-label="Parameters"]')
      const wanted = {characterData: true, childList: true, subtree: true}
      new MutationObserver(() => seen.add(number.textContent)).observe(number, wanted)
      return seen
    }""")
    width = sheet.get_by_role("spinbutton", name="dim_feedforward")
    width.fill("64")
    width.press("Enter")
    more = sheet.get_by_role("button", name="More dim_feedforward")
    Finger(page).hold(centre_of(more), lambda: seen.evaluate("seen => seen.size") > 5)
