"""One validation, text in and bytes out, of a design that changed: in the phone's worker and in native CPython."""

import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.phone_python import phone_python, site
from shared_py import pyodide_api
from shared_py.design import Component, Defaults, ModelArchitecture

LIMITS_MS = {50: 1.0, 200: 4.0, 1000: 20.0}
"""in the worker, by the number of components"""
ROUNDS = 12
BURST = 20
"""frames of a drag, one right after the other"""
KINDS = (
    "transformer_layer",
    "transformer_layer",
    "moe_layer",
    "routed",
    "branch",
    "layer_norm",
    "linear",
    "activation",
    "conv2d",
)


def drawing_of(count: int) -> ModelArchitecture:
    """A valid design of that many components of many kinds and settings."""
    chance = random.Random(count)
    components = [Component(id="c1", type="board_input"), Component(id="c2", type="embedding", props={"position": "learned_2d"})]
    edges = [("c1", "c2")]

    def place(kind: str, props: dict[str, Any], *sources: str) -> str:
        name = f"c{len(components) + 1}"
        components.append(Component(id=name, type=kind, props=props, x=chance.randint(-500, 500), y=96.0 * len(components)))
        edges.extend((source, name) for source in sources)
        return name

    last = "c2"
    while len(components) < count - 2:
        kind = chance.choice(KINDS)
        if kind == "routed":
            experts = chance.randint(2, 8)
            router = place("load_balance_router", {"n_experts": experts, "top_k": chance.randint(1, experts)}, last)
            last = place("moe_layer", {"n_experts": experts}, router)
        elif kind == "branch":
            last = place("add", {}, last, place("attention", {"n_heads": chance.choice([1, 2, 4, 8])}, last))
        elif kind == "transformer_layer":
            last = place(kind, {"dim_feedforward": chance.choice([32, 64, 96, 128]), "activation": "relu"}, last)
        else:
            last = place(kind, {}, last)
    while len(components) < count - 1:
        last = place("layer_norm", {}, last)
    place("action_output", {}, last)
    return ModelArchitecture(id="d1", meta=Defaults(d_model=32), components=components, edges=edges)


def dragged(design: ModelArchitecture, step: int) -> str:
    """The design as JSON after one more frame of a drag: another block position and slider value."""
    components = list(design.components)
    moved = step * 7 % len(components)
    components[moved] = msgspec.structs.replace(components[moved], x=components[moved].x + step + 1)
    slid = next(index for index, component in enumerate(components) if component.type == "transformer_layer")
    components[slid] = msgspec.structs.replace(components[slid], props={"dim_feedforward": 1 + step})
    return msgspec.json.encode(msgspec.structs.replace(design, components=components)).decode()


def run() -> list[dict[str, object]]:
    """Time both in turns, size by size; the answers must be the same bytes."""
    designs = {count: drawing_of(count) for count in LIMITS_MS}
    native: dict[int, list[float]] = {count: [] for count in designs}
    worker: dict[int, list[float]] = {count: [] for count in designs}
    with tempfile.TemporaryDirectory() as folder, site() as address, phone_python(address, "pack", Path(folder)) as python:
        for first in range(0, ROUNDS * BURST, BURST):
            for count, design in designs.items():
                texts = [dragged(design, step) for step in range(first, first + BURST)]
                answers = python.call("validate", *texts)
                worker[count] += [answer["ms"] for answer in answers]
                for text, answer in zip(texts, answers, strict=True):
                    began = time.perf_counter()
                    expected = pyodide_api.validate(text)
                    native[count].append(1e3 * (time.perf_counter() - began))
                    assert answer["output"].encode() == expected, "phone and server differ"
                    assert msgspec.json.decode(expected)["valid"]
    return [_row(count, native[count], worker[count]) for count in designs]


def _row(count: int, native: list[float], worker: list[float]) -> dict[str, object]:
    here, there = statistics.median(native), statistics.median(worker)
    return {
        "components": count,
        "worker_p50_ms": round(there, 2),
        "worker_best_ms": round(min(worker), 2),
        "limit_ms": LIMITS_MS[count],
        "native_p50_ms": round(here, 2),
        "ratio": round(there / here, 2),
    }
