"""Playing on the phone: watch, hint, race, test and looking inside, with the server killed and after the browser was closed."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import BrowserContext, BrowserType, Locator, Page, expect
from support.browser import Finger, Server, centre_of, collect_errors, wait_until
from support.designs import small_design
from support.exported_networks import write_exported_run
from support.screen import assert_fits, open_new_design, valid, wait_for_service_worker

from shared_py.seeded_game import new_game, replay

DESIGN = "d0"
FETCH_MS = 240_000
"""for the runtime, and for the network, which the server first has to write and check"""
TEST_MS = 300_000
SEED = 42
EXPERTS = 3
SIZES = [(360, 640), (412, 915), (915, 412)]

Open = Callable[[], Page]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with an ended run of a mixture with attention, whose files are prepared."""
    folder = tmp_path_factory.mktemp("written")
    write_exported_run(folder, "r1", "mixture-ppo", DESIGN)
    return folder


@pytest.fixture
def server(written: Path, tmp_path: Path) -> Iterator[Server]:
    """A server with that run and its design."""
    server = Server(Path(shutil.copytree(written, tmp_path / "data")))
    server.start()
    server.post("/api/designs", {"architecture": msgspec.to_builtins(small_design(DESIGN))})
    yield server
    server.stop()


@pytest.fixture
def open_phone(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], browser_context_args: dict[str, Any], tmp_path: Path
) -> Iterator[Open]:
    """Opens the browser of one phone; each time after the first it has been closed before, and keeps what it stored."""
    open_contexts: list[BrowserContext] = []
    errors: list[list[str]] = []
    options = browser_type_launch_args | browser_context_args | {"viewport": {"width": 412, "height": 915}}

    def open_it() -> Page:
        while open_contexts:
            open_contexts.pop().close()
        context = browser_type.launch_persistent_context(tmp_path / "profile", **options)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        errors.append(collect_errors(context))
        open_contexts.append(context)
        return context.pages[0]

    yield open_it
    for context in open_contexts:
        context.close()
    assert [error for each in errors for error in each] == []


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def figure(page: Page, name: str) -> int:
    """A figure above the board: Score, Best, Moves or Largest."""
    text = page.locator(".scores div").filter(has_text=name).locator("dd").inner_text()
    return int(re.sub(r"\D", "", text) or -1)


def mode(page: Page, name: str) -> None:
    page.get_by_role("group", name="Mode").get_by_role("button", name=name).tap()


def board_words(board: tuple[int, ...]) -> str:
    """A board as its accessible name has it."""
    rows = [board[start : start + 4] for start in range(0, 16, 4)]
    faces = [", ".join(str(2**exponent) if exponent else "empty" for exponent in row) for row in rows]
    return " ".join(f"Row {number}: {row}." for number, row in enumerate(faces, 1))


def open_play(page: Page, server: Server) -> None:
    """Open Play, with the service worker that keeps it, until the network has come and the board is there."""
    page.goto(f"{server.url}/#/d/{DESIGN}")
    valid(page)
    wait_for_service_worker(page)
    page.get_by_role("link", name="Play").tap()
    expect(page.get_by_role("img", name=re.compile("^Board of the network"))).to_be_visible(timeout=FETCH_MS)


@pytest.mark.timeout(1200)
def test_everything_works_without_a_server(open_phone: Open, server: Server) -> None:
    page = open_phone()
    open_play(page, server)
    server.kill()
    page = open_phone()
    page.goto(f"{server.url}/#/d/{DESIGN}/play")
    watch(page)
    switch_experts(page)
    look_at_attention(page)
    hint(page)
    page = open_phone()
    page.goto(f"{server.url}/#/d/{DESIGN}/play")
    race(page)
    play_test_games(page)


NOTE_PICTURES = """() => {
  window.pictures = new Set()
  const context = new OffscreenCanvas(32, 32).getContext('2d', {willReadFrequently: true})
  const look = () => {
    const canvas = document.querySelector('.painted-board > canvas')
    if (canvas) {
      context.drawImage(canvas, 0, 0, 32, 32)
      const pixels = context.getImageData(0, 0, 32, 32).data
      if (pixels.some((value) => value > 0)) pictures.add(pixels.join())
    }
    requestAnimationFrame(look)
  }
  look()
}"""
"""notes every different picture of the board that the worker draws at full speed"""


