"""Edits of a design as the app makes them (`pwa/src/document/commands.ts`), and random sequences of them."""

from typing import Any

from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from shared_py.blocks import BLOCK_BY_TYPE, BLOCKS
from shared_py.design import Component, Edge, ModelArchitecture, in_its_version
from shared_py.edge_edits import ENDS, detached, rewired, with_fix
from shared_py.edge_rules import edge_refusal
from shared_py.placement import find_place
from shared_py.problems import RemoveComponent
from shared_py.properties import Property, properties_of
from support.design_edits import with_edges, with_meta, with_more, with_props

KINDS = [
    "insert",
    "delete",
    "connect",
    "disconnect",
    "enter",
    "group",
    "ungroup",
    "link",
    "add",
    "set",
    "name",
    "retype",
    "default",
    "swap",
]
ANY_KINDS = [*KINDS, "remove", "shift"]
"""also edits that leave a design without an input or output, and those that change nothing but a position"""
BETWEEN = [block.type for block in BLOCKS if block.min_inputs == 1 and block.max_inputs == 1 and block.role not in ENDS]
"""blocks with one input and an output"""


def insert(design: ModelArchitecture, edge: tuple[str, str], name: str, block: str, **props: Any) -> ModelArchitecture:
    """Add a block on a wire."""
    source, target = edge
    inside = component_of(design, source).inside
    edges = [(name, target) if other == edge else other for other in design.edges]
    return replace(
        design, components=[*design.components, Component(name, block, props, inside=inside)], edges=[*edges, (source, name)]
    )


def delete(design: ModelArchitecture, name: str) -> ModelArchitecture:
    """Remove a component with its content; its single source is connected to what it fed."""
    return with_fix(design, RemoveComponent(name, label=""))


def connect(design: ModelArchitecture, source: str, target: str) -> ModelArchitecture:
    """Draw a wire; where the target is full, it takes the place of the last one."""
    if edge_refusal(design, source, target) is not None:
        return design
    most = BLOCK_BY_TYPE[component_of(design, target).type].max_inputs
    row = [edge for edge in design.edges if edge[1] == target]
    if most and len(row) >= most:
        return with_edges(design, *((source, target) if edge == row[-1] else edge for edge in design.edges))
    return with_edges(design, *design.edges, (source, target))


def enter(design: ModelArchitecture, name: str, container: str) -> ModelArchitecture:
    """Move a component into a container, where it fits best there."""
    bare = detached(design, name)
    moved = [replace(part, inside=container) if part.id == name else part for part in bare.components]
    bare = replace(bare, components=moved)
    place = find_place(bare, name)
    return with_edges(bare, *rewired(bare.edges, place.cut, place.join))


def group(design: ModelArchitecture, name: str, container: str, block: str) -> ModelArchitecture:
    """Put a component into a new container in its place."""
    inside = component_of(design, name).inside
    parts = [replace(part, inside=container) if part.id == name else part for part in design.components]
    edges = [
        (container if source == name else source, container if target == name else target) for source, target in design.edges
    ]
    return replace(design, components=[*parts, Component(container, block, inside=inside)], edges=edges)


def group_chain(design: ModelArchitecture, names: tuple[str, ...], container: str, block: str) -> ModelArchitecture:
    """Put components that follow each other into a new container in their place."""
    grouped = group(design, names[0], container, block)
    parts = [replace(part, inside=container) if part.id in names else part for part in grouped.components]
    edges = []
    for source, target in design.edges:
        within = source in names and target in names
        edges.append(
            (source, target) if within else (container if source in names else source, container if target in names else target)
        )
    return with_edges(replace(grouped, components=parts), *edges)


def ungroup(design: ModelArchitecture, name: str) -> ModelArchitecture:
    """Replace a container by its content, which takes over its wires."""
    content = [part.id for part in design.components if part.inside == name]
    fed = {target for source, target in design.edges if source in content}
    feeding = {source for source, _ in design.edges if source in content}
    entries, exits = ([key for key in content if key not in used] for used in (fed, feeding))
    edges: list[Edge] = []
    for source, target in design.edges:
        edges += [(s, t) for s in (exits if source == name else [source]) for t in (entries if target == name else [target])]
    around = component_of(design, name).inside
    parts = [replace(part, inside=around) if part.inside == name else part for part in design.components if part.id != name]
    return replace(design, components=parts, edges=list(dict.fromkeys(edges)))


def retype(design: ModelArchitecture, name: str, block: str) -> ModelArchitecture:
    """Make another block of a component."""
    return replace(
        design, components=[Component(name, block, inside=part.inside) if part.id == name else part for part in design.components]
    )


def named(design: ModelArchitecture, key: str, name: str) -> ModelArchitecture:
    """Call a component by a name; the empty one leaves it to the title of its block."""
    parts = [replace(part, name=name or UNSET) if part.id == key else part for part in design.components]
    return in_its_version(replace(design, components=parts))


