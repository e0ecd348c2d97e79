"""The canvas under a finger at 412 x 915 on a phone 4 times slower: main-thread milliseconds a frame, and from a tap to a change.

`main_ms` is the processor time of the page's main thread by frame drawn, measured without a throttle and multiplied by 4, for
the reason that `play_screen` gives; `throttled_ms` is the same with the throttle of DevTools. Limits are 14 ms with 500 blocks
and 10 ms with 100. A pinch goes from zoom 1 to 0.15 and back; "whole" is with the whole design in view, and "heat" is usage of
experts that changes ten times a second. `tap_p95_ms` is the 95th percentile of the frame in which a tap changes what is seen,
measured in the same way, limit 50 ms; `event_p95_ms` is that of Event Timing without the throttle, which counts the wait for the
next refresh of the screen and events below 16 ms as 16, and `throttled_event_p95_ms` the same with it. Touch events are real
input events of the browser, scenarios alternate, and results are medians over the rounds. The browser has no GPU.
"""

import json
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.main_thread import CATEGORIES, Frame, frames_between
from benchmarks.page import Row
from benchmarks.phone_python import ROOT, served
from shared_py.design import Component, Edge, ModelArchitecture
from tests.support.browser import Finger, launch_options

PAGE = ROOT / "benchmarks" / "canvas_page"
BUILT = ROOT / "build" / "canvas_page"
VIEWPORT = {"width": 412, "height": 915}
SIZES = (100, 500)
LIMIT_MS = {100: 10, 500: 14}
TAP_LIMIT_MS = 50
SLOWER = 4
ROUNDS = int(os.environ.get("CANVAS_ROUNDS", "3"))
GESTURE_S = 1.5
BEGIN, END = "gesture-begin", "gesture-end"
FRAME_S = 1 / 60
TAPS = 20
TAP_COLUMNS = ("tap_p95_ms", "tap_limit_ms", "event_p95_ms")
REST_MS = 600
"""pause after a tap and after the following deselection, while the view moves"""
COLUMNS = 4
CHAIN = ("layer_norm", "attention", "add", "layer_norm", "linear", "add")
"""one residual layer after the other"""


def design_of(count: int) -> ModelArchitecture:
    """Residual layers in columns: every `add` has a connection past the two blocks above it."""
    components: list[Component] = []
    edges: list[Edge] = []
    rows = count // COLUMNS
    for column in range(COLUMNS):
        names: list[str] = []
        for row in range(rows):
            kind = CHAIN[row % len(CHAIN)]
            name = f"c{column}_{row}"
            components.append(Component(name, kind, x=144.0 * column, y=96.0 * row))
            edges += [(names[-1], name)] if names else []
            edges += [(names[-3], name)] if kind == "add" and len(names) > 2 else []
            names.append(name)
    return ModelArchitecture(f"bench{count}", f"{count} blocks", components=components, edges=edges)


