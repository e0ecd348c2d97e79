"""Templates after a few random changes, the same for the same seed: designs as they are in the middle of an edit."""

import random
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from shared_py.blocks import BLOCK_BY_TYPE, BLOCKS
from shared_py.design import Component, ModelArchitecture
from shared_py.properties import Property, properties_of
from shared_py.resolution import meta_fields
from shared_py.templates import load_templates

Mutation = Callable[[random.Random, ModelArchitecture], ModelArchitecture]


def mutated(seed: int, most: int = 3) -> ModelArchitecture:
    """A template after one to `most` changes; the same for the same seed."""
    chance = random.Random(seed)
    design = chance.choice(load_templates())
    for _ in range(chance.randint(1, most)):
        design = chance.choice(MUTATIONS)(chance, design)
    return design


def value_of(chance: random.Random, rule: Property) -> Any:
    """A value of a property, within its bounds more often than not."""
    if rule.choices:
        return chance.choice([*rule.choices, "other"])
    if rule.type == "boolean":
        return chance.random() < 0.5
    if rule.type == "component":
        return None
    low, high = rule.minimum or 0, min(rule.maximum or 0, 256)
    if rule.type == "integers":
        return [chance.randint(int(low) - 1, 64) for _ in range(chance.randint(0, 5))]
    if rule.type == "patterns":
        return [[chance.randint(-1, 16) for _ in range(chance.randint(0, 4))] for _ in range(chance.randint(0, 3))]
    if rule.type == "integer":
        return chance.choice([chance.randint(int(low) - 2, int(high) + 2), 8 * chance.randint(1, 16), chance.randint(1, 8)])
    return round(chance.uniform(low - 0.2, high + 0.2), 3)


def set_property(chance: random.Random, design: ModelArchitecture) -> ModelArchitecture:
    component = chance.choice(design.components)
    block = BLOCK_BY_TYPE[component.type]
    rules = properties_of(block, meta_fields(block))
    if not rules:
        return design
    rule = rules[chance.choice(list(rules))]
    changed = replace(component, props=component.props | {rule.name: value_of(chance, rule)})
    return replace(design, components=[changed if item.id == component.id else item for item in design.components])


def set_default(chance: random.Random, design: ModelArchitecture) -> ModelArchitecture:
    name, values = chance.choice(
        [("d_model", [8, 12, 24, 40, 64, 96, 7]), ("n_heads", [1, 3, 4, 8, 70]), ("n_experts", [1, 2, 9])]
    )
    return replace(design, meta=replace(design.meta, **{name: chance.choice(values)}))


def remove_edge(chance: random.Random, design: ModelArchitecture) -> ModelArchitecture:
    return (
        replace(design, edges=[edge for edge in design.edges if edge != chance.choice(design.edges)]) if design.edges else design
    )


def add_edge(chance: random.Random, design: ModelArchitecture) -> ModelArchitecture:
    inside = chance.choice(design.components).inside
    names = [component.id for component in design.components if component.inside == inside]
    edge = (chance.choice(names), chance.choice(names))
    return design if edge in design.edges else replace(design, edges=[*design.edges, edge])


def remove_component(chance: random.Random, design: ModelArchitecture) -> ModelArchitecture:
    gone = chance.choice(design.components)
    if len(design.components) < 3 or BLOCK_BY_TYPE[gone.type].container:
        return design
    kept = [item for item in design.components if item.id != gone.id]
    return replace(design, components=kept, edges=[edge for edge in design.edges if gone.id not in edge])


def insert_component(chance: random.Random, design: ModelArchitecture) -> ModelArchitecture:
    if not design.edges:
        return design
    source, target = chance.choice(design.edges)
    inside = next(item.inside for item in design.components if item.id == source)
    added = Component(f"n{len(design.components)}", chance.choice(BLOCKS).type, inside=inside)
    edges = [edge for edge in design.edges if edge != (source, target)] + [(source, added.id), (added.id, target)]
    return replace(design, components=[*design.components, added], edges=edges)


def swap_types(chance: random.Random, design: ModelArchitecture) -> ModelArchitecture:
    component = chance.choice(design.components)
    changed = replace(component, type=chance.choice(BLOCKS).type, props={})
    return replace(design, components=[changed if item.id == component.id else item for item in design.components])


MUTATIONS: list[Mutation] = [
    set_property, set_property, set_property, set_default, remove_edge, add_edge, remove_component, insert_component, swap_types,
]  # fmt: skip
