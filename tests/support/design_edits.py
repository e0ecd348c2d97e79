"""Small changes to a design; `mended` applies a problem's fix as the phone does."""

from typing import Any

from msgspec.structs import replace

from shared_py.design import Component, Edge, ModelArchitecture
from shared_py.problems import (
    AddComponent,
    AddEdge,
    Fix,
    MoveComponent,
    RemoveComponent,
    RemoveEdge,
    ReplaceBlock,
    SetDefault,
    SetProperty,
)


def with_props(design: ModelArchitecture, component_id: str, **props: Any) -> ModelArchitecture:
    components = [
        replace(component, props={**component.props, **props}) if component.id == component_id else component
        for component in design.components
    ]
    return replace(design, components=components)


def with_meta(design: ModelArchitecture, **meta: int) -> ModelArchitecture:
    return replace(design, meta=replace(design.meta, **meta))


def with_edges(design: ModelArchitecture, *edges: Edge) -> ModelArchitecture:
    return replace(design, edges=list(edges))


def with_more(design: ModelArchitecture, *components: Component, edges: tuple[Edge, ...] = ()) -> ModelArchitecture:
    return replace(design, components=[*design.components, *components], edges=[*design.edges, *edges])


def without(design: ModelArchitecture, component_id: str) -> ModelArchitecture:
    """Take a component away, with its edges and all that lies in it."""
    gone = {component_id}
    for _ in design.components:
        gone |= {component.id for component in design.components if component.inside in gone}
    return replace(
        design,
        components=[component for component in design.components if component.id not in gone],
        edges=[edge for edge in design.edges if gone.isdisjoint(edge)],
    )


def mended(design: ModelArchitecture, fix: Fix | None) -> ModelArchitecture:
    """Apply a fix."""
    match fix:
        case SetProperty(component_id, field, value):
            return with_props(design, component_id, **{field: value})
        case RemoveEdge(source, target):
            assert (source, target) in design.edges
            return with_edges(design, *(edge for edge in design.edges if edge != (source, target)))
        case SetDefault(field, value):
            return with_meta(design, **{field: value})
        case MoveComponent(cut=cut, join=join):
            assert set(cut) <= set(design.edges)
            edges = [edge for edge in design.edges if edge not in cut]
            for edge in join:
                edges.insert(edge.at, (edge.source, edge.target))
            return with_edges(design, *edges)
        case RemoveComponent(component_id):
            return without(_healed(design, component_id), component_id)
        case ReplaceBlock(component_id, block_type, props=props):
            components = [
                replace(item, type=block_type, props=dict(props)) if item.id == component_id else item
                for item in design.components
            ]
            return replace(design, components=components)
        case AddEdge(source, target):
            return with_edges(design, *design.edges, (source, target))
        case AddComponent():
            return _add_between(design, fix)
    raise AssertionError(fix)


def _healed(design: ModelArchitecture, component_id: str) -> ModelArchitecture:
    """What a component's only source feeds once the component is gone: all that the component fed."""
    sources = [source for source, target in design.edges if target == component_id]
    if len(sources) != 1:
        return design
    edges: list[Edge] = []
    for source, target in design.edges:
        edge = (sources[0], target) if source == component_id else (source, target)
        if edge[0] != edge[1] and edge not in edges:
            edges.append(edge)
    return with_edges(design, *edges)


def _add_between(design: ModelArchitecture, fix: AddComponent) -> ModelArchitecture:
    beside = [component for component in design.components if component.id in (fix.source, fix.target)]
    assert len({component.inside for component in beside}) <= 1, "it lies where its neighbours lie"
    taken = {component.id for component in design.components}
    fresh = next(name for number in range(len(taken) + 1) if (name := f"fresh{number}") not in taken)
    edges = [
        (fresh, target) if (source, target) == (fix.source, fix.target) else (source, target) for source, target in design.edges
    ]
    if fix.target is not None and (fresh, fix.target) not in edges:
        edges.append((fresh, fix.target))
    if fix.source is not None:
        edges.append((fix.source, fresh))
    component = Component(id=fresh, type=fix.type, props=fix.props, inside=beside[0].inside if beside else None)
    return replace(design, components=[*design.components, component], edges=edges)