def run() -> list[dict[str, object]]:
    """All scenarios with each number of blocks."""
    vite = ROOT / "node_modules" / ".bin" / "vite"
    subprocess.run([vite, "build", "--config", PAGE / "vite.config.mjs", "--logLevel", "error"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        for path in BUILT.iterdir():
            (Path(folder) / path.name).symlink_to(path)
        browser = playwright.chromium.launch(**launch_options(playwright))
        with served(folder) as address:
            measured = _measure(browser, f"{address}/index.html")
        browser.close()
    return [
        {"blocks": blocks, "scenario": name, "main_ms": _median(rows, "main_ms"), "limit_ms": LIMIT_MS[blocks]}
        | {"throttled_ms": _median(rows, "throttled_ms"), "frames_per_s": round(_median(rows, "fps"))}
        if "main_ms" in rows[0]
        else {"blocks": blocks, **_taps(rows)}
        for (blocks, name), rows in measured.items()
    ]


def _median(rows: Sequence[dict[str, Any]], name: str) -> float:
    return round(float(statistics.median(row[name] for row in rows)), 1)


def summary(rows: Sequence[Row]) -> list[Row]:
    """One row for each number of blocks."""
    return [_summed([row for row in rows if row["blocks"] == blocks]) for blocks in dict.fromkeys(row["blocks"] for row in rows)]


def _summed(rows: Sequence[Row]) -> Row:
    drawn = [row for row in rows if "main_ms" in row]
    row: dict[str, object] = {"blocks": rows[0]["blocks"]}
    row |= {f"{str(one['scenario']).replace(',', '').replace(' ', '_')}_ms": one["main_ms"] for one in drawn}
    row |= {"limit_ms": drawn[0]["limit_ms"]}
    return row | {name: one[name] for one in rows if "tap_p95_ms" in one for name in TAP_COLUMNS}


def _taps(rows: Sequence[dict[str, Any]]) -> dict[str, object]:
    """The taps of all rounds together."""
    frames, events, throttled = (sorted(time for row in rows for time in row[name]) for name in ("frames", "events", "throttled"))
    return {
        "taps": len(frames),
        "tap_median_ms": round(statistics.median(frames), 1),
        "tap_p95_ms": round(_p95(frames), 1),
        "tap_limit_ms": TAP_LIMIT_MS,
        "event_p95_ms": _p95(events),
        "throttled_event_p95_ms": _p95(throttled),
    }


def _p95(times: Sequence[float]) -> float:
    return times[int(0.95 * len(times))]


def _measure(browser: Browser, address: str) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """Every scenario once a round, in an order that is reversed in every second round."""
    measured: dict[tuple[int, str], list[dict[str, Any]]] = {}
    tasks = [(blocks, name) for blocks in SIZES for name in SCENARIOS]
    for turn in range(ROUNDS):
        for blocks, name in tasks if turn % 2 == 0 else reversed(tasks):
            context = browser.new_context(viewport=VIEWPORT, has_touch=True, is_mobile=True, device_scale_factor=2.6)
            canvas = CanvasPage(browser, context.new_page(), address, blocks)
            measured.setdefault((blocks, name), []).append(SCENARIOS[name](canvas))
            context.close()
    return dict(sorted(measured.items(), key=lambda item: tasks.index(item[0])))


class CanvasPage:
    """A page with the canvas, and a finger on it."""

    def __init__(self, browser: Browser, page: Page, address: str, blocks: int) -> None:
        self.browser = browser
        self.page = page
        page.goto(address)
        page.wait_for_function("() => window.canvas")
        page.evaluate("design => canvas.open(design)", json.loads(msgspec.json.encode(design_of(blocks))))
        page.wait_for_selector(".react-flow__node, .far canvas")
        self.finger = Finger(page)
        self.session = self.finger.session

    def slow_down(self, rate: int) -> None:
        """Throttle the main thread; 1 ends that."""
        self.session.send("Emulation.setCPUThrottlingRate", {"rate": rate})

    def zoom_to(self, zoom: float) -> None:
        """Pinch until the view has about this zoom."""
        for _ in range(6):
            now = float(self.page.evaluate("canvas.zoom()"))
            factor = zoom / now
            if 0.93 < factor < 1.08:
                break
            start, end = (60.0, 60 * min(factor, 5)) if factor > 1 else (300.0, 300 * max(factor, 0.2))
            self.finger.pinch((206, 400), start, end)
            self.page.wait_for_timeout(400)

    def show_all(self) -> None:
        """Fit the whole design into the view."""
        self.page.get_by_role("button", name="Fit view").tap()
        self.page.wait_for_timeout(800)

    def during(self, action: Callable[[], None]) -> dict[str, Any]:
        """Milliseconds of the main thread by frame during an action, without and with the throttle, and frames a second."""
        frames, seconds = self.frames_during(action)
        self.slow_down(SLOWER)
        throttled, _ = self.frames_during(action)
        self.slow_down(1)
        main_ms, throttled_ms = (statistics.fmean(frame.total for frame in some) for some in (frames, throttled))
        return {"main_ms": SLOWER * main_ms, "throttled_ms": throttled_ms, "fps": len(frames) / seconds}

    def frames_during(self, action: Callable[[], None]) -> tuple[list[Frame], float]:
        """The frames that the page draws during an action, and how long that took."""
        self.page.wait_for_timeout(REST_MS)
        self.browser.start_tracing(page=self.page, categories=CATEGORIES)
        self.page.evaluate("name => void performance.mark(name)", BEGIN)
        began = time.monotonic()
        action()
        seconds = time.monotonic() - began
        self.page.evaluate("name => void performance.mark(name)", END)
        return frames_between(self.browser.stop_tracing(), BEGIN, END), seconds

    def gesture(self, points: Callable[[float], list[tuple[float, float]]]) -> None:
        """Touch events at 60 Hz; `points` says where the fingers are at each share of the time."""
        self.finger.send("touchStart", points(0)[:1])
        self.finger.send("touchStart", points(0))
        began = time.monotonic()
        step = 0
        while (share := (time.monotonic() - began) / GESTURE_S) < 1:
            self.finger.send("touchMove", points(share))
            step += 1
            time.sleep(max(0.0, began + step * FRAME_S - time.monotonic()))
        self.finger.send("touchEnd", [])


def _pan(canvas: CanvasPage) -> None:
    """Up and down again, a little to the side."""
    canvas.gesture(lambda share: [(180 + 60 * share, 650 - 450 * (1 - abs(2 * share - 1)))])


def _pinch(canvas: CanvasPage) -> None:
    """From zoom 1 to 0.15 and back."""

    def fingers(share: float) -> list[tuple[float, float]]:
        apart = 340 * 0.15 ** (1 - abs(2 * share - 1))
        return [(206 - apart / 2, 420), (206 + apart / 2, 420)]

    canvas.gesture(fingers)


def _near_pan(canvas: CanvasPage) -> dict[str, Any]:
    canvas.zoom_to(1)
    return canvas.during(lambda: _pan(canvas))


def _near_pinch(canvas: CanvasPage) -> dict[str, Any]:
    canvas.zoom_to(1)
    return canvas.during(lambda: _pinch(canvas))


def _whole(canvas: CanvasPage) -> dict[str, Any]:
    canvas.show_all()
    return canvas.during(lambda: _pan(canvas))


def _heat(canvas: CanvasPage) -> dict[str, Any]:
    canvas.show_all()
    canvas.page.evaluate("canvas.heat(true)")
    return canvas.during(lambda: canvas.page.wait_for_timeout(1000 * GESTURE_S))


def _heat_and_pan(canvas: CanvasPage) -> dict[str, Any]:
    canvas.show_all()
    canvas.page.evaluate("canvas.heat(true)")
    return canvas.during(lambda: _pan(canvas))


def _tap(canvas: CanvasPage) -> dict[str, Any]:
    """Taps on blocks and on what lies between them."""
    canvas.zoom_to(1)
    frames: list[float] = []
    for place in _tap_places():
        found, _ = canvas.frames_during(partial(_tap_at, canvas, place))
        frames.append(SLOWER * max((frame.total for frame in found), default=0.0))
        _deselect(canvas)
    return {"frames": frames, "events": _event_times(canvas), "throttled": _throttled_event_times(canvas)}


def _tap_places() -> list[tuple[float, float]]:
    places = random.Random(1)
    return [(places.uniform(20, 390), places.uniform(150, 650)) for _ in range(TAPS)]


def _tap_at(canvas: CanvasPage, place: tuple[float, float]) -> None:
    canvas.page.touchscreen.tap(*place)
    canvas.page.wait_for_timeout(REST_MS)


def _deselect(canvas: CanvasPage) -> None:
    canvas.page.evaluate("canvas.clear()")
    canvas.page.wait_for_timeout(REST_MS)


def _event_times(canvas: CanvasPage) -> list[float]:
    """Event Timing of the same taps, without a trace."""
    canvas.page.evaluate("canvas.interactions()")
    for place in _tap_places():
        _tap_at(canvas, place)
        _deselect(canvas)
    found = canvas.page.evaluate("canvas.interactions()")
    return [*found, *[16.0] * max(0, TAPS - len(found))]


def _throttled_event_times(canvas: CanvasPage) -> list[float]:
    canvas.slow_down(SLOWER)
    try:
        return _event_times(canvas)
    finally:
        canvas.slow_down(1)


SCENARIOS: dict[str, Callable[[CanvasPage], dict[str, Any]]] = {
    "pan": _near_pan,
    "pinch": _near_pinch,
    "whole pan": _whole,
    "whole heat": _heat,
    "whole heat and pan": _heat_and_pan,
    "taps": _tap,
}
