"""One verdict, text in and text out, native CPython; per component it must not grow with the drawing."""

import statistics
import time
from itertools import pairwise

import msgspec

from shared_py import phone
from shared_py.design import Component, Defaults, ModelArchitecture

SIZES = (50, 200, 1000)
ROUNDS = 30


def chain_of(count: int) -> str:
    """A valid drawing of that many components, as JSON."""
    components = [Component(id="c1", type="board_input"), Component(id="c2", type="embedding")]
    components += [Component(id=f"t{n}", type="transformer_layer", props={"dropout": 0.0}) for n in range(count - 3)]
    components.append(Component(id="out", type="action_output"))
    edges = list(pairwise(component.id for component in components))
    design = ModelArchitecture(id="d1", meta=Defaults(d_model=32), components=components, edges=edges)
    return msgspec.json.encode(design).decode()


def run() -> list[dict[str, object]]:
    """Interleave the sizes; medians."""
    texts = {count: chain_of(count) for count in SIZES}
    times: dict[int, list[float]] = {count: [] for count in SIZES}
    for _ in range(ROUNDS):
        for count, text in texts.items():
            began = time.perf_counter()
            phone.validate(text)
            times[count].append(time.perf_counter() - began)
    medians = {count: statistics.median(values) for count, values in times.items()}
    return [
        {"components": count, "p50_ms": round(1e3 * seconds, 2), "us_per_component": round(1e6 * seconds / count, 1)}
        for count, seconds in medians.items()
    ]
