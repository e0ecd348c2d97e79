"""The design as a graph: neighbours, topological order, cycles; it does not depend on blocks."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from heapq import heapify, heappop, heappush

from msgspec import Struct

from shared_py.design import Edge

_NUMBER = re.compile(r"\d+")


class Graph(Struct, frozen=True):
    """Neighbours of every component, and a topological order."""

    inputs_of: dict[str, list[str]]
    outputs_of: dict[str, list[str]]
    order: list[str]
    """topological, ties broken by id in natural order; components in or behind a cycle are left out"""
    cycles: list[list[str]]
    """each strongly connected group of components, as one cycle through it"""


@lru_cache(maxsize=8192)
def natural_key(name: str) -> str:
    """Natural sort key: each number is prefixed with its digit count, so that c2 < c10 and c02 is next to c2."""
    return f"{_NUMBER.sub(_with_length, name)}\0{name}"


def _with_length(number: re.Match[str]) -> str:
    digits = number[0].lstrip("0")
    return f"{len(digits):02}{digits}"


@lru_cache(maxsize=32)
def build_graph(names: tuple[str, ...], edges: tuple[Edge, ...]) -> Graph:
    """Build the graph of components and the edges between them, once for many frames; a target's edges keep their order."""
    inputs_of: dict[str, list[str]] = {name: [] for name in names}
    outputs_of: dict[str, list[str]] = {name: [] for name in inputs_of}
    for source, target in edges:
        inputs_of[target].append(source)
        outputs_of[source].append(target)
    order = _topological_order(inputs_of, outputs_of)
    left = inputs_of.keys() - set(order)
    return Graph(inputs_of, outputs_of, order, find_cycles(left, inputs_of, outputs_of) if left else [])


def cycles_around(names: Iterable[str], graph: Graph) -> set[str]:
    """The components that are on a cycle with one of these."""
    found = set[str]()
    for name in names:
        if name not in found and name in graph.inputs_of:
            after = reachable_from(graph.outputs_of[name], graph.outputs_of)
            found |= after & reachable_from(graph.inputs_of[name], graph.inputs_of)
    return found


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


def find_cycles(left: set[str], inputs_of: Mapping[str, list[str]], outputs_of: Mapping[str, list[str]]) -> list[list[str]]:
    """One cycle per strongly connected component (Kosaraju's algorithm), in the order of ids."""
    found: list[list[str]] = []
    unplaced = set(left)
    for name in reversed(_finished(left, outputs_of)):
        if name not in unplaced:
            continue
        group = {name}
        stack = [name]
        while stack:
            more = [source for source in inputs_of[stack.pop()] if source in unplaced and source not in group]
            group.update(more)
            stack += more
        unplaced -= group
        if len(group) > 1 or name in outputs_of[name]:
            found.append(_walk_round(min(group, key=natural_key), group, outputs_of))
    return sorted(found, key=lambda walk: natural_key(walk[0]))


def _finished(left: set[str], outputs_of: Mapping[str, list[str]]) -> list[str]:
    """The components in the order in which a walk in depth is done with them."""
    seen: set[str] = set()
    finished: list[str] = []
    for start in sorted(left, key=natural_key):
        stack = [] if start in seen else [(start, iter(outputs_of[start]))]
        seen.add(start)
        while stack:
            name, targets = stack[-1]
            target = next((target for target in targets if target in left and target not in seen), None)
            if target is None:
                finished.append(name)
                stack.pop()
            else:
                seen.add(target)
                stack.append((target, iter(outputs_of[target])))
    return finished


def _walk_round(start: str, group: set[str], outputs_of: Mapping[str, list[str]]) -> list[str]:
    """A shortest walk from `start` back to itself within a group that has one."""
    came_from: dict[str, str] = {}
    queue = [start]
    for name in queue:
        for target in outputs_of[name]:
            if target == start:
                walk = [name]
                while walk[-1] != start:
                    walk.append(came_from[walk[-1]])
                return walk[::-1]
            if target in group and target not in came_from:
                came_from[target] = name
                queue.append(target)
    raise AssertionError(f"{start} does not feed itself")
