"""The difference between two versions of a design, and the plain words for a place in it and the value there."""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from shared_py.blocks import BLOCK_BY_TYPE, BLOCKS
from shared_py.design import Component, Defaults, Edge, ModelArchitecture
from shared_py.graph import natural_key
from shared_py.message_catalogue import CHANGES
from shared_py.messages import fill, text
from shared_py.naming import component_names
from shared_py.properties import Property, properties_of
from shared_py.protocol import ComponentChange, DesignDifference, NamedComponent, ValueChange

MAX_NAMED = 3
"""changes named in a summary"""


class Words:
    """The plain words for places and values, after the names in some versions of a design; the first that has one decides."""

    def __init__(self, *designs: ModelArchitecture) -> None:
        self.names: dict[str, str] = {}
        self.types: dict[str, str] = {}
        for design in reversed(designs):
            self.names |= component_names(design)
            self.types |= {component.id: component.type for component in design.components}

    def name(self, component_id: str) -> str:
        """The name of a component; its id where no version has it."""
        return self.names.get(component_id, component_id)

    def place(self, path: str) -> str:
        """A place in a design: `/components/c4/props/n_heads` is Heads of Attention 2."""
        match path.split("/")[1:]:
            case ["meta", field]:
                return fill(CHANGES["of_design"], {"title": _default_title(field)})
            case ["components", key, ("type" | "inside" | "name") as field]:
                return fill(CHANGES[field], {"name": self.name(key)})
            case ["components", key, "props", field]:
                rule = self._rule(key, field)
                return fill(CHANGES["property"], {"title": rule.title if rule else field, "name": self.name(key)})
        return CHANGES["design_name"]

    def value(self, path: str, value: Any) -> str:
        """The value at a place."""
        match path.split("/")[1:]:
            case ["components", _, "type"]:
                return BLOCK_BY_TYPE[value].title if value in BLOCK_BY_TYPE else str(value)
            case ["components", _, "name"] if value is None:
                return CHANGES["no_name"]
            case ["components", _, "inside"]:
                return CHANGES["top_level"] if value is None else self.name(value)
            case ["components", key, "props", field] if (rule := self._rule(key, field)) and rule.type == "component" and value:
                return self.name(value)
        return _plain(value)

    def _rule(self, key: str, field: str) -> Property | None:
        block = BLOCK_BY_TYPE.get(self.types.get(key, ""))
        return properties_of(block).get(field) if block is not None else None


def _plain(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return CHANGES[{None: "default", True: "on", False: "off"}[value]]
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items()) or CHANGES["default"]
    return (", ".join(map(_plain, value)) or CHANGES["nothing"]) if isinstance(value, list | tuple) else text(value)


def _default_title(field: str) -> str:
    """The title of a design-wide default: that of the property that takes it."""
    rules = (properties_of(block).get(field) for block in BLOCKS)
    return next((rule.title for rule in rules if rule is not None), field)


def difference(before: ModelArchitecture, after: ModelArchitecture) -> DesignDifference:
    """What differs from one version of a design to another; designs of different ids can be compared too."""
    old, new = ({component.id: component for component in design.components} for design in (before, after))
    words, past = Words(after, before), Words(before)
    both = sorted(old.keys() & new.keys(), key=natural_key)
    changes = {key: list(_component_changes(old[key], new[key], words)) for key in both}
    found = DesignDifference(
        summary="",
        added=[NamedComponent(key, words.name(key)) for key in sorted(new.keys() - old.keys(), key=natural_key)],
        removed=[NamedComponent(key, past.name(key)) for key in sorted(old.keys() - new.keys(), key=natural_key)],
        changed=[ComponentChange(key, words.name(key), found) for key, found in changes.items() if found],
        moved=[NamedComponent(key, words.name(key)) for key in both if (old[key].x, old[key].y) != (new[key].x, new[key].y)],
        wires_added=_missing(after.edges, before.edges),
        wires_removed=_missing(before.edges, after.edges),
        reordered=[NamedComponent(key, words.name(key)) for key in _reordered(before, after)],
        values=list(_design_changes(before, after, words)),
    )
    return replace(found, summary=_summary(found))


def _component_changes(before: Component, after: Component, words: Words) -> Iterator[ValueChange]:
    path = f"/components/{after.id}"
    for field in ("type", "inside"):
        yield from _change(f"{path}/{field}", getattr(before, field), getattr(after, field), words)
    old_name, new_name = (None if side.name is UNSET else side.name for side in (before, after))
    yield from _change(f"{path}/name", old_name, new_name, words)
    for field in dict.fromkeys([*before.props, *after.props]):
        yield from _change(f"{path}/props/{field}", before.props.get(field), after.props.get(field), words)


def _design_changes(before: ModelArchitecture, after: ModelArchitecture, words: Words) -> Iterator[ValueChange]:
    yield from _change("/name", before.name, after.name, words)
    for field in Defaults.__struct_fields__:
        yield from _change(f"/meta/{field}", getattr(before.meta, field), getattr(after.meta, field), words)


def _change(path: str, before: Any, after: Any, words: Words) -> Iterator[ValueChange]:
    if before != after:
        yield ValueChange(path, words.place(path), before, after, words.value(path, before), words.value(path, after))


def _missing(edges: list[Edge], among: list[Edge]) -> list[Edge]:
    """The edges that another version lacks, by their ends."""
    return sorted(set(edges) - set(among), key=lambda edge: (natural_key(edge[1]), natural_key(edge[0])))


def _reordered(before: ModelArchitecture, after: ModelArchitecture) -> list[str]:
    old, new = (_inputs(design) for design in (before, after))
    same = [key for key, row in new.items() if row != old.get(key) and sorted(row) == sorted(old.get(key, []))]
    return sorted(same, key=natural_key)


def _inputs(design: ModelArchitecture) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    for source, target in design.edges:
        rows.setdefault(target, []).append(source)
    return rows


def _summary(found: DesignDifference) -> str:
    """A short sentence: what was added and removed, then the first values that differ."""
    parts = []
    for code, named in (("added", found.added), ("removed", found.removed)):
        if named:
            parts.append(fill(CHANGES[code], {"what": _counted(named)}))
    changes = [change for component in found.changed for change in component.changes]
    # The values of another block are as new as the block.
    retyped = {change.path.removesuffix("type") for change in changes if change.path.endswith("/type")}
    changes = [change for change in changes if not any(change.path.startswith(f"{path}props") for path in retyped)]
    for change in [*changes, *found.values]:
        place = change.place[:1].lower() + change.place[1:]
        parts.append(fill(CHANGES["changed"], {"place": place, "before": change.before_text, "after": change.after_text}))
    if not found.added and not found.removed:
        for code, edges in (("wires_added", found.wires_added), ("wires_removed", found.wires_removed)):
            parts += [fill(CHANGES[code], {"count": len(edges)})] if edges else []
    if found.reordered:
        parts.append(fill(CHANGES["reordered"], {"what": _counted(found.reordered)}))
    if not parts:
        parts = [fill(CHANGES["moved"], {"what": _counted(found.moved)})] if found.moved else [CHANGES["same"]]
    more = len(parts) - MAX_NAMED
    sentence = ", ".join(parts[:MAX_NAMED]) + (fill(CHANGES["more"], {"count": more}) if more > 0 else "")
    return sentence[:1].upper() + sentence[1:]


def _counted(named: list[NamedComponent]) -> str:
    return named[0].name if len(named) == 1 else fill(CHANGES["blocks"], {"count": len(named)})
