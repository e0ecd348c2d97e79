"""What lies inside what: the members of each container, edges that cross a border, links between containers."""

from msgspec import Struct

from shared_py.blocks.base import Block
from shared_py.design import Edge, ModelArchitecture
from shared_py.naming import NameOf
from shared_py.problems import Problem, RemoveComponent, RemoveEdge, SetProperty
from shared_py.properties import properties_of
from shared_py.resolution import Resolved

OUTSIDE_ROLES = frozenset({"input", "policy", "value"})
"""blocks of these roles stand in the drawing itself"""


class Members(Struct):
    """The components that lie in one place, and the edges between them."""

    names: list[str]
    edges: list[Edge]


def places_of(design: ModelArchitecture, name_of: NameOf) -> tuple[dict[str | None, Members], list[Problem]]:
    """Sort components and edges by where they lie; None is the drawing itself. Edges across a border are problems."""
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
            problems.append(_crosses(edge, name_of))
    return places, problems


def check_nesting(resolved: dict[str, Resolved], places: dict[str | None, Members], name_of: NameOf) -> list[Problem]:
    """Check that only containers hold components, that they hold no outputs, and that each has a place for its content."""
    found = []
    for name, item in resolved.items():
        block, place = item.block, item.component.inside
        if block is not None and block.container:
            places.setdefault(name, Members([], []))
            if block.definition_of(name) != name and places[name].names:
                found.append(_two_bodies(name, block, name_of))
        if place is None:
            continue
        around = resolved[place].block
        if around is not None and not around.container:
            message = f"lies inside {name_of(place)}, which cannot hold blocks"
            found.append(Problem("not_a_container", message, name, fix=_remove(name, block, name_of)))
        if block is not None and block.role in OUTSIDE_ROLES:
            found.append(Problem("not_inside", "belongs outside of containers", name, fix=_remove(name, block, name_of)))
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
            fix = SetProperty(name, link, None, f"Unlink {name_of(name)}")
            found.append(Problem("no_definition", reason, name, link, "the id of a component of the same block", fix=fix))
        elif block.shares_with(name) and other and other.component.inside != item.component.inside:
            fix = SetProperty(name, "share_weights", False, "Set share_weights to false")
            message = f"can share weights only with a block beside it: {name_of(other.component.id)} lies elsewhere"
            found.append(Problem("out_of_reach", message, name, "share_weights", fix=fix))
    return found


def _why_not(name: str, item: Resolved, other: Resolved | None, name_of: NameOf) -> str | None:
    block = item.block
    assert block is not None
    target = block.definition_of(name)
    if target == name:
        return "is linked to itself"
    if other is None:
        return f"is linked to {target}, which does not exist"
    if other.component.type != item.component.type:
        return f"is linked to {name_of(target)}, which is another kind of block"
    if other.block is not None and other.block.definition_of(target) != target:
        return f"is linked to {name_of(target)}, which is itself linked"
    return None


def _link(block: Block) -> str | None:
    """The property by which a block refers to another component, if it does."""
    for name, rule in properties_of(type(block)).items():
        if rule.type == "component" and getattr(block, name) is not None:
            return name
    return None


def _two_bodies(name: str, block: Block, name_of: NameOf) -> Problem:
    link = _link(block) or ""
    fix = SetProperty(name, link, None, f"Unlink {name_of(name)}")
    message = f"is linked to {name_of(block.definition_of(name))}, so what lies inside it is not used"
    return Problem("two_bodies", message, name, link, fix=fix)


def _crosses(edge: Edge, name_of: NameOf) -> Problem:
    source, target = edge
    fix = RemoveEdge(source, target, f"Remove the edge from {name_of(source)}")
    message = f"is fed by {name_of(source)}, which does not lie in the same place"
    return Problem("crosses_border", message, target, fix=fix)


def _remove(name: str, block: Block | None, name_of: NameOf) -> RemoveComponent | None:
    """Take a component away, unless others go with it."""
    return None if block is None or block.container else RemoveComponent(name, f"Remove {name_of(name)}")
