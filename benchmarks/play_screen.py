"""The Play screen of the app while a network is watched at full speed: processor time of the page's main thread for each frame
that it draws, on a phone that is 4 times slower; and the time from a tap to the download of a prepared export.

The real app with a server of its own, in Chromium at 412 x 915. A frame has all the work of the main thread since the frame
before: script, style and layout, paint, and the rest. The board is drawn by the player worker; the main thread draws
scores, probabilities and the panel "Look inside". Rasterising and the workers are on other threads; they share the cores of this
machine, so the time of the thread is counted and not that of the clock.

The times are measured without a throttle and multiplied by 4. The throttle of DevTools keeps the main thread busy also while it
waits: 0.93 s in blocking requests take 5 ms of processor time without it, and 435 ms with it. Here the main thread waits in every
frame for other threads, which have no free core. The times with the throttle are `throttled_p50_ms` and `throttled_p95_ms`.

The network is the template with a mixture of experts with random weights, so games are short; their starts and ends, when the
screen changes, are not measured.
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

from benchmarks.main_thread import CATEGORIES, PARTS, Frame, frames_between
from benchmarks.page import Row
from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.presets import preset
from shared_py.training_config import AlgorithmName
from tests.support.browser import Server, launch_options
from tests.support.designs import template
from tests.support.exported_networks import write_ended_run

VIEWPORT = {"width": 412, "height": 915}
ALGORITHMS: tuple[AlgorithmName, ...] = ("ppo", "afterstate_td")
SHOWN = ("", "Experts", "Attention", "Value")
"""what is shown of the inside of the network"""
SLOWER = 4
WATCH_MS = 12_000
LIMIT_MS = 12
WAIT_MS = 240_000
NOISE = 0.02
"""added to the weights; with more of it, outputs are so large that the check of an export refuses it"""
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
  const finish = (last) => {
    performance.mark(end, {startTime: last.now})
    seconds += (last.now - began) / 1000
    began = null
  }
  const look = () => {
    const over = document.querySelector('.board-note') !== null
    const here = {now: performance.now(), moves: movesNow()}
    const painted = document.querySelector('.board-place[data-painted]') !== null
    // the figure is drawn a moment after the board, so a new game begins with that of the game before
    if (began !== null && here.moves > before.moves) moves += here.moves - before.moves
    if (began !== null && (over || !painted)) finish(before)
    else if (began === null && painted && !over && here.moves > 0) {
      performance.mark(begin)
      began = here.now
    }
    before = here
    if (over && !renewed) document.querySelector('.play-controls [aria-label="New game"]').click()
    renewed = over
  }
  const changes = new MutationObserver(look)
  changes.observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true})
  look()
  setTimeout(() => {
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
        _write_runs(Path(folder))
        server = Server(Path(folder))
        server.start()
        for algorithm in ALGORITHMS:
            server.post("/api/designs", {"architecture": msgspec.to_builtins(_design(algorithm))})
        try:
            yield server
        finally:
            server.stop()


def _write_runs(folder: Path) -> None:
    for algorithm in ALGORITHMS:
        design = _design(algorithm)
        write_ended_run(folder, f"r_{algorithm}", design, preset(algorithm, analyse(design).sizes), noise=NOISE)


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
    browser.start_tracing(page=page, categories=CATEGORIES)
    watched = page.evaluate(WATCH, [WATCH_MS, BEGIN, END])
    trace = browser.stop_tracing()
    if folder := os.environ.get("KEEP_TRACES"):
        Path(folder, f"{name.replace(', ', '_')}.json").write_bytes(trace)
    return Watched(frames_between(trace, BEGIN, END), watched["moves"], watched["seconds"])


def _figures(name: str, watched: Watched) -> dict[str, object]:
    frames = watched.frames
    row: dict[str, object] = {"watched": name, "frames": len(frames), "moves_per_s": round(watched.moves / watched.seconds)}
    row |= {"p50_ms": round(SLOWER * _quantile(frames, 0.5), 1), "p95_ms": round(SLOWER * _quantile(frames, 0.95), 1)}
    row["p95_limit_ms"] = LIMIT_MS
    return row | {f"{part}_ms": round(SLOWER * fmean(getattr(frame, part) for frame in frames), 1) for part in PARTS}


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
