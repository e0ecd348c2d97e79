"""The drawing as a graph: who feeds whom, in which order to compute, what is in a circle; it knows no block."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from heapq import heapify, heappop, heappush

from msgspec import Struct

from shared_py.design import Edge

_DIGITS = re.compile(r"\d+")
MOST_DIGITS = 64
"""of a number within an id"""


class Graph(Struct, frozen=True):
    """Neighbours of every component, and an order in which each comes after all that feed it."""

    inputs_of: dict[str, list[str]]
    outputs_of: dict[str, list[str]]
    order: list[str]
    """topological, ties broken by id in natural order; components in or behind a cycle are left out"""
    cycles: list[list[str]]
    """each group of components that feed themselves, as one walk round"""


@lru_cache(maxsize=8192)
def natural_key(name: str) -> tuple[str, str]:
    """Sort key under which c2 comes before c10, and c02 beside c2."""
    return _DIGITS.sub(lambda digits: digits[0].zfill(MOST_DIGITS), name), name


def build_graph(names: Iterable[str], edges: Iterable[Edge]) -> Graph:
    """Build the graph of components and the edges between them; the order of a target's edges stays."""
    inputs_of: dict[str, list[str]] = {name: [] for name in names}
    outputs_of: dict[str, list[str]] = {name: [] for name in inputs_of}
    for source, target in edges:
        inputs_of[target].append(source)
        outputs_of[source].append(target)
    order = _topological_order(inputs_of, outputs_of)
    left = inputs_of.keys() - set(order)
    return Graph(inputs_of, outputs_of, order, _cycles(left, outputs_of) if left else [])


def reachable_from(starts: Iterable[str], neighbours: Mapping[str, list[str]]) -> set[str]:
    """All components on some walk from the starts, the starts included."""
    seen = set(starts)
    stack = list(seen)
    while stack:
        for neighbour in neighbours[stack.pop()]:
            if neighbour not in seen:
                seen.add(neighbour)
                stack.append(neighbour)
    return seen


def _topological_order(inputs_of: dict[str, list[str]], outputs_of: dict[str, list[str]]) -> list[str]:
    """Kahn's algorithm with a heap, so that the order depends on ids and edges alone."""
    names = sorted(inputs_of, key=natural_key)
    rank = {name: position for position, name in enumerate(names)}
    waiting = {name: len(sources) for name, sources in inputs_of.items()}
    ready = [rank[name] for name, count in waiting.items() if count == 0]
    heapify(ready)
    order = []
    while ready:
        name = names[heappop(ready)]
        order.append(name)
        for target in outputs_of[name]:
            waiting[target] -= 1
            if waiting[target] == 0:
                heappush(ready, rank[target])
    return order


def _cycles(left: set[str], outputs_of: dict[str, list[str]]) -> list[list[str]]:
    """One walk round for each separate group of circles among the components left."""
    found: list[list[str]] = []
    done: set[str] = set()
    for start in sorted(left, key=natural_key):
        if start in done:
            continue
        walk = _walk_back_to(start, left - done, outputs_of)
        if walk:
            found.append(walk)
            done |= reachable_from(walk, {name: [n for n in outputs_of[name] if n in left] for name in left})
    return found


def _walk_back_to(start: str, allowed: set[str], outputs_of: dict[str, list[str]]) -> list[str] | None:
    """A shortest walk from `start` back to itself, or nothing."""
    came_from: dict[str, str] = {}
    queue = [start]
    for name in queue:
        for target in outputs_of[name]:
            if target == start:
                walk = [name]
                while walk[-1] != start:
                    walk.append(came_from[walk[-1]])
                return walk[::-1]
            if target in allowed and target not in came_from:
                came_from[target] = name
                queue.append(target)
    return None
