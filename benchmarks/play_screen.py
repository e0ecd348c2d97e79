"""The Play screen of the app while a network is watched at full speed: processor time of the page's main thread for each frame
that is shown, on a phone that is 4 times slower; and the time from a tap to the download of a prepared export.

The real app with a server of its own, in Chromium at 412 x 915. A frame is one that the display shows, and has all the work of
the main thread since the frame before: script, style and layout, paint, and the rest. The player worker draws the board in every
frame; the main thread draws scores, probabilities and the panel "Look inside" every second (`drawn`: the frames with work of
its own, and their median). Rasterising and the workers are on other threads; they share the cores of this machine, so the time of
the thread is counted and not that of the clock.

The times are measured without a throttle and multiplied by 4. The throttle of DevTools keeps the main thread busy also while it
waits: 0.93 s in blocking requests take 5 ms of processor time without it, and 435 ms with it. Here the main thread waits in every
frame for other threads, which have no free core. The times with the throttle are `throttled_p50_ms` and `throttled_p95_ms`.

The network is the template with experts for each cell after a short training, so that games are long; their starts and ends, when
the screen changes, are not measured.
"""

import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

import msgspec
from playwright.sync_api import Browser, Page, expect, sync_playwright

from backend.export.exporter import export_checkpoint
from backend.export.formats import INSPECTION
from benchmarks.main_thread import CATEGORIES, DISPLAYED, PARTS, Frame, displayed_frames
from benchmarks.page import Row
from shared_py.design import ModelArchitecture
from shared_py.training_config import AlgorithmName
from tests.support.browser import Server, launch_options, wait_until
from tests.support.designs import template

VIEWPORT = {"width": 412, "height": 915}
ALGORITHMS: tuple[AlgorithmName, ...] = ("ppo", "afterstate_td")
SHOWN = ("", "Experts", "Attention", "Value")
"""what is shown of the inside of the network"""
SLOWER = 4
WATCH_MS = 12_000
LIMIT_MS = 12
WAIT_MS = 240_000
MOVES: dict[AlgorithmName, int] = {"ppo": 98_304, "afterstate_td": 49_152}
"""of the training, a minute or so"""
TRAINING_S = 900.0
EXPORTS = 7
EXPORT_LIMIT_MS = 300
EXPORTED = ALGORITHMS[0]

FULL_SPEED = """localStorage.setItem('model-studio-play', JSON.stringify(
  {mode: 'watch', inside: null, speed: 'max', keepsScreenOn: false, hints: true}))"""
PLAYS = "() => /[1-9]/.test(document.querySelectorAll('.scores dd')[2]?.textContent ?? '')"
BEGIN, END = "watched-begin", "watched-end"
WATCH = """([milliseconds, begin, end]) => new Promise((resolve) => {
  const movesNow = () => Number(document.querySelectorAll('.scores dd')[2].textContent.replace(/\\D/g, ''))
  let began = null
  // when the page changed last before the end of a game
  let before = null
  let moves = 0
  let seconds = 0
  let renewed = false
  let waits = false
  // the frames that show a new game are over
  const start = () => {
    waits = false
    if (document.querySelector('.board-place[data-painted]') === null || document.querySelector('.board-note') !== null) return
    performance.mark(begin)
    began = performance.now()
    before = {now: began, moves: movesNow()}
  }
  const finish = (last) => {
    performance.mark(end, {startTime: last.now})
    seconds += (last.now - began) / 1000
    began = null
  }
  const look = () => {
    const over = document.querySelector('.board-note') !== null
    const here = {now: performance.now(), moves: movesNow()}
    const painted = document.querySelector('.board-place[data-painted]') !== null
    if (began !== null && here.moves > before.moves) moves += here.moves - before.moves
    if (began !== null && (over || !painted)) finish(here)
    else if (began === null && !waits && painted && !over) {
      waits = true
      requestAnimationFrame(() => requestAnimationFrame(start))
    }
    before = here
    if (over && !renewed) document.querySelector('.play-controls [aria-label="New game"]').click()
    renewed = over
  }
  const changes = new MutationObserver(look)
  changes.observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true})
  look()
  setTimeout(() => {
    look()
    changes.disconnect()
    if (began !== null) finish({now: performance.now()})
    resolve({moves, seconds})
  }, milliseconds)
})"""
TIMES = """() => {
  window.times = {}
  addEventListener('click', () => {
    times[times.exportTapped ? 'saveTapped' : 'exportTapped'] = performance.now()
  }, true)
  const offers = () => [...document.querySelectorAll('[role=dialog] button')].some((one) => one.textContent.startsWith('Save'))
  new MutationObserver(() => {
    if (!times.offered && times.exportTapped && offers()) times.offered = performance.now()
  }).observe(document.body, {subtree: true, childList: true})
  const click = HTMLAnchorElement.prototype.click
  HTMLAnchorElement.prototype.click = function () {
    times.saved = performance.now()
    click.call(this)
  }
}"""


