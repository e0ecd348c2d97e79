"""Changes that may repair a merged design: of its wires, and of values that only one side set; nothing is tried here."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from msgspec.structs import replace

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import Component, Edge, ModelArchitecture
from shared_py.edge_edits import candidate_wirings, detached
from shared_py.graph import Graph, build_graph, reachable_from
from shared_py.merge_moves import is_sound
from shared_py.merge_wires import Inputs
from shared_py.nesting import OUTSIDE_ROLES
from shared_py.problems import Problem, SetProperty

MAX_PLACES = 8
"""wirings of one component"""
MAX_UPSTREAM = 24
"""components above the one with the problem"""
WITH_A_NEW_VALUE = frozenset({"many_values", "hidden_without_linear"})
"""problems of a switch that may have to be turned where both sides left it: what each inserted before it needs that together"""


class Variant(NamedTuple):
    """One side of the merge, as far as a repair may return to it."""

    components: dict[str, Component]
    inputs: Inputs
    """its wires between the merged components"""
    design: ModelArchitecture


def wire_candidates(design: ModelArchitecture, problem: Problem, sides: list[Variant]) -> Iterator[ModelArchitecture]:
    """Designs with other wires, those that keep most of both sides first; `sides` begins with the preferred one."""
    name = problem.component_id
    parts = {component.id: component for component in design.components}
    if name is None or name not in parts:
        return
    graph = build_graph(tuple(parts), tuple(design.edges))
    rows = graph.inputs_of
    if problem.code == "too_many_inputs":
        yield from _shortened(design, graph, name)
        yield from _in_sequence(design, graph, name)
    if problem.code == "empty":
        yield from _filled(design, graph, name, sides)
    if problem.code == "cycle":
        yield from _broken_cycle(design, graph, name, sides)
    yield from _as_a_side(design, graph, [name], sides)
    yield from _as_a_side(design, graph, [end for end, part in parts.items() if part.inside == name], sides)
    for source in rows[name]:
        if _is_one_sided((source, name), sides) or parts[source].inside != parts[name].inside:
            cut = _with_rows(design, {name: [other for other in rows[name] if other != source]})
            yield cut
            is_new = sum(source in side.components for side in sides) == 1
            if problem.code == "too_many_inputs" and is_new and graph.outputs_of[source] == [name]:
                yield from _placed(cut, source, sides)
    loose = [name, *(end for end, part in parts.items() if part.inside == name and not graph.outputs_of[end])]
    for end in loose:
        fed = [target for side in sides for target, sources in side.inputs.items() if end in sources]
        yield from _as_a_side(design, graph, fed, sides)
        yield from _placed(design, end, sides)
    for key in [name, *(end for end, part in parts.items() if part.inside == name)]:
        yield from _beside_container(design, key, sides)
    for source in rows[name]:
        yield from _into_container(design, graph, (source, name), sides)
    yield from _beside_sources(design, graph, name, sides)
    for above in _upstream(graph, name):
        yield from _as_a_side(design, graph, [above], sides)
        if sum(above in side.components for side in sides) == 1:
            yield from _placed(design, above, sides)


def value_candidates(design: ModelArchitecture, problem: Problem, sides: list[Variant]) -> Iterator[ModelArchitecture]:
    """Designs with values of one side in place of the other's, the fewest and nearest to the problem first."""
    name = problem.component_id
    parts = {component.id: component for component in design.components}
    near = list(parts)
    if name in parts:
        graph = build_graph(tuple(parts), tuple(design.edges))
        near = [name, *_upstream(graph, name)]
        near += [part.id for part in design.components if part.inside == name]
    for side in sides:
        for key in near:
            yield from _single_values(design, parts[key], side)
        for field in design.meta.__struct_fields__:
            value = getattr(side.design.meta, field)
            if value != getattr(design.meta, field):
                yield replace(design, meta=replace(design.meta, **{field: value}))
    for keys in (near, list(parts)):
        for side in sides:
            changed = {key: part for key in keys if (part := _with_values(parts[key], side)) != parts[key]}
            if changed:
                yield _with_parts(design, changed)
            if changed or side.design.meta != design.meta:
                yield replace(_with_parts(design, changed), meta=side.design.meta)
    if name in parts and problem.code in WITH_A_NEW_VALUE and isinstance(problem.fix, SetProperty):
        props = {**parts[name].props, problem.fix.field: problem.fix.value}
        yield _with_parts(design, {name: replace(parts[name], props=props)})


