"""What the main thread of a page did in each frame, read from a trace of Chromium."""

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

CATEGORIES = ["-*", "devtools.timeline", "disabled-by-default-devtools.timeline", "blink.user_timing", "toplevel", "__metadata"]
DISPLAYED = "disabled-by-default-display.framedisplayed"
"""the category of the event that a frame is shown, whoever drew it"""
SHOWN = "Display::FrameDisplayed"
TASKS = ("RunTask", "ThreadControllerImpl::RunTask")
COMMIT = "Commit"
"""the last step of a drawn frame on the main thread"""
KINDS = {
    **dict.fromkeys(("UpdateLayoutTree", "RecalculateStyles", "Layout"), "style_layout"),
    **dict.fromkeys(("PrePaint", "Paint", "Layerize", "CompositeLayers", "UpdateLayer", "UpdateLayerTree", COMMIT), "paint"),
    **dict.fromkeys(
        ("FunctionCall", "FireAnimationFrame", "TimerFire", "RunMicrotasks", "EventDispatch", "HandlePostMessage"), "script"
    ),
    **dict.fromkeys(("MinorGC", "MajorGC", "V8.GCScavenger", "EvaluateScript", "v8.callFunction"), "script"),
}
"""which part of a frame's work an event belongs to; what is none of them is `other`"""
PARTS = ("script", "style_layout", "paint", "other")


class Frame(NamedTuple):
    """Milliseconds of processor time of the main thread from the end of one drawn frame to the end of the next."""

    script: float
    style_layout: float
    paint: float
    other: float

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self)


class _Event(NamedTuple):
    name: str
    start: float
    end: float
    cpu_ms: float


def frames_between(trace: bytes, begin: str, end: str) -> list[Frame]:
    """The frames between each pair of user timing marks with these names."""
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    marks = sorted(
        (event["ts"], event["name"]) for event in events if event.get("name") in (begin, end) and "user_timing" in event["cat"]
    )
    if not marks:
        return []
    thread = _main_thread(events, begin)
    tasks = _tasks([event for event in events if (event["pid"], event["tid"]) == thread])
    spans = [(first, last) for (first, name), (last, _) in pairwise(marks) if name == begin]
    return [frame for span in spans for frame in _frames([task for task in tasks if span[0] <= task[0].start <= span[1]])]


def displayed_frames(trace: bytes, begin: str, end: str) -> list[Frame]:
    """The frames that were shown between each pair of marks, with the work of the main thread since the frame before.

    The task that sets the second mark is left out, since it does what ends the span. The trace needs the category `DISPLAYED`.
    """
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    thread = _main_thread(events, begin)
    tasks = _tasks([event for event in events if (event["pid"], event["tid"]) == thread])
    shown = sorted(float(event["ts"]) for event in events if event.get("name") == SHOWN)
    found: list[Frame] = []
    for first, last in _spans(events, begin, end):
        inside = [task for task in tasks if task[0].start >= first and task[0].end <= last]
        for since, until in pairwise(moment for moment in shown if first <= moment <= last):
            parts = dict.fromkeys(PARTS, 0.0)
            for task in inside:
                if since < task[0].end <= until:
                    for kind, took in _parts(task).items():
                        parts[kind] += took
            found.append(Frame(**parts))
    return found


def _spans(events: Sequence[dict[str, Any]], begin: str, end: str) -> list[tuple[float, float]]:
    """From each first mark to the second one."""
    marks = sorted(
        (event["ts"], event["name"]) for event in events if event.get("name") in (begin, end) and "user_timing" in event["cat"]
    )
    return [(first, last) for (first, name), (last, _) in pairwise(marks) if name == begin]


def _main_thread(events: Sequence[dict[str, Any]], mark: str) -> tuple[int, int]:
    process = next(event["pid"] for event in events if event.get("name") == mark)
    names = (event for event in events if event.get("name") == "thread_name" and event["pid"] == process)
    return process, next(event["tid"] for event in names if event["args"]["name"] == "CrRendererMain")


def _tasks(events: Sequence[dict[str, Any]]) -> list[list[_Event]]:
    """The events of each task of a thread, the task first."""
    tasks: list[list[_Event]] = []
    for event in sorted(_closed(events), key=lambda one: (one.start, -one.end)):
        if tasks and event.start < tasks[-1][0].end:
            tasks[-1].append(event)
        elif event.name in TASKS:
            tasks.append([event])
    return tasks


def _closed(events: Sequence[dict[str, Any]]) -> Iterator[_Event]:
    """Complete events, and those that have a begin and an end."""
    begun: list[dict[str, Any]] = []
    for event in sorted((one for one in events if one["ph"] in "XBE"), key=lambda one: float(one["ts"])):
        if event["ph"] == "X":
            start = float(event["ts"])
            yield _Event(event["name"], start, start + event.get("dur", 0), event.get("tdur", event.get("dur", 0)) / 1000)
        elif event["ph"] == "B":
            begun.append(event)
        elif begun:
            first = begun.pop()
            took = event.get("tts", event["ts"]) - first.get("tts", first["ts"])
            yield _Event(first["name"], float(first["ts"]), float(event["ts"]), took / 1000)


def _frames(tasks: Sequence[list[_Event]]) -> Iterator[Frame]:
    """Add up the tasks up to each commit; what comes before the first is left out, for its frame began before."""
    parts: dict[str, float] | None = None
    for task in tasks:
        if parts is not None:
            for kind, took in _parts(task).items():
                parts[kind] += took
        if any(event.name == COMMIT for event in task):
            if parts is not None:
                yield Frame(**parts)
            parts = dict.fromkeys(PARTS, 0.0)


def _parts(task: Sequence[_Event]) -> dict[str, float]:
    """The time of a task by kind; of nested events each has what is not in an inner one of another kind."""
    parts = dict.fromkeys(PARTS, 0.0)
    stack: list[tuple[_Event, str]] = []
    for event in task:
        while stack and event.start >= stack[-1][0].end:
            stack.pop()
        outer = stack[-1][1] if stack else None
        kind = KINDS.get(event.name, outer or "other")
        if outer is None or kind != outer:
            parts[kind] += event.cpu_ms
            if outer is not None:
                parts[outer] -= event.cpu_ms
        stack.append((event, kind))
    return parts
