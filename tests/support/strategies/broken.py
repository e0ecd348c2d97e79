"""Designs of any kind, most of them with something wrong."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from shared_py.blocks import BLOCK_BY_TYPE, BLOCKS
from shared_py.design import MAX_DEPTH, Component, Defaults, ModelArchitecture
from shared_py.properties import Property, properties_of

from .valid import identifiers, valid_designs


def property_values(rule: Property, names: list[str]) -> st.SearchStrategy[Any]:
    """Values of a property inside its bounds and out of them."""
    if rule.choices:
        return st.sampled_from([*rule.choices, "other"])
    if rule.type == "boolean":
        return st.booleans()
    low, high = rule.minimum or 0, rule.maximum or 1000
    if rule.type == "integers":
        return st.lists(st.integers(int(rule.minimum or 0) - 1, 40), max_size=(rule.max_items or 0) + 1)
    if rule.type == "patterns":
        return st.lists(st.lists(st.integers(-1, 16), max_size=4), max_size=3)
    if rule.type == "component":
        return st.none() | st.sampled_from(names) | st.sampled_from(["nobody", "Not an id"])
    if rule.type == "integer":
        return st.integers(int(low) - 3, min(int(high) + 3, 200))
    return st.floats(low - 1, high + 1, allow_nan=False)


def drawings() -> st.SearchStrategy[ModelArchitecture]:
    """Sound documents of any kind, most of them with problems: the input of the validator and the store."""
    return st.one_of(_scribbles(), _altered(), _altered())


@st.composite
def _altered(draw: st.DrawFn) -> ModelArchitecture:
    """A valid design after a few changes of any kind."""
    design = draw(valid_designs(max_steps=4))
    for _ in range(draw(st.integers(1, 3))):
        components = {component.id: component for component in design.components}
        edges = list(design.edges)
        names = list(components)
        one, other = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        match draw(st.sampled_from(["cut", "join", "join", "move", "set", "set", "link", "delete", "default"])):
            case "cut" if edges:
                edges.remove(draw(st.sampled_from(edges)))
            case "join" if (one, other) not in edges:
                edges.append((one, other))
            case "move":
                inside = draw(st.none() | st.just(other))
                components[one] = msgspec.structs.replace(components[one], inside=inside)
            case "set":
                components[one] = _set_one(draw, components[one], names)
            case "link" if containers := [name for name in names if BLOCK_BY_TYPE[components[name].type].container]:
                link = {"definition": draw(st.sampled_from(containers)), "share_weights": draw(st.booleans())}
                components[one] = msgspec.structs.replace(components[one], type="subnetwork", props=link)
            case "delete":
                del components[one]
                edges = [edge for edge in edges if one not in edge]
            case "default":
                design = msgspec.structs.replace(
                    design, meta=msgspec.structs.replace(design.meta, d_model=draw(st.integers(1, 40)))
                )
        design = msgspec.structs.replace(design, components=nested_soundly(list(components.values())), edges=edges)
        if not components:
            break
    return design


def _set_one(draw: st.DrawFn, component: Component, names: list[str]) -> Component:
    """Give one property of a component another value, within its bounds or not."""
    rules = list(properties_of(BLOCK_BY_TYPE[component.type]).values())
    if not rules:
        return component
    rule = draw(st.sampled_from(rules))
    return msgspec.structs.replace(component, props=component.props | {rule.name: draw(property_values(rule, names))})


@st.composite
def _scribbles(draw: st.DrawFn) -> ModelArchitecture:
    """Blocks, properties, places and edges at random."""
    names = draw(st.lists(identifiers, max_size=8, unique=True))
    components = []
    for name in names:
        block = draw(st.sampled_from(BLOCKS))
        rules = properties_of(block)
        chosen = draw(st.lists(st.sampled_from(list(rules)), unique=True)) if rules else []
        props = {rule: draw(property_values(rules[rule], names)) for rule in chosen}
        inside = draw(st.none() | st.sampled_from(names))
        spot = st.integers(-500, 500)
        components.append(Component(id=name, type=block.type, props=props, x=draw(spot), y=draw(spot), inside=inside))
    pairs = [(a, b) for a in names for b in names]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=10)) if pairs else []
    integers = st.integers(-8, 300)
    meta = Defaults(d_model=draw(integers), n_heads=draw(integers), n_experts=draw(st.integers(-1, 10)))
    return ModelArchitecture(id="d1", meta=meta, components=nested_soundly(components), edges=edges)


def nested_soundly(components: list[Component]) -> list[Component]:
    """Take components out of what is not there, out of themselves, and out of what is too deep: a document has none of it."""
    inside = {component.id: component.inside for component in components}
    for name in inside:
        depth, place = 0, inside[name]
        while place in inside and depth < MAX_DEPTH:
            depth, place = depth + 1, inside[place]
        if place is not None:
            inside[name] = None
    return [msgspec.structs.replace(component, inside=inside[component.id]) for component in components]