def shifted(design: ModelArchitecture, name: str) -> ModelArchitecture:
    """Move a component on the canvas: the smallest edit of it."""
    parts = [replace(part, x=part.x + 10) if part.id == name else part for part in design.components]
    return replace(design, components=parts)


def swap(design: ModelArchitecture, one: str, other: str) -> ModelArchitecture:
    """Exchange two components in every wire."""
    names = {one: other, other: one}
    return with_edges(design, *((names.get(source, source), names.get(target, target)) for source, target in design.edges))


def component_of(design: ModelArchitecture, name: str) -> Component:
    """The component of that id."""
    return next(part for part in design.components if part.id == name)


@st.composite
def edited(draw: st.DrawFn, design: ModelArchitecture, letter: str, kinds: list[str], most: int = 4) -> ModelArchitecture:
    """A design after a few edits; the ids of what they add begin with `letter`."""
    for number in range(draw(st.integers(1, most))):
        design = in_its_version(_edit(draw, design, draw(st.sampled_from(kinds)), f"{letter}{number}"))
    return design


def _edit(draw: st.DrawFn, design: ModelArchitecture, kind: str, new: str) -> ModelArchitecture:
    names = [part.id for part in design.components]
    if not names:
        return design
    one = draw(st.sampled_from(names))
    part = component_of(design, one)
    block = BLOCK_BY_TYPE[part.type]
    around = {part.inside for part in design.components}
    match kind:
        case "insert" if design.edges:
            return insert(design, draw(st.sampled_from(design.edges)), new, draw(st.sampled_from(BETWEEN)))
        case "delete" if block.role is None or block.role == "sink":
            return delete(design, one)
        case "remove" if len(names) > 1:
            return delete(design, one)
        case "shift":
            return shifted(design, one)
        case "connect":
            return connect(design, one, draw(st.sampled_from(names)))
        case "disconnect" if design.edges:
            edge = draw(st.sampled_from(design.edges))
            return with_edges(design, *(other for other in design.edges if other != edge))
        case "enter" if part.type in BETWEEN and one not in around:
            boxes = [box.id for box in design.components if BLOCK_BY_TYPE[box.type].container and box.id != part.inside]
            boxes = [box for box in boxes if box != one and box not in _around(design, one)]
            return enter(design, one, draw(st.sampled_from(boxes))) if boxes else design
        case "group" if part.type in BETWEEN:
            return group(design, one, new, draw(st.sampled_from(["repeat", "subnetwork"])))
        case "ungroup" if block.container and one in around:
            copied = any(other.props.get("definition") == one for other in design.components)
            return design if copied else ungroup(design, one)
        case "link" if part.type == "subnetwork" and one not in around:
            others = [other.id for other in design.components if other.type == "subnetwork" and other.id in around]
            return with_props(design, one, definition=draw(st.sampled_from(others))) if others else design
        case "add":
            added = with_more(design, Component(new, draw(st.sampled_from(BLOCKS)).type, inside=part.inside))
            place = find_place(added, new, one)
            return with_edges(added, *rewired(added.edges, place.cut, place.join))
        case "set" if rules := [rule for rule in properties_of(block).values() if rule.type != "component"]:
            rule = draw(st.sampled_from(rules))
            return with_props(design, one, **{rule.name: draw(_values(rule))})
        case "name":
            return named(design, one, draw(st.sampled_from(["", "Encoder", "Head"])))
        case "retype" if part.type in BETWEEN and not block.container:
            simple = [kind for kind in BETWEEN if not BLOCK_BY_TYPE[kind].container]
            return retype(design, one, draw(st.sampled_from(simple)))
        case "default":
            return with_meta(design, d_model=draw(st.sampled_from([8, 16, 24, 32])))
        case "swap":
            peers = [peer.id for peer in design.components if peer.inside == part.inside and peer.type in BETWEEN]
            return swap(design, one, draw(st.sampled_from(peers))) if part.type in BETWEEN else design
    return design


def _around(design: ModelArchitecture, name: str) -> list[str]:
    found = []
    place = component_of(design, name).inside
    while place is not None:
        found.append(place)
        place = component_of(design, place).inside
    return found


def _values(rule: Property) -> st.SearchStrategy[Any]:
    """Values within the bounds of a property."""
    if rule.choices:
        return st.sampled_from(rule.choices)
    if rule.type == "boolean":
        return st.booleans()
    low, high = rule.minimum or 0, rule.maximum or 64
    if rule.type == "integers":
        return st.lists(st.integers(max(int(low), 1), 32), max_size=rule.max_items or 1)
    if rule.type == "patterns":
        cells = st.lists(st.integers(0, 15), min_size=1, max_size=4, unique=True)
        return st.lists(cells, min_size=1, max_size=3)
    if rule.type == "integer":
        step = int(rule.step or 1)
        return st.integers(max(int(low), step) // step, min(int(high), 64) // step).map(lambda value: value * step)
    return st.floats(low, min(high, max(1.0, low + 1)), exclude_min=True, exclude_max=True, allow_nan=False)
