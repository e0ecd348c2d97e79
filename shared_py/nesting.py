"""Containers: the components in each, edges between containers, links from one container to another."""

from msgspec import Struct

from shared_py.blocks.base import Block
from shared_py.design import Edge, ModelArchitecture
from shared_py.messages import Params
from shared_py.naming import NameOf
from shared_py.problems import Problem, RemoveComponent, RemoveEdge, SetProperty, label, make_problem
from shared_py.properties import properties_of
from shared_py.resolution import Resolved

OUTSIDE_ROLES = frozenset({"input", "policy", "value"})
"""blocks of these roles belong to the top level of a design"""


class Members(Struct):
    """The components in one container, or at the top level, and the edges between them."""

    names: list[str]
    edges: list[Edge]


def members_by_container(design: ModelArchitecture, name_of: NameOf) -> tuple[dict[str | None, Members], list[Problem]]:
    """Sort components and edges by container; None is the top level. Edges between two containers are problems."""
    places: dict[str | None, Members] = {None: Members([], [])}
    if all(component.inside is None for component in design.components):
        places[None] = Members([component.id for component in design.components], design.edges)
        return places, []
    inside = {component.id: component.inside for component in design.components}
    for name, place in inside.items():
        places.setdefault(place, Members([], [])).names.append(name)
    problems = []
    for edge in design.edges:
        place = inside[edge[0]]
        if place == inside[edge[1]]:
            places[place].edges.append(edge)
        else:
            problems.append(_between_containers(edge, name_of))
    return places, problems


def check_nesting(resolved: dict[str, Resolved], places: dict[str | None, Members], name_of: NameOf) -> list[Problem]:
    """Check that only containers contain components, and no outputs; adds the containers that are empty to `places`."""
    found = []
    for name, item in resolved.items():
        block, place = item.block, item.component.inside
        if block is not None and block.container:
            places.setdefault(name, Members([], []))
            if block.definition_of(name) != name and places[name].names:
                found.append(_unused_content(name, block, name_of))
        if place is None:
            continue
        around = resolved[place].block
        if around is not None and not around.container:
            params = {"container": name_of(place)}
            found.append(make_problem("not_a_container", params, name, fix=_remove(name, block, name_of)))
        if block is not None and block.role in OUTSIDE_ROLES:
            found.append(make_problem("not_inside", {}, name, fix=_remove(name, block, name_of)))
    return found


def check_links(resolved: dict[str, Resolved], name_of: NameOf) -> list[Problem]:
    """Check that what refers to another component names one of the same block that is not itself a link."""
    found = []
    for name, item in resolved.items():
        block = item.block
        link = _link(block) if block is not None and block.container else None
        if block is None or link is None:
            continue
        other = resolved.get(block.definition_of(name))
        reason = _why_not(name, item, other, name_of)
        if reason is not None:
            fix = SetProperty(name, link, None, **label("unlink", component=name_of(name)))
            expected = "the id of a component of the same block"
            found.append(make_problem("no_definition", reason, name, link, expected, fix=fix))
        elif block.shares_with(name) and other and other.component.inside != item.component.inside:
            fix = SetProperty(name, "share_weights", False, **label("set", field="share_weights", value=False))
            params = {"target": name_of(other.component.id)}
            found.append(make_problem("out_of_reach", params, name, "share_weights", fix=fix))
    return found


def _why_not(name: str, item: Resolved, other: Resolved | None, name_of: NameOf) -> Params | None:
    """The case of `no_definition` that applies, with its parameters."""
    block = item.block
    assert block is not None
    target = block.definition_of(name)
    if target == name:
        return {"case": "itself"}
    if other is None:
        return {"case": "missing", "target": target}
    if other.component.type != item.component.type:
        return {"case": "other_block", "target": name_of(target)}
    if other.block is not None and other.block.definition_of(target) != target:
        return {"case": "linked", "target": name_of(target)}
    return None


def _link(block: Block) -> str | None:
    """The property by which a block refers to another component, if it does."""
    for name, rule in properties_of(type(block)).items():
        if rule.type == "component" and getattr(block, name) is not None:
            return name
    return None


def _unused_content(name: str, block: Block, name_of: NameOf) -> Problem:
    link = _link(block) or ""
    fix = SetProperty(name, link, None, **label("unlink", component=name_of(name)))
    return make_problem("two_bodies", {"target": name_of(block.definition_of(name))}, name, link, fix=fix)


def _between_containers(edge: Edge, name_of: NameOf) -> Problem:
    source, target = edge
    fix = RemoveEdge(source, target, **label("remove_input", source=name_of(source)))
    return make_problem("crosses_border", {"source": name_of(source)}, target, fix=fix)


def _remove(name: str, block: Block | None, name_of: NameOf) -> RemoveComponent | None:
    """The fix that removes a component; None for a container, whose content would be removed with it."""
    return None if block is None or block.container else RemoveComponent(name, **label("remove", component=name_of(name)))