def watch(page: Page) -> None:
    """The network plays by itself; pause, step, step back, full speed, and a game by its seed."""
    mode(page, "Watch")
    wait_until(lambda: figure(page, "Moves") > 5, 60, page)
    button(page, "Pause").tap()
    expect(button(page, "Play")).to_be_visible()
    moves = figure(page, "Moves")
    button(page, "Step").tap()
    wait_until(lambda: figure(page, "Moves") == moves + 1, 15, page)
    button(page, "Step back").tap()
    wait_until(lambda: figure(page, "Moves") == moves, 15, page)
    page.get_by_role("combobox", name="Speed").select_option("max")
    page.evaluate(NOTE_PICTURES)
    button(page, "Play").tap()
    wait_until(lambda: figure(page, "Moves") > moves + 30 or page.get_by_text("Game over").count(), 60, page)
    assert page.evaluate("pictures.size") > 1
    come_back_after_the_end(page)
    page.get_by_role("combobox", name="Speed").select_option("1")
    page.get_by_role("button", name="Game with seed").tap()
    sheet = page.get_by_role("dialog", name=re.compile("^Game"))
    sheet.get_by_role("textbox", name="Seed").fill(str(SEED))
    sheet.get_by_role("button", name="Play", exact=True).tap()
    expect(sheet).to_have_count(0)
    expect(page.get_by_role("button", name=f"Game with seed {SEED}")).to_be_visible()
    if button(page, "Pause").count():
        button(page, "Pause").tap()
    while figure(page, "Moves") > 0:
        moves = figure(page, "Moves")
        button(page, "Step back").tap()
        wait_until(lambda before=moves: figure(page, "Moves") == before - 1, 15, page)
    expect(page.get_by_role("img", name=board_words(new_game(SEED).board))).to_be_visible()


def come_back_after_the_end(page: Page) -> None:
    """A game that is over at full speed stays over when it is watched again, and another one begins."""
    over = page.get_by_text("Game over", exact=True)
    expect(over).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Code").tap()
    page.get_by_role("link", name="Play").tap()
    expect(over).to_be_visible()
    page.get_by_role("combobox", name="Speed").select_option("1")
    page.get_by_role("toolbar", name="Watch").get_by_role("button", name="New game").tap()
    expect(over).to_have_count(0)
    wait_until(lambda: 0 < figure(page, "Moves") < 60, 60, page)


def cells_of(page: Page) -> list[str]:
    return (
        page.get_by_role("group", name="Expert of each cell")
        .get_by_role("img")
        .evaluate_all("cells => cells.map(cell => cell.getAttribute('aria-label'))")
    )


def switch_experts(page: Page) -> None:
    """Each cell shows its expert; one that is switched off reads no cell; the last one cannot be switched off."""
    button(page, "Experts").tap()
    switches = page.get_by_role("region", name="Experts").get_by_role("switch")
    expect(switches).to_have_count(EXPERTS)
    wait_until(lambda: len(cells_of(page)) == 16, 15, page)
    probabilities = page.get_by_role("region", name="Move probabilities").inner_text()
    used = re.search(r"experts? (\d)", cells_of(page)[0])
    assert used is not None
    number = used[1]
    switches.nth(int(number) - 1).tap()
    expect(switches.nth(int(number) - 1)).to_have_attribute("aria-checked", "false")
    wait_until(lambda: not any(re.search(rf"experts?.*\b{number}\b", cell.split(":")[1]) for cell in cells_of(page)), 15, page)
    assert len(cells_of(page)) == 16, "another expert takes the place"
    assert page.get_by_role("region", name="Move probabilities").inner_text() != probabilities
    others = [each for each in range(EXPERTS) if each != int(number) - 1]
    for each in others[:-1]:
        switches.nth(each).tap()
        expect(switches.nth(each)).to_have_attribute("aria-checked", "false")
    switches.nth(others[-1]).tap()
    expect(page.locator(".toast")).to_contain_text("expert")
    expect(switches.nth(others[-1])).to_have_attribute("aria-checked", "true")
    for each in (int(number) - 1, *others[:-1]):
        switches.nth(each).tap()
        expect(switches.nth(each)).to_have_attribute("aria-checked", "true")


def look_at_attention(page: Page) -> None:
    """A tapped cell shows where it looks, in the chosen layer and head."""
    button(page, "Attention").tap()
    cells = page.get_by_role("group", name="Attention").get_by_role("button")
    expect(cells).to_have_count(16)

    def shares() -> list[int]:
        labels = cells.evaluate_all("cells => cells.map(cell => cell.getAttribute('aria-label'))")
        return [int(label.split(": ")[1].removesuffix(" %")) for label in labels]

    assert abs(sum(shares()) - 100) <= 16
    before = shares()
    cells.nth(6).tap()
    expect(cells.nth(6)).to_have_attribute("aria-pressed", "true")
    assert abs(sum(shares()) - 100) <= 16
    assert shares() != before
    panel = page.get_by_role("region", name="Attention")
    mean = shares()
    panel.get_by_role("combobox", name="Head").select_option("1")
    wait_until(lambda: shares() != mean, 15, page)
    button(page, "Value").tap()
    expect(page.get_by_role("img", name="Value over the game")).to_be_visible()
    button(page, "Value").tap()


def record_of(page: Page, key: str) -> dict[str, Any]:
    return dict(json.loads(page.evaluate("key => localStorage.getItem(key)", f"model-studio-{key}-game")))


def swipe(page: Page, finger: Finger, dx: float, dy: float) -> None:
    x, y = centre_of(page.locator(".board-place"))
    finger.drag((x, y), (x + dx, y + dy), steps=4)


