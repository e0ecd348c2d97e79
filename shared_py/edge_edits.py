"""Edits of the edges of a design: disconnecting a component, the candidate wirings to connect one, applying a fix."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.blocks.base import Block
from shared_py.design import Component, Edge, ModelArchitecture
from shared_py.graph import Graph, build_graph, reachable_from
from shared_py.problems import (
    AddComponent,
    AddEdge,
    Fix,
    Join,
    MoveComponent,
    RemoveComponent,
    RemoveEdge,
    ReplaceBlock,
    SetDefault,
    SetProperty,
)

ENDS = frozenset({"policy", "value", "sink"})


class Wiring(Struct, frozen=True):
    """One way to connect a component: its inputs, the edges whose source it becomes, and further components it feeds."""

    name: str
    inputs: list[str]
    replaced: list[Edge] = []
    feeds: list[str] = []

    @property
    def source(self) -> str | None:
        """The first component that feeds it."""
        return next(iter(self.inputs), None)

    @property
    def target(self) -> str | None:
        """The first component that it feeds."""
        return next(iter([*(end for _, end in self.replaced), *self.feeds]), None)

    def edges(self, edges: list[Edge]) -> list[Edge]:
        """All edges of a design once the component is connected."""
        moved, name = set(self.replaced), self.name
        kept = [(name, edge[1]) if edge in moved else edge for edge in edges] if moved else edges
        return [*kept, *((source, name) for source in self.inputs), *((name, target) for target in self.feeds)]


def detached(design: ModelArchitecture, name: str) -> ModelArchitecture:
    """Remove the edges of a component; a single source takes over the components it fed, in the same position."""
    sources = [source for source, target in design.edges if target == name]
    only_source = sources[0] if len(sources) == 1 else None
    edges: list[Edge] = []
    for source, target in design.edges:
        if name not in (source, target):
            edges.append((source, target))
        elif source == name and only_source is not None and only_source != target and (only_source, target) not in design.edges:
            edges.append((only_source, target))
    return msgspec.structs.replace(design, edges=edges)


def candidate_wirings(design: ModelArchitecture, name: str, anchor: str | None, target: str | None = None) -> Iterator[Wiring]:
    """Candidate wirings of a component that has no edges.

    First on the edge from `anchor` to `target`, then around `anchor`, then after another component of the same block, then from
    the end of its container upwards.
    """
    component = next(item for item in design.components if item.id == name)
    level = ContainerView(design, component.inside)
    if anchor is not None and target is not None:
        yield from wirings_on_edge(level, component, anchor, target)
    for place in level.anchors(component, anchor):
        yield from wirings_around(level, component, place)


def wirings_around(level: "ContainerView", component: Component, anchor: str) -> Iterator[Wiring]:
    """Candidate wirings around one other component: on its outgoing edges, as a new branch of it, before it."""
    block, at = BLOCK_BY_TYPE[component.type], level.block(anchor)
    takes, gives = block.max_inputs != 0, block.role not in ENDS
    if takes and at is not None and at.role not in ENDS:
        followers = level.followers(anchor) if gives else []
        if followers:
            yield level.between(component.id, block, anchor, followers)
        if len(followers) > 1:
            yield from (level.between(component.id, block, anchor, [target]) for target in followers)
        yield level.hanging(component.id, block, anchor)
    if gives and at is not None and at.max_inputs != 0:
        yield from level.before(component.id, block, anchor)


def wirings_on_edge(level: "ContainerView", component: Component, source: str, target: str) -> Iterator[Wiring]:
    """The wiring on one edge, where the edge exists and the block has an input and an output."""
    block = BLOCK_BY_TYPE[component.type]
    if block.max_inputs != 0 and block.role not in ENDS and target in level.graph.outputs_of.get(source, []):
        yield level.between(component.id, block, source, [target])


class ContainerView:
    """The top level of a design or the content of one container, with the lookups that every candidate needs."""

    def __init__(self, design: ModelArchitecture, inside: str | None) -> None:
        self.design = design
        self.members = {component.id: component for component in design.components if component.inside == inside}
        edges = [edge for edge in design.edges if edge[0] in self.members and edge[1] in self.members]
        self.graph: Graph = build_graph(tuple(self.members), tuple(edges))

    def block(self, name: str) -> type[Block] | None:
        """The block of a component, if it is known."""
        return BLOCK_BY_TYPE.get(self.members[name].type)

    def anchors(self, component: Component, anchor: str | None) -> list[str]:
        """The components to try candidates around, the likeliest first."""
        order = [name for name in [*reversed(self.graph.order)] if name != component.id]
        alike = [name for name in order if self.members[name].type == component.type]
        first = [anchor] if anchor in self.members and anchor != component.id else []
        return list(dict.fromkeys([*first, *alike[:1], *order]))

    def followers(self, name: str) -> list[str]:
        """The components that one feeds, except training-only ends, which keep their edge."""
        blocks = {target: self.block(target) for target in self.graph.outputs_of[name]}
        return [target for target, block in blocks.items() if block is None or not (block.training_only and block.role in ENDS)]

    def between(self, name: str, block: type[Block], source: str, targets: list[str]) -> Wiring:
        """On the edges from one component to others."""
        return Wiring(name, self._inputs(name, block, source), [(source, target) for target in targets])

    def hanging(self, name: str, block: type[Block], source: str) -> Wiring:
        """A new branch: fed by a component and feeding nothing."""
        return Wiring(name, self._inputs(name, block, source))

    def before(self, name: str, block: type[Block], target: str) -> Iterator[Wiring]:
        """On the first edge into a component, or as an input of one without inputs or with any number of them."""
        sources = self.graph.inputs_of[target]
        at = self.block(target)
        if sources and block.max_inputs != 0:
            yield self.between(name, block, sources[0], [target])
        elif not sources or (at is not None and at.max_inputs is None):
            yield Wiring(name, [], feeds=[target])

    def _inputs(self, name: str, block: type[Block], first: str) -> list[str]:
        """The first source and, where the block needs more inputs, the inputs of that source, and so on upwards."""
        sources = [first]
        behind = reachable_from([name], self.graph.outputs_of)
        for source in sources:
            if len(sources) >= max(1, block.min_inputs):
                break
            sources += [above for above in self.graph.inputs_of[source] if above not in sources and above not in behind]
        return sources[: max(1, block.min_inputs)]


def difference(before: list[Edge], after: list[Edge]) -> tuple[list[Edge], list[Join]]:
    """The edges to remove, and those to add at which position, that turn one list of edges into the other."""
    old, new = set(before), set(after)
    return [edge for edge in before if edge not in new], [Join(*edge, at) for at, edge in enumerate(after) if edge not in old]


def rewired(edges: list[Edge], cut: list[Edge], join: list[Join]) -> list[Edge]:
    """Remove edges, then add others, each at its position."""
    gone = set(cut)
    kept = [edge for edge in edges if edge not in gone]
    for edge in join:
        if (edge.source, edge.target) not in kept:
            kept.insert(edge.at, (edge.source, edge.target))
    return kept


def with_fix(design: ModelArchitecture, fix: Fix) -> ModelArchitecture:
    """Apply a fix as the phone does; the components it names must exist."""
    replace = msgspec.structs.replace
    match fix:
        case SetProperty(name, field, value):
            return replace(
                design, components=[_set(item, field, value) if item.id == name else item for item in design.components]
            )
        case SetDefault(field, value):
            return replace(design, meta=replace(design.meta, **{field: value}))
        case RemoveEdge(source, target):
            return replace(design, edges=[edge for edge in design.edges if edge != (source, target)])
        case AddEdge(source, target):
            return replace(design, edges=[*design.edges, (source, target)])
        case RemoveComponent(name):
            return _without(design, name)
        case ReplaceBlock(name, block_type, props=props):
            changed = [replace(item, type=block_type, props=props) if item.id == name else item for item in design.components]
            return replace(design, components=changed)
        case MoveComponent(cut=cut, join=join):
            return replace(design, edges=rewired(design.edges, cut, join))
        case AddComponent():
            return _with_added(design, fix)


def _set(component: Component, field: str, value: object) -> Component:
    return msgspec.structs.replace(component, props=component.props | {field: value})


def _without(design: ModelArchitecture, name: str) -> ModelArchitecture:
    """Remove a component with its content; its single source, if it has one, is connected to the components it fed."""
    gone, healed = {name}, detached(design, name)
    for _ in design.components:
        more = {item.id for item in design.components if item.inside in gone} - gone
        if not more:
            break
        gone |= more
    components = [item for item in design.components if item.id not in gone]
    return msgspec.structs.replace(design, components=components, edges=[e for e in healed.edges if gone.isdisjoint(e)])


def _with_added(design: ModelArchitecture, fix: AddComponent) -> ModelArchitecture:
    taken = {item.id: item for item in design.components}
    name = next(name for number in range(len(taken) + 1) if (name := f"added{number}") not in taken)
    beside = taken.get(fix.source or fix.target or "")
    edges = [(name, end) if (start, end) == (fix.source, fix.target) else (start, end) for start, end in design.edges]
    if fix.target is not None and (name, fix.target) not in edges:
        edges.append((name, fix.target))
    if fix.source is not None:
        edges.append((fix.source, name))
    component = Component(name, fix.type, fix.props, inside=beside.inside if beside else None)
    return msgspec.structs.replace(design, components=[*design.components, component], edges=edges)
