"""One person, one phone: draw, check, lose the server, sync, compile, train, watch, export, run the file."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from playwright.sync_api import BrowserContext, Locator, Page, expect
from support.browser import Finger, Server, centre_of, wait_until
from support.phones import service_worker
from support.screen import choose_block, make_ready_for_offline, open_new_design

from backend.models import GameTransformer
from shared_py.decoding import decode_design
from shared_py.design import ModelArchitecture
from shared_py.game_2048 import legal_moves, move, new_game, spawn
from shared_py.validation import validate_design

PYTHON_SECONDS = 60
"""the first start of Python in the browser, on a busy machine"""

MIN_UPDATES = 12
"""of a live run, before it is stopped"""

BETWEEN_TAPS_MS = 800
"""two touches on one spot within less may pass for one gesture"""


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def validation(page: Page) -> Locator:
    return page.get_by_role("status", name="Validation")


def parameters(page: Page) -> int:
    return int(re.sub(r"\D", "", page.get_by_label("Parameters").inner_text()))


def stored_design(page: Page) -> ModelArchitecture | None:
    """The open design as the phone has it in IndexedDB, once a design is open and stored."""
    design_id = re.search(r"#/d/(\w+)", page.url)
    if design_id is None:
        return None
    work = page.evaluate(
        """async (id) => {
          const names = (await indexedDB.databases()).map((database) => database.name);
          for (const name of names) {
            const opening = indexedDB.open(name);
            const database = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
            try {
              if (![...database.objectStoreNames].includes('designs')) continue;
              const row = await new Promise((done) => {
                const get = database.transaction('designs').objectStore('designs').get(id);
                get.onsuccess = () => done(get.result);
              });
              if (row) return row.work;
            } finally { database.close(); }
          }
          return null;
        }""",
        design_id[1],
    )
    return decode_design(json.dumps(work)) if work else None


def expect_verdict_of(page: Page) -> ModelArchitecture:
    """The phone's verdict on the design it holds is the verdict of shared_py here, to the last parameter."""
    design = wait_until(lambda: stored_design(page), 15, page)
    verdict = validate_design(design)
    wanted = "Valid" if verdict.valid else f"{len(verdict.problems)} problem"
    expect(validation(page)).to_contain_text(re.compile(f"^{wanted}"), timeout=PYTHON_SECONDS * 1000)
    expect(page.get_by_label("Parameters")).to_contain_text(f"{verdict.parameters:,}")
    return design


def random_boards(count: int) -> np.ndarray:
    """Boards as play makes them."""
    from random import Random

    random = Random(2048)
    boards, board = [], new_game(random)
    while len(boards) < count:
        moves = legal_moves(board)
        if not any(moves):
            board = new_game(random)
            continue
        boards.append(board)
        action = random.choice([index for index, legal in enumerate(moves) if legal])
        board = spawn(move(board, action)[0], random)
    return np.array(boards, dtype=np.int64)


