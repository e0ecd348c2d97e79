"""The last resort of the repair: the wires of one side for a part of the design, with what that side lacks connected elsewhere.

A side has no new problem, so with its wires only what is added to them can make one; each is connected where it makes none.
"""

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import Edge, ModelArchitecture
from shared_py.edge_edits import candidate_wirings
from shared_py.graph import build_graph
from shared_py.merge_candidates import Variant
from shared_py.merge_content import members_of, with_content
from shared_py.problems import Problem

NEAR = 3
"""wires between a problem and the farthest component of the first part that is rebuilt"""

CountNew = Callable[[ModelArchitecture], int]
"""the number of problems of a design that no side has"""


def rebuilt(
    design: ModelArchitecture, problems: list[Problem], sides: list[Variant], count: CountNew
) -> Iterator[ModelArchitecture]:
    """Designs with the wires of one side around the problems, then in their containers, then everywhere."""
    parts = {component.id: component for component in design.components}
    names = {problem.component_id for problem in problems if problem.component_id in parts}
    places = {parts[name].inside for name in names if name is not None} | names
    regions = [
        _near(design, {name for name in names if name is not None}),
        {key for key, part in parts.items() if part.inside in places},
        set(parts),
    ]
    for region in regions:
        for side, other in (sides, sides[::-1]):
            yield _with_wires_of(design, region, side, other, count)


def _near(design: ModelArchitecture, names: set[str]) -> set[str]:
    graph = build_graph(tuple(part.id for part in design.components), tuple(design.edges))
    found = set(names)
    found |= {part.id for part in design.components if part.inside in names}
    found |= {part.inside for part in design.components if part.id in names and part.inside is not None}
    for _ in range(NEAR):
        found |= {end for key in found for end in (*graph.inputs_of[key], *graph.outputs_of[key])}
    return found


def _with_wires_of(
    design: ModelArchitecture, region: set[str], side: Variant, other: Variant, count: CountNew
) -> ModelArchitecture:
    """The design with the inputs that the components of a region have on a side; what the side lacks is connected anew."""
    parts = {component.id: component for component in design.components}
    members = members_of(parts)
    on_side = {key for key in parts if key in side.components}
    for key in list(on_side):
        place = parts[key].inside
        while place is not None and place not in on_side:
            on_side.add(place)
            place = parts[place].inside
    loose = _loose(design, region, on_side, other)
    moving = [unit for unit in loose if parts[unit].inside not in loose]
    units = {unit: with_content(unit, members) for unit in moving}
    absent = {key for content in units.values() for key in content}
    rows: dict[str, list[str]] = {}
    for source, target in design.edges:
        rows.setdefault(target, []).append(source)
    for key in on_side:
        if key in region or not absent.isdisjoint(rows.get(key, ())):
            rows[key] = list(side.inputs.get(key, []))
    inner = [edge for edge in design.edges if edge[1] in absent and edge[1] not in units and edge[0] in absent]
    edges = [(source, target) for target, row in rows.items() for source in row if not {source, target} & absent]
    built = replace(design, components=[part for part in design.components if part.id not in absent], edges=edges)
    fewest = count(built)
    for unit in _in_order(units, other):
        there = {part.id for part in built.components} | set(units[unit])
        grown = replace(
            built,
            components=[part for part in design.components if part.id in there],
            edges=[*built.edges, *(edge for edge in inner if edge[0] in units[unit] and edge[1] in units[unit])],
        )
        built, fewest = _connected(grown, unit, other, count, fewest)
    return built


def _loose(design: ModelArchitecture, region: set[str], on_side: set[str], other: Variant) -> set[str]:
    """The components that the side lacks and that a region has, or that are connected to it over others of them."""
    beside: dict[str, set[str]] = {}
    wires: Iterable[Edge] = [*design.edges, *((source, target) for target, row in other.inputs.items() for source in row)]
    for source, target in wires:
        beside.setdefault(source, set()).add(target)
        beside.setdefault(target, set()).add(source)
    found = {part.id for part in design.components if part.id in region and part.id not in on_side}
    waiting = [*region]
    present = {part.id for part in design.components}
    while waiting:
        for end in beside.get(waiting.pop(), ()):
            if end in present and end not in on_side and end not in found:
                found.add(end)
                waiting.append(end)
    return found


def _in_order(units: dict[str, list[str]], other: Variant) -> list[str]:
    """What is connected, sources first."""
    wires = tuple((source, target) for target in units for source in other.inputs.get(target, ()) if source in units)
    order = build_graph(tuple(units), wires).order
    return [*order, *(unit for unit in units if unit not in order)]


def _connected(
    design: ModelArchitecture, unit: str, other: Variant, count: CountNew, least: int
) -> tuple[ModelArchitecture, int]:
    """The design with a component connected where that makes the fewest problems, and their number; `least` ends the search."""
    component = next(part for part in design.components if part.id == unit)
    names = {part.id for part in design.components}
    sources = [source for source in other.inputs.get(unit, ()) if source in names]
    fed = [target for target, row in other.inputs.items() if unit in row and target in names]
    best = replace(design, edges=[*design.edges, *((source, unit) for source in sources), *((unit, target) for target in fed)])
    fewest = count(best)
    wirings = candidate_wirings(design, unit, next(iter(sources), None)) if component.type in BLOCK_BY_TYPE else ()
    for wiring in wirings:
        if fewest <= least:
            break
        found = replace(design, edges=wiring.edges(design.edges))
        number = count(found)
        if number < fewest:
            best, fewest = found, number
    return best, fewest
