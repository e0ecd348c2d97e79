"""Where a block fits: the wiring that leaves the whole design with the fewest problems, found by trying candidates."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from shared_py.analysis import Analysis, accepts, analyse
from shared_py.blocks import BLOCKS
from shared_py.design import Component, ModelArchitecture
from shared_py.edge_edits import ContainerView, Wiring, candidate_wirings, detached, difference, wirings_around, wirings_on_edge
from shared_py.problems import MoveComponent, label
from shared_py.protocol import Placement

MAX_JUDGED = 20_000
"""components analysed, in all designs together, before the best wiring so far is used"""
MIN_JUDGED = 12
"""candidates tried however large the design is"""


class _Best(Struct):
    wiring: Wiring
    problems: int


def find_place(design: ModelArchitecture, name: str, anchor: str | None = None, target: str | None = None) -> Placement:
    """Choose the wiring of a component that lies in the design without edges.

    The edge from `anchor` to `target` is tried first, then around `anchor`, then the rest of the same container.

    Of wirings with equally few problems in the whole design the first is used; without any the component stays unconnected.
    """
    best = _best_wiring(design, candidate_wirings(design, name, anchor, target), _budget(design))
    bare = len(analyse(design).problems)
    if best is None or bare < best.problems:
        return Placement([], [], None, None, bare == 0, bare)
    cut, join = difference(design.edges, best.wiring.edges(design.edges))
    return Placement(cut, join, best.wiring.source, best.wiring.target, best.problems == 0, best.problems)


def blocks_that_fit(design: ModelArchitecture, anchor: str | None, target: str | None = None) -> list[str]:
    """The types of blocks that can be added around a component, or on its edge to `target`, without any new problem.

    Without an anchor, those that fit anywhere at the top level; a design without components begins with an input. A design
    without problems stays valid with each of them.
    """
    if not design.components:
        return [block.type for block in BLOCKS if block.max_inputs == 0]
    component = next((item for item in design.components if item.id == anchor), None)
    if component is None and anchor is not None:
        return []
    inside = component.inside if component is not None else None
    allowed = len(analyse(design).problems)
    name = _free_id(design)
    fitting = []
    for block in BLOCKS:
        new = Component(name, block.type, inside=inside)
        added = msgspec.structs.replace(design, components=[*design.components, new])
        if anchor is None:
            found = candidate_wirings(added, name, None)
        elif target is None:
            found = wirings_around(ContainerView(added, inside), new, anchor)
        else:
            found = wirings_on_edge(ContainerView(added, inside), new, anchor, target)
        best = _best_wiring(added, found, MIN_JUDGED)
        if best is not None and best.problems <= allowed:
            fitting.append(block.type)
    return fitting


def better_place(analysis: Analysis, name: str, most: int) -> MoveComponent | None:
    """A fix that connects a component where the design has fewer problems, of at most `most` candidates."""
    design = detached(analysis.design, name)
    found = _best_wiring(design, candidate_wirings(design, name, None), most)
    if found is None or found.problems >= len(analysis.problems):
        return None
    cut, join = difference(analysis.design.edges, found.wiring.edges(design.edges))
    if not cut and not join:
        return None
    source, target = found.wiring.source, found.wiring.target
    verb = "move" if any(name in edge for edge in analysis.design.edges) else "insert"
    words = label(f"{verb}_after", source=analysis.name_of(source)) if source else {}
    words = words or label(f"{verb}_before", target=analysis.name_of(target or ""))
    return MoveComponent(name, source=source, target=target, cut=cut, join=join, **words)


def _best_wiring(design: ModelArchitecture, found: Iterator[Wiring], most: int) -> _Best | None:
    """Try wirings by the problems of the whole design; those whose inputs the component accepts come first."""
    base = analyse(design)
    fitting: list[Wiring] = []
    others: list[Wiring] = []
    for wiring in found:
        (fitting if _may_fit(base, wiring) else others).append(wiring)
        if len(fitting) >= most:
            break
    best: _Best | None = None
    for wiring in fitting or others[:most]:
        problems = len(analyse(msgspec.structs.replace(design, edges=wiring.edges(design.edges))).problems)
        if best is None or problems < best.problems:
            best = _Best(wiring, problems)
        if problems == 0:
            break
    return best


def _may_fit(base: Analysis, wiring: Wiring) -> bool:
    """Whether the component accepts the inputs of a wiring, as far as that is known without analysing the whole design."""
    block = base.resolved[wiring.name].block
    if block is None or any(source not in base.signals for source in wiring.inputs):
        return False
    return accepts(block, tuple([base.signals[source] for source in wiring.inputs]), base)


def _budget(design: ModelArchitecture) -> int:
    return max(MIN_JUDGED, MAX_JUDGED // (len(design.components) + 1))


def _free_id(design: ModelArchitecture) -> str:
    taken = {component.id for component in design.components}
    return next(name for number in range(len(taken) + 1) if (name := f"added{number}") not in taken)