class Phone:
    """A page, its finger, and what came over its WebSocket."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.finger = Finger(page)
        self.updates: list[dict[str, Any]] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))

    def _frame(self, frame: Any) -> None:
        message = json.loads(frame if isinstance(frame, str) else frame.get("payload", "{}"))
        if message.get("type") == "training_update":
            self.updates.append(message)


@pytest.mark.timeout(600)
def test_the_whole_job(context: BrowserContext, server: Server, console_errors: list[str], tmp_path: Path) -> None:
    page = context.new_page()
    phone = Phone(page, server.url)
    page.goto(server.url)

    draw(phone)
    make_ready_for_offline(page)
    edit_without_a_server(phone, server)
    arrive_with_no_page_open(context, page, server)

    page = context.new_page()
    phone = Phone(page, server.url)
    page.goto(server.url)
    page.get_by_text("Experts for each cell").first.tap()
    design = expect_verdict_of(page)
    compile_it(page)
    run_id = train_it(phone, server, design)
    run_the_file(page, design, run_id, tmp_path)
    assert console_errors == []
    delete_it(page, server, run_id)
    # a call about the run that was on its way is answered with 404
    assert [error for error in console_errors if run_id not in error] == []


def draw(phone: Phone) -> None:
    """New design, add, drag, connect, edit, delete, undo, redo; the verdict follows every time."""
    page = phone.page
    open_new_design(page)
    design = expect_verdict_of(page)
    assert validate_design(design).valid
    before = parameters(page)

    layer = page.get_by_role("group", name="Transformer layer c3")
    layer.tap()
    start = centre_of(layer)
    phone.finger.drag(start, (start[0] + 60, start[1] + 8))
    wait_until(lambda: next(c for c in stored_design(page).components if c.id == "c3").x >= 40, 15, page)
    page.get_by_role("button", name="Undo", exact=True).tap()
    wait_until(lambda: next(c for c in stored_design(page).components if c.id == "c3").x == 0, 15, page)

    button(page, "Add block").tap()
    choose_block(page, "Transformer layer")
    wait_until(lambda: len(stored_design(page).components) == len(design.components) + 1, 15, page)
    expect_verdict_of(page)
    assert parameters(page) > before
    page.get_by_role("button", name="Undo", exact=True).tap()
    wait_until(lambda: stored_design(page) == design, 15, page)
    button(page, "Redo").tap()
    wait_until(lambda: len(stored_design(page).components) == len(design.components) + 1, 15, page)
    page.get_by_role("button", name="Undo", exact=True).tap()
    wait_until(lambda: stored_design(page) == design, 15, page)

    connect_and_disconnect(phone)
    break_and_mend(phone)
    read_the_code(page)


def connect_and_disconnect(phone: Phone) -> None:
    """An edge is drawn by dragging it onto any part of a block and by two taps; a refused one says why."""
    page = phone.page
    drawn = stored_design(page)
    source, near, far = (page.get_by_role("group", name=re.compile(f" {name}$")) for name in ("c2", "c3", "c4"))

    def port() -> tuple[float, float]:
        box = source.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] + 8

    def wired_then_undone() -> None:
        wait_until(lambda: ["c2", "c4"] in [list(edge) for edge in stored_design(page).edges], 15, page)
        expect(validation(page)).to_contain_text("1 problem")
        page.wait_for_timeout(BETWEEN_TAPS_MS)
        page.get_by_role("button", name="Undo", exact=True).tap()
        expect(validation(page)).to_contain_text("Valid")
        wait_until(lambda: stored_design(page) == drawn, 15, page)

    button(page, "Fit view").tap()
    source.tap()
    below_the_middle = centre_of(far)[0] + 40, centre_of(far)[1] + 20
    for end in (centre_of(far), below_the_middle):
        phone.finger.drag(port(), end)
        wired_then_undone()
    page.touchscreen.tap(*port())
    far.tap()
    wired_then_undone()
    button(page, "Connect Embedding c2").tap()
    far.tap()
    wired_then_undone()

    phone.finger.drag(port(), centre_of(near))
    expect(page.locator(".toast", has_text="These two are connected already")).to_be_visible()
    far.tap()
    button(page, "Connect Transformer layer c4").tap()
    source.tap()
    expect(page.locator(".toast", has_text="This connection would close a cycle")).to_be_visible()
    assert stored_design(page) == drawn


def open_sheet(page: Page, name: str) -> Locator:
    """Open a block's sheet from the chain, where no gesture is needed."""
    page.get_by_role("tab", name="Chain").tap()
    page.get_by_role("listitem", name=name).get_by_role("button", name="Edit").tap()
    sheet = page.get_by_role("dialog", name=name)
    expect(sheet).to_be_visible()
    return sheet


def close_sheet(page: Page, sheet: Locator) -> None:
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def break_and_mend(phone: Phone) -> None:
    """A width that does not fit turns the banner red and marks the block; undo turns it green."""
    page = phone.page
    sheet = open_sheet(page, "Transformer layer c4")
    width = sheet.get_by_role("spinbutton", name="d_model")
    width.fill("12")
    width.press("Enter")
    close_sheet(page, sheet)
    expect(validation(page)).to_contain_text(re.compile(r"^\d+ problem"))
    expect_verdict_of(page)
    page.get_by_role("button", name="Undo", exact=True).tap()
    expect(validation(page)).to_contain_text(re.compile("^Valid"))

    sheet = open_sheet(page, "Transformer layer c4")
    sheet.get_by_role("button", name="Delete").tap()
    expect(page.get_by_role("listitem", name="Transformer layer c4")).to_have_count(0)
    expect_verdict_of(page)
    page.get_by_role("button", name="Undo", exact=True).tap()
    expect(page.get_by_role("listitem", name="Transformer layer c4")).to_be_visible()
    assert validate_design(expect_verdict_of(page)).valid
    page.get_by_role("tab", name="Canvas").tap()


def read_the_code(page: Page) -> None:
    """The generated text can be read on the phone."""
    page.get_by_role("link", name="Code").tap()
    expect(page.get_by_text("class GeneratedModel(GameTransformer)")).to_be_visible(timeout=10_000)
    page.get_by_role("link", name="Design").tap()


def edit_without_a_server(phone: Phone, server: Server) -> None:
    """Kill the server, reload, and go on drawing with the same verdicts."""
    page = phone.page
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server")
    server.kill()
    page.reload()
    design = expect_verdict_of(page)
    assert validate_design(design).valid
    sheet = open_sheet(page, "Transformer layer c3")
    sheet.get_by_role("combobox", name="n_heads").select_option("8")
    close_sheet(page, sheet)
    wait_until(lambda: next(c for c in stored_design(page).components if c.id == "c3").props.get("n_heads") == 8, 15, page)
    assert validate_design(expect_verdict_of(page)).valid
    expect(page.get_by_role("status", name="Sync")).to_contain_text(re.compile("waiting|Saved on this phone"))
    read_the_code(page)