def run() -> list[dict[str, object]]:
    """Watch with each thing shown, for networks of both algorithms, then export."""
    rows: list[dict[str, object]] = []
    with sync_playwright() as playwright, _server() as server:
        browser = playwright.chromium.launch(**launch_options(playwright))
        for algorithm in ALGORITHMS:
            rows += _watching(browser, server, algorithm)
        rows += _exporting(browser, server)
        browser.close()
    return rows


@contextmanager
def _server() -> Iterator[Server]:
    """A server with an ended run of each algorithm, whose exports are prepared."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        server.start()
        try:
            for algorithm in ALGORITHMS:
                _train(server, algorithm)
            yield server
        finally:
            server.stop()


def _train(server: Server, algorithm: AlgorithmName) -> None:
    """Train the design shortly, and write the files that are prepared when a run ends."""
    design = _design(algorithm)
    server.post("/api/designs", {"architecture": msgspec.to_builtins(design)})
    settings = {"algorithm": algorithm, "total_steps": MOVES[algorithm], "seed": 1}
    run_id = server.post(f"/api/designs/{design.id}/train", settings)["run_id"]
    wait_until(lambda: server.get(f"/api/runs/{run_id}")["status"] == "finished", TRAINING_S)
    for fmt in ("onnx", INSPECTION.suffix):
        export_checkpoint(server.data / "runs" / run_id, fmt, "best")


def _design(algorithm: AlgorithmName) -> ModelArchitecture:
    return msgspec.structs.replace(template("cell_experts"), id=f"d_{algorithm}")


def _watching(browser: Browser, server: Server, algorithm: AlgorithmName) -> Iterator[dict[str, object]]:
    context = browser.new_context(viewport=VIEWPORT, device_scale_factor=2.625, is_mobile=True, has_touch=True)
    context.add_init_script(FULL_SPEED)
    page = context.new_page()
    page.goto(f"{server.url}/#/d/{_design(algorithm).id}/play")
    expect(page.get_by_role("toolbar", name="Watch")).to_be_visible(timeout=WAIT_MS)
    page.wait_for_function(PLAYS, timeout=WAIT_MS)
    throttle = context.new_cdp_session(page)
    for shown in SHOWN:
        if shown:
            page.get_by_role("button", name=shown, exact=True).tap()
        name = f"{algorithm}, {shown.lower() or 'board alone'}"
        row = _figures(name, _watched(browser, page, name))
        throttle.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        throttled = _watched(browser, page, f"{name}, throttled").frames
        throttle.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        row |= {"throttled_p50_ms": _quantile(throttled, 0.5), "throttled_p95_ms": _quantile(throttled, 0.95)}
        yield row | {"load": round(os.getloadavg()[0], 1)}
    context.close()


class Watched(NamedTuple):
    """Some seconds of watching: the frames of the main thread, and the moves."""

    frames: list[Frame]
    moves: int
    seconds: float


def _watched(browser: Browser, page: Page, name: str) -> Watched:
    page.evaluate(WATCH, [WATCH_MS / 4, BEGIN, END])
    browser.start_tracing(page=page, categories=[*CATEGORIES, DISPLAYED])
    watched = page.evaluate(WATCH, [WATCH_MS, BEGIN, END])
    trace = browser.stop_tracing()
    if folder := os.environ.get("KEEP_TRACES"):
        Path(folder, f"{name.replace(', ', '_')}.json").write_bytes(trace)
    return Watched(displayed_frames(trace, BEGIN, END), watched["moves"], watched["seconds"])


def _figures(name: str, watched: Watched) -> dict[str, object]:
    frames = watched.frames
    row: dict[str, object] = {"watched": name, "frames": len(frames), "moves_per_s": round(watched.moves / watched.seconds)}
    row |= {"p95_ms": round(SLOWER * _quantile(frames, 0.95), 1), "p95_limit_ms": LIMIT_MS}
    drawn = [frame for frame in frames if frame.paint > 0]
    row |= {"drawn": len(drawn), "drawn_p50_ms": round(SLOWER * _quantile(drawn, 0.5), 1)}
    return row | {f"{part}_ms": round(SLOWER * fmean(getattr(frame, part) for frame in drawn), 1) for part in PARTS}


def summary(rows: Sequence[Row]) -> list[Row]:
    """One row for each network, with the 95th percentile of each panel; the exported network also has export times."""
    exports = next((row for row in rows if "exports" in row), None)
    watched = [row for row in rows if "watched" in row]
    found = []
    for algorithm in ALGORITHMS:
        of_one = [row for row in watched if str(row["watched"]).startswith(f"{algorithm}, ")]
        p95 = {f"{str(row['watched']).partition(', ')[2].replace(' ', '_')}_p95_ms": row["p95_ms"] for row in of_one}
        least = min(int(str(row["moves_per_s"])) for row in of_one)
        exported = exports if algorithm == EXPORTED else None
        export = {"export_ms": exported["both_ms"] if exported else "", "export_limit_ms": EXPORT_LIMIT_MS if exported else ""}
        found.append({"watched": algorithm, "moves_per_s": least, **p95, "p95_limit_ms": LIMIT_MS, **export})
    return found


def _quantile(frames: list[Frame], share: float) -> float:
    if not frames:
        return math.nan
    totals = sorted(frame.total for frame in frames)
    return round(totals[min(len(totals) - 1, int(share * len(totals)))], 2)


def _exporting(browser: Browser, server: Server) -> Iterator[dict[str, object]]:
    """Tap Export, then Save: until the dialog offers the file, and until the download starts. The page is not slowed."""
    context = browser.new_context(viewport=VIEWPORT, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(f"{server.url}/#/d/{_design(EXPORTED).id}/train")
    export = page.get_by_role("button", name="Export")
    expect(export).to_be_enabled(timeout=WAIT_MS)
    dialog, download = [], []
    for _ in range(EXPORTS):
        page.reload()
        expect(export).to_be_enabled(timeout=WAIT_MS)
        page.evaluate(TIMES)
        export.tap()
        with page.expect_download():
            page.get_by_role("dialog", name="Export").get_by_role("button", name="Save").tap()
        times = page.evaluate("times")
        dialog.append(times["offered"] - times["exportTapped"])
        download.append(times["saved"] - times["saveTapped"])
    context.close()
    both = [sum(pair) for pair in zip(dialog, download, strict=True)]
    row: dict[str, object] = {"exports": EXPORTS, "dialog_ms": round(median(dialog))}
    row |= {"download_ms": round(median(download)), "both_ms": round(median(both))}
    yield row | {"largest_ms": round(max(both)), "limit_ms": EXPORT_LIMIT_MS, "load": round(os.getloadavg()[0], 1)}