def hint(page: Page) -> None:
    """A person plays by swipes and keys and sees the network's probabilities; Python replays the game to the same board."""
    mode(page, "Hint")
    board = page.get_by_role("img", name=re.compile("^Your board"))
    expect(board).to_be_visible()
    expect(page.get_by_role("region", name="Move probabilities")).to_contain_text("%")
    finger = Finger(page)
    before = figure(page, "Moves")
    for dx, dy in ((90, 4), (-4, 90), (-90, 0), (0, -90)):
        swipe(page, finger, dx, dy)
    wait_until(lambda: figure(page, "Moves") >= before + 2, 15, page)
    for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown") * 3:
        page.keyboard.press(key)
        page.wait_for_timeout(50)
    wait_until(lambda: figure(page, "Moves") >= before + 8, 15, page)
    record = record_of(page, "hint")
    final = replay(record["seed"], map("urdl".index, record["actions"]))
    assert (len(record["actions"]), record["score"]) == (final.n_moves, final.score)
    expect(page.get_by_role("img", name=board_words(final.board))).to_be_visible()
    button(page, "Hints").tap()
    expect(page.get_by_role("region", name="Move probabilities")).to_have_count(0)
    button(page, "Hints").tap()


def race(page: Page) -> None:
    """The person loses on purpose; the network plays the same seed to its end; the result can be shared."""
    mode(page, "Race")
    expect(page.get_by_role("img", name=re.compile("^Your board"))).to_be_visible(timeout=60_000)
    expect(page.get_by_role("list", name="Board of the network")).to_be_visible()
    share = button(page, "Share")

    def play_on() -> bool:
        for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):
            page.keyboard.press(key)
        return share.is_visible()

    wait_until(play_on, 300, page)
    record = record_of(page, "race")
    final = replay(record["seed"], map("urdl".index, record["actions"]))
    assert final.score == record["score"]
    assert not any(final.legal)
    share.tap()
    expect(page.locator(".toast")).to_contain_text("Copied")
    text = page.evaluate("navigator.clipboard.readText()")
    assert f"seed {record['seed']}" in text
    assert f"{record['score']:,}" in text


def play_test_games(page: Page) -> None:
    """A hundred games, beside the server's test games and the rules."""
    mode(page, "Test")
    button(page, "Play 100 games").tap()
    expect(page.get_by_text("100 of 100 games")).to_be_visible(timeout=TEST_MS)
    scores = page.get_by_role("region", name="Scores")
    expect(scores.get_by_role("row", name=re.compile("^This phone 100 "))).to_be_visible()
    for name in ("Server", "Greedy rule", "Random"):
        expect(scores.get_by_role("row", name=re.compile(f"^{name}"))).to_be_visible()
    expect(page.get_by_role("region", name="Largest tiles").get_by_role("row")).to_have_count(5)


@pytest.mark.timeout(900)
def test_every_mode_fits_on_every_phone(open_phone: Open, server: Server) -> None:
    page = open_phone()
    page.goto(server.url)
    open_new_design(page)
    page.get_by_role("link", name="Play").tap()
    expect(page.get_by_role("link", name="Go to Train")).to_be_visible(timeout=60_000)
    assert_fits(page, "nothing to play yet")
    open_play(page, server)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for name in ("Watch", "Hint", "Race", "Test"):
            mode(page, name)
            assert_fits(page, f"{name} at {width} x {height}")
            bar = page.get_by_role("toolbar")
            for control in bar.get_by_role("button").all():
                expect(control).to_be_in_viewport(ratio=1)
            if name != "Test":
                expect(page.locator(".game-board").first).to_be_in_viewport(ratio=1)


@pytest.mark.timeout(600)
def test_the_blocks_follow_the_game_and_a_removed_network_can_be_put_back(open_phone: Open, server: Server) -> None:
    page = open_phone()
    open_play(page, server)
    wait_until(lambda: figure(page, "Moves") > 3, 60, page)
    page.get_by_role("link", name="Design").tap()
    cells = page.locator(".react-flow__node .heat-bar i")
    expect(cells).to_have_count(EXPERTS)
    expect(cells.first).to_have_attribute("style", re.compile("--expert-0"))
    page.get_by_role("link", name="Play").tap()
    wait_until(lambda: figure(page, "Moves") > 3, 60, page)
    page.get_by_role("button", name=re.compile("^Network: ")).tap()
    page.get_by_role("dialog", name="Network that plays").get_by_role("button", name=re.compile("^On this phone")).tap()
    phone = page.get_by_role("dialog", name="On this phone")
    removes = phone.get_by_role("button", name="Remove")
    for left in reversed(range(removes.count())):
        removes.first.tap()
        expect(removes).to_have_count(left)
    expect(phone.get_by_text("No network is on this phone")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Undo: remove")).first.tap()
    page.keyboard.press("Escape")
    expect(page.get_by_role("img", name=re.compile("^Board of the network"))).to_be_visible(timeout=60_000)