def arrive_with_no_page_open(context: BrowserContext, page: Page, server: Server) -> None:
    """Close the app, start the server, let the browser wake the service worker: the edit arrives."""
    design = stored_design(page)
    blank = context.new_page()
    page.close()
    server.start()
    session = context.new_cdp_session(blank)
    registration = service_worker(session, blank)

    def arrived() -> bool:
        event = {"origin": server.url, "registrationId": registration, "tag": "designs", "lastChance": False}
        session.send("ServiceWorker.dispatchSyncEvent", event)
        blank.wait_for_timeout(200)
        return bool(decode_design(json.dumps(server.get(f"/api/designs/{design.id}"))) == design)

    wait_until(arrived, 30, blank)
    blank.close()


def compile_it(page: Page) -> None:
    """Every proof has its tick."""
    button(page, "Compile").tap()
    for proof in ("parameters", "gradients", "batch", "mask", "ratio"):
        expect(page.get_by_text(re.compile(proof, re.IGNORECASE)).first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("✕")).to_have_count(0)


def train_it(phone: Phone, server: Server, design: ModelArchitecture) -> str:
    """Two taps, and the goal that trains a policy; a live chart; a heat map on the drawn mixture; then stop."""
    page = phone.page
    button(page, "Train").tap()
    sheet = page.get_by_role("dialog", name="Train")
    sheet.get_by_role("radio", name="PPO").check()
    button(sheet, "Start").tap()
    expect(sheet).to_have_count(0)
    expect(page.get_by_role("img", name="Score")).to_be_visible(timeout=15_000)
    wait_until(lambda: len(phone.updates) >= MIN_UPDATES, 120, page)
    wait_until(lambda: any(update["score"] for update in phone.updates), 60, page)
    for update in phone.updates:
        usage = update["moe"]["expert_usage"]
        assert len(usage) == 4
        assert abs(sum(usage) - 1) < 1e-3
        assert set(update["moe"]["layers"]) == {"c6"}
        assert 0 < update["moe"]["router_entropy"]["c6"] <= 1 + 1e-6
        assert len(update["board_state"]) == 16
    sequence = [update["seq"] for update in phone.updates]
    assert sequence == sorted(set(sequence))
    expect_heat_on_the_drawing(page)
    run_id = str(phone.updates[-1]["run_id"])
    assert server.get(f"/api/runs/{run_id}")["design_id"] == design.id
    button(page, "Stop").tap()
    wait_until(lambda: server.get(f"/api/runs/{run_id}")["status"] == "stopped", 30, page)
    return run_id


def expect_heat_on_the_drawing(page: Page) -> None:
    """The drawn mixture, and no other block, wears one coloured cell for each expert."""
    page.get_by_role("link", name="Design").tap()
    cells = page.get_by_role("group", name="Mixture of experts c6").locator(".heat-bar i")
    expect(cells).to_have_count(4)
    colours = cells.evaluate_all("cells => cells.map((cell) => cell.style.backgroundColor)")
    assert all(colour.startswith("rgb(") for colour in colours)
    expect(page.locator(".react-flow__node .heat-bar")).to_have_count(1)
    page.get_by_role("link", name="Train").tap()


def run_the_file(page: Page, design: ModelArchitecture, run_id: str, folder: Path) -> None:
    """The exported file plays like the trained network, on a thousand boards."""
    button(page, "Export").tap()
    dialog = page.get_by_role("dialog", name="Export")
    with page.expect_download(timeout=180_000) as waiting:
        dialog.get_by_role("button", name=re.compile("^Save .onnx")).tap()
    path = folder / "network.onnx"
    waiting.value.save_as(path)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    weights = folder / "network.pt"
    answer = page.request.get(f"{page.url.partition('/#')[0]}/api/designs/{design.id}/export?fmt=pt&run_id={run_id}")
    weights.write_bytes(answer.body())
    model = GameTransformer.from_architecture(design)
    model.load_state_dict(torch.load(weights, weights_only=True))
    model.eval()
    boards = random_boards(1100)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    logits, value = session.run(None, {"board": boards})
    with torch.no_grad():
        wanted_logits, wanted_value = model(torch.from_numpy(boards))
        decided = model.is_decided(torch.from_numpy(boards)).numpy()  # a tie between experts may fall either way by rounding
    assert decided.sum() >= 1000
    np.testing.assert_allclose(logits[decided], wanted_logits.numpy()[decided], atol=1e-4)
    np.testing.assert_allclose(value[decided], wanted_value.numpy()[decided], atol=1e-4)
    legal = np.array([legal_moves(tuple(board)) for board in boards.tolist()])
    assert (logits[~legal] == -1e9).all()
    assert (logits[legal] > -1e8).all()


def delete_it(page: Page, server: Server, run_id: str) -> None:
    """A run that has ended is deleted after a question; the design stays and can be trained again."""
    run = f"{server.url}/api/runs/{run_id}"
    button(page, "Delete run").tap()
    question = page.get_by_role("dialog", name="Delete this run?")
    question.get_by_role("button", name="Cancel").tap()
    expect(question).to_have_count(0)
    assert page.request.get(run).status == 200
    button(page, "Delete run").tap()
    question.get_by_role("button", name="Delete run").tap()
    expect(question).to_have_count(0)
    expect(button(page, "Delete run")).to_have_count(0)
    expect(button(page, "Train")).to_be_enabled()
    assert page.request.get(run).status == 404
    assert not (server.data / "runs" / run_id).exists()
