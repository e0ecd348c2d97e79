"""Merges two versions of a design and checks what holds for every merge."""

from msgspec.structs import replace

from shared_py.analysis import analyse
from shared_py.design import Component, Defaults, Edge, ModelArchitecture
from shared_py.graph import build_graph, cycles_around
from shared_py.merge import merge_designs
from shared_py.protocol import Conflict, Side
from support.dead_ends import known_dead_ends

CHAIN = ModelArchitecture(
    "d1",
    meta=Defaults(d_model=16),
    components=[
        Component("c1", "board_input"),
        Component("c2", "embedding"),
        Component("c3", "transformer_layer"),
        Component("c4", "transformer_layer"),
        Component("c5", "layer_norm"),
        Component("c6", "action_output"),
    ],
    edges=[("c1", "c2"), ("c2", "c3"), ("c3", "c4"), ("c4", "c5"), ("c5", "c6")],
)
"""a chain of blocks with one input each"""

Drawn = dict[str, tuple[str, str | None, str]]
"""block, container and sources of every component"""


def new_problems(merged: ModelArchitecture, *sides: ModelArchitecture) -> set[tuple[str, str | None]]:
    """The problems of a merged design that no side has; a cycle is the same one where it shares a component.

    A dead end is the same one where the other side grouped its component.
    """

    def keys(design: ModelArchitecture) -> set[tuple[str, str | None]]:
        return {(problem.code, problem.component_id) for problem in analyse(design).problems}

    def cycles(design: ModelArchitecture) -> dict[str, set[str]]:
        graph = build_graph(tuple(part.id for part in design.components), tuple(design.edges))
        return {walk[0]: cycles_around(walk[:1], graph) for walk in graph.cycles}

    known = {name for side in sides for cycle in cycles(side).values() for name in cycle}
    same = {("cycle", name) for name, members in cycles(merged).items() if members & known}
    return keys(merged).difference(*map(keys, sides)) - same - known_dead_ends(merged, sides)


def merge(
    base: ModelArchitecture | None, mine: ModelArchitecture, theirs: ModelArchitecture, prefer: Side = "mine"
) -> tuple[ModelArchitecture, dict[str, Conflict]]:
    """Merge, check that the result has no new problem and that merging it again changes nothing."""
    merged, conflicts = merge_designs(base, mine, theirs, prefer=prefer)
    assert new_problems(merged, mine, theirs) == set()
    assert merge_designs(base, mine, merged, prefer=prefer)[0] == merged
    return merged, {conflict.path: conflict for conflict in conflicts}


def wires(design: ModelArchitecture) -> set[Edge]:
    """The edges of a design."""
    return set(design.edges)


def both_ways(one: ModelArchitecture, other: ModelArchitecture) -> list[tuple[ModelArchitecture, ModelArchitecture]]:
    """Each of two designs as `mine`."""
    return [(one, other), (other, one)]


def drawn(parts: Drawn) -> ModelArchitecture:
    """A design of these components."""
    return ModelArchitecture(
        "d1",
        components=[Component(name, block, inside=inside) for name, (block, inside, _) in parts.items()],
        edges=[(source, name) for name, (_, _, sources) in parts.items() for source in sources.split()],
    )


def inside(design: ModelArchitecture, container: str) -> set[str]:
    """The content of a container."""
    return {part.id for part in design.components if part.inside == container}


def grouped(design: ModelArchitecture, names: set[str], container: str) -> ModelArchitecture:
    """Put components into a new container, which replaces them in the wires to others."""
    parts = [replace(part, inside=container) if part.id in names else part for part in design.components]
    ends = [edge if {*edge} <= names else tuple(container if end in names else end for end in edge) for edge in design.edges]
    return replace(design, components=[*parts, Component(container, "subnetwork")], edges=list(dict.fromkeys(ends)))
