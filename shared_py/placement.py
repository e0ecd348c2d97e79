"""Where a block fits: the place that leaves the fewest problems in the whole drawing, found by judging place after place."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from shared_py.analysis import Analysis, analyse, suits
from shared_py.blocks import BLOCKS
from shared_py.design import Component, ModelArchitecture
from shared_py.edge_edits import Level, Way, detached, difference, on_edge, ways, ways_at
from shared_py.problems import MoveComponent
from shared_py.protocol import Placement

MAX_JUDGED = 20_000
"""components looked at, in all drawings together, before the best place so far is taken"""
MIN_JUDGED = 12
"""places looked at however large the drawing is"""


class _Best(Struct):
    way: Way
    problems: int


def find_place(design: ModelArchitecture, name: str, anchor: str | None = None, target: str | None = None) -> Placement:
    """Choose the wiring of a component that lies in the design without edges.

    The edge from `anchor` to `target` is tried first, then what is around `anchor`, then the rest of the same place.

    Of places with equally few problems in the whole drawing the first stays; without any place the component stays unwired.
    """
    best = _best(design, ways(design, name, anchor, target), _budget(design))
    bare = len(analyse(design).problems)
    if best is None or bare < best.problems:
        return Placement([], [], None, None, bare == 0, bare)
    cut, join = difference(design.edges, best.way.edges(design.edges))
    return Placement(cut, join, best.way.source, best.way.target, best.problems == 0, best.problems)


def blocks_that_fit(design: ModelArchitecture, anchor: str, target: str | None = None) -> list[str]:
    """The types of blocks that can be added around a component, or on its edge to `target`, without any new problem.

    A design without problems stays valid with each of them.
    """
    component = next((item for item in design.components if item.id == anchor), None)
    if component is None:
        return []
    allowed = len(analyse(design).problems)
    name = _free_id(design)
    fitting = []
    for block in BLOCKS:
        added = msgspec.structs.replace(
            design, components=[*design.components, Component(name, block.type, inside=component.inside)]
        )
        level = Level(added, component.inside)
        new = added.components[-1]
        found = ways_at(level, new, anchor) if target is None else on_edge(level, new, anchor, target)
        best = _best(added, found, MIN_JUDGED)
        if best is not None and best.problems <= allowed:
            fitting.append(block.type)
    return fitting


def better_place(analysis: Analysis, name: str, most: int) -> MoveComponent | None:
    """A fix that moves a component to where the drawing has fewer problems, after judging at most so many places."""
    design = detached(analysis.design, name)
    found = _best(design, ways(design, name, None), most)
    if found is None or found.problems >= len(analysis.problems):
        return None
    cut, join = difference(analysis.design.edges, found.way.edges(design.edges))
    if not cut and not join:
        return None
    source, target = found.way.source, found.way.target
    where = f"after {analysis.name_of(source)}" if source else f"before {analysis.name_of(target or '')}"
    verb = "Move" if any(name in edge for edge in analysis.design.edges) else "Insert"
    return MoveComponent(name, f"{verb} {where}", source, target, cut, join)


def _best(design: ModelArchitecture, found: Iterator[Way], most: int) -> _Best | None:
    """Judge ways by the problems of the whole drawing, those first in which the component itself can work."""
    base = analyse(design)
    fitting: list[Way] = []
    others: list[Way] = []
    for way in found:
        (fitting if _may_fit(base, way) else others).append(way)
        if len(fitting) >= most:
            break
    best: _Best | None = None
    for way in fitting or others[:most]:
        problems = len(analyse(msgspec.structs.replace(design, edges=way.edges(design.edges))).problems)
        if best is None or problems < best.problems:
            best = _Best(way, problems)
        if problems == 0:
            break
    return best


def _may_fit(base: Analysis, way: Way) -> bool:
    """Whether what arrives there suits the component, as far as that can be told without looking at the whole drawing."""
    block = base.resolved[way.name].block
    if block is None or any(source not in base.signals for source in way.inputs):
        return False
    return suits(block, tuple([base.signals[source] for source in way.inputs]), base)


def _budget(design: ModelArchitecture) -> int:
    return max(MIN_JUDGED, MAX_JUDGED // (len(design.components) + 1))


def _free_id(design: ModelArchitecture) -> str:
    taken = {component.id for component in design.components}
    return next(name for number in range(len(taken) + 1) if (name := f"added{number}") not in taken)