def straightened(design: ModelArchitecture, problems: Iterable[Problem]) -> ModelArchitecture:
    """The design with the surplus inputs of all components removed at once, where the chains that end there have one source."""
    inputs = {component.id: list[str]() for component in design.components}
    for source, target in design.edges:
        inputs[target].append(source)
    changed: Inputs = {}
    for problem in problems:
        name = problem.component_id
        if problem.code == "too_many_inputs" and name is not None:
            while len(inputs[name]) > 1 and (head := _join(inputs, name)) is not None:
                changed |= {name: inputs[name], head: inputs[head]}
    return _with_rows(design, changed) if changed else design


def _join(inputs: Inputs, name: str) -> str | None:
    """Put the chains of the first two inputs in sequence; returns the component whose inputs changed too, None without chains.

    Where one chain begins in the other, its wire to `name` was a shortcut.
    """
    first, second, *_ = inputs[name]
    chains = {first: {name: None, first: None}, second: {name: None, second: None}}
    walks = [(first, second), (second, first)]
    while walks:
        start, other = walks.pop(0)
        end = next(reversed(chains[start]))
        row = inputs[end]
        if len(row) != 1 or row[0] in chains[start]:
            continue
        if row[0] in chains[other]:
            inputs[end] = [other]
            inputs[name] = [source for source in inputs[name] if source != other]
            return end
        chains[start][row[0]] = None
        walks.append((start, other))
    return None


# --- wires ----------------------------------------------------------------------------------------------------


def _with_rows(design: ModelArchitecture, rows: Inputs) -> ModelArchitecture:
    """The design with other inputs of some components, in the place of those they have."""
    edges: list[Edge] = []
    done: set[str] = set()
    for edge in design.edges:
        target = edge[1]
        if target not in rows:
            edges.append(edge)
        elif target not in done:
            done.add(target)
            edges += [(source, target) for source in rows[target]]
    return replace(design, edges=[*edges, *((source, end) for end, row in rows.items() if end not in done for source in row)])


def _is_one_sided(edge: Edge, sides: list[Variant]) -> bool:
    return not all(edge[0] in side.inputs.get(edge[1], ()) for side in sides)


def _shortened(design: ModelArchitecture, graph: Graph, name: str) -> Iterator[ModelArchitecture]:
    """Without the wires from components that reach this one through another of its inputs."""
    row = graph.inputs_of[name]
    above = {source: reachable_from(graph.inputs_of[source], graph.inputs_of) for source in row}
    kept = [source for source in row if not any(source in above[other] for other in row if other != source)]
    if kept and len(kept) < len(row):
        yield _with_rows(design, {name: kept})


def _in_sequence(design: ModelArchitecture, graph: Graph, name: str) -> Iterator[ModelArchitecture]:
    """With what each side inserted before a component one after the other."""
    row = graph.inputs_of[name]
    for first in row:
        above = reachable_from([first], graph.inputs_of)
        for second in row:
            head = _head_of_chain(graph, second, above | {name})
            if head is not None:
                yield _with_rows(design, {head: [first], name: [source for source in row if source != first]})


def _head_of_chain(graph: Graph, name: str, around: set[str]) -> str | None:
    """The first component of the chain that ends at `name` and begins behind `around`; None where there is no such chain."""
    seen = set(around)
    while name not in seen and len(graph.inputs_of[name]) == 1:
        seen.add(name)
        if graph.inputs_of[name][0] in around:
            return name
        name = graph.inputs_of[name][0]
    return None


def _broken_cycle(design: ModelArchitecture, graph: Graph, name: str, sides: list[Variant]) -> Iterator[ModelArchitecture]:
    """Without one of the wires of a cycle that one side drew, or with the inputs that its components have on one side."""
    after = reachable_from([name], graph.outputs_of)
    members = after & reachable_from([name], graph.inputs_of)
    ring = [key for key in graph.inputs_of if key in members]
    wires = [(source, target) for target in ring for source in graph.inputs_of[target] if source in members]
    for side in reversed(sides):
        for source, target in wires:
            if _is_one_sided((source, target), sides) and source in side.inputs.get(target, ()):
                yield _with_rows(design, {target: [other for other in graph.inputs_of[target] if other != source]})
    yield from _as_a_side(design, graph, ring, sides)
    for key in ring:
        # also where a side deleted it: the merge has restored it with these
        rows = [row for side in sides if (row := side.inputs.get(key)) and row != graph.inputs_of[key]]
        yield from (_with_rows(design, {key: row}) for row in rows)


def _filled(design: ModelArchitecture, graph: Graph, name: str, sides: list[Variant]) -> Iterator[ModelArchitecture]:
    """With something in an empty container: what it has on one side, or the container that this is in on the other side."""
    parts = {component.id: component for component in design.components}
    places = {key: part.inside for key, part in parts.items()}
    for side in sides:
        content = [key for key, part in side.components.items() if part.inside == name and places.get(key, name) != name]
        for key in content:
            if is_sound({**places, key: name}):
                back = _with_parts(design, {key: replace(parts[key], inside=name)})
                fed = [*graph.outputs_of[key], *(end for end, row in side.inputs.items() if key in row)]
                yield from _as_a_side(back, graph, [key, name, *fed], [side])
            yield from _nested(design, graph, (name, key), side)


def _nested(design: ModelArchitecture, graph: Graph, names: tuple[str, str], side: Variant) -> Iterator[ModelArchitecture]:
    """With the container that a component is in inside the empty one, or the other way around."""
    name, key = names
    parts = {component.id: component for component in design.components}
    places = {end: part.inside for end, part in parts.items()}
    other = places[key]
    if other is None:
        return
    if other not in side.components and places[other] == places[name] and is_sound({**places, other: name}):
        rows = {end: _renamed(graph.inputs_of[end], other, [name]) for end in graph.outputs_of[other]}
        rows[name] = _renamed(graph.inputs_of[name], other, graph.inputs_of[other])
        moved = _with_parts(design, {other: replace(parts[other], inside=name)})
        yield _with_rows(moved, {**rows, other: []})
    if is_sound({**places, name: other, key: name}):
        changed = {name: replace(parts[name], inside=other), key: replace(parts[key], inside=name)}
        bare = detached(design, name)
        edges = [(name if source == key else source, name if end == key else end) for source, end in bare.edges]
        yield replace(_with_parts(design, changed), edges=list(dict.fromkeys(edges)))


def _renamed(row: list[str], old: str, new: list[str]) -> list[str]:
    return list(dict.fromkeys(end for source in row for end in (new if source == old else [source])))


def _as_a_side(
    design: ModelArchitecture, graph: Graph, names: Iterable[str], sides: list[Variant]
) -> Iterator[ModelArchitecture]:
    """With the inputs that some components have on one side."""
    keys = dict.fromkeys(names)
    for side in sides:
        rows = {key: side.inputs.get(key, []) for key in keys if key in side.components}
        rows = {key: row for key, row in rows.items() if row != graph.inputs_of[key]}
        if rows:
            yield _with_rows(design, rows)


def _placed(design: ModelArchitecture, name: str, sides: list[Variant]) -> Iterator[ModelArchitecture]:
    """With a component connected elsewhere, near the one that feeds it on a side."""
    component = next(part for part in design.components if part.id == name)
    if component.type not in BLOCK_BY_TYPE:
        return
    bare = detached(design, name)
    feeding = [source for side in sides for source in side.inputs.get(name, [])]
    for wiring in islice(candidate_wirings(bare, name, next(iter(feeding), None)), MAX_PLACES):
        yield replace(bare, edges=wiring.edges(bare.edges))


def _beside_container(design: ModelArchitecture, name: str, sides: list[Variant]) -> Iterator[ModelArchitecture]:
    """With a component that the merge put into a container, for its neighbours or its content, beside that container."""
    component = next(part for part in design.components if part.id == name)
    container = next((part for part in design.components if part.id == component.inside), None)
    if container is None or any(name in side.components and side.components[name].inside == container.id for side in sides):
        return
    bare = detached(design, name)
    moved = _with_parts(bare, {name: replace(component, inside=container.inside)})
    for wiring in islice(candidate_wirings(moved, name, container.id), MAX_PLACES):
        yield replace(moved, edges=wiring.edges(moved.edges))


def _into_container(design: ModelArchitecture, graph: Graph, edge: Edge, sides: list[Variant]) -> Iterator[ModelArchitecture]:
    """With a component inside the container that it feeds, where it fed its content on a side that lacks the container."""
    source, name = edge
    parts = {component.id: component for component in design.components}
    block = BLOCK_BY_TYPE.get(parts[source].type)
    places = {key: part.inside for key, part in parts.items()}
    if block is None or block.role in OUTSIDE_ROLES or graph.outputs_of[source] != [name]:
        return
    for side in sides:
        fed = [end for start, end in side.design.edges if start == source and places.get(end) == name]
        if name not in side.components and fed and is_sound({**places, source: name}):
            rows = {end: [source, *graph.inputs_of[end]] for end in fed}
            rows[name] = _renamed(graph.inputs_of[name], source, graph.inputs_of[source])
            yield _with_rows(_with_parts(design, {source: replace(parts[source], inside=name)}), {**rows, source: []})


def _beside_sources(design: ModelArchitecture, graph: Graph, name: str, sides: list[Variant]) -> Iterator[ModelArchitecture]:
    """With a component in the container into which the other side put what feeds it on a side that lacks the container."""
    parts = {component.id: component for component in design.components}
    block = BLOCK_BY_TYPE.get(parts[name].type)
    places = {key: part.inside for key, part in parts.items()}
    if block is None or block.role in OUTSIDE_ROLES:
        return
    for side in sides:
        sources = [source for source, end in side.design.edges if end == name]
        around = {places.get(source) for source in sources}
        place = next(iter(around)) if len(around) == 1 else None
        if place is None or place in (name, places[name]) or place in side.components or not is_sound({**places, name: place}):
            continue
        rows = {end: _renamed(graph.inputs_of[end], name, [place]) for end in graph.outputs_of[name]}
        moved = _with_parts(design, {name: replace(parts[name], inside=place)})
        drawn = {source: [end for end in side.inputs.get(source, ()) if places[end] == place] for source in sources}
        yield _with_rows(moved, {**rows, **drawn, name: sources})
        yield _with_rows(moved, {**rows, name: sources})


def _upstream(graph: Graph, name: str) -> list[str]:
    """The components above one, the nearest first."""
    found = {name: None}
    queue = [name]
    for key in queue:
        more = [source for source in graph.inputs_of[key] if source not in found]
        found |= dict.fromkeys(more)
        queue += more
        if len(found) > MAX_UPSTREAM:
            break
    return list(found)[1 : MAX_UPSTREAM + 1]


# --- values ---------------------------------------------------------------------------------------------------


def _single_values(design: ModelArchitecture, component: Component, side: Variant) -> Iterator[ModelArchitecture]:
    other = side.components.get(component.id)
    if other is None:
        return
    if other.type == component.type:
        for field in dict.fromkeys([*component.props, *other.props]):
            props = {key: value for key, value in component.props.items() if key != field}
            if field in other.props:
                props[field] = other.props[field]
            if props != component.props:
                yield _with_parts(design, {component.id: replace(component, props=props)})
    changed = _with_values(component, side)
    if changed != component:
        yield _with_parts(design, {component.id: changed})


def _with_values(component: Component, side: Variant) -> Component:
    other = side.components.get(component.id)
    return component if other is None else replace(component, type=other.type, props=other.props)


def _with_parts(design: ModelArchitecture, changed: dict[str, Component]) -> ModelArchitecture:
    return replace(design, components=[changed.get(component.id, component) for component in design.components])
