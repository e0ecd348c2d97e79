"""The wires of each version of a design as they would be with the components and the places of the merged design.

Deleting a component connects its single source to what it fed, and so does moving it into a container (`edge_edits.detached`).
Here these wires follow from the merged components: they are drawn in every version alike, so that they are no edits of wires.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared_py.design import ModelArchitecture

Inputs = dict[str, list[str]]
"""the sources of every component, in the order of its inputs"""
Places = Mapping[str, str | None]
"""the container of every component, None at the top"""


class Wires(NamedTuple):
    """One version of the wires, and where its components are."""

    inputs: Inputs
    places: Places


def wires_of(design: ModelArchitecture | None) -> Wires:
    """The wires of a design; none where there is no design."""
    inputs: Inputs = {}
    for source, target in design.edges if design is not None else ():
        inputs.setdefault(target, []).append(source)
    return Wires(inputs, {} if design is None else {component.id: component.inside for component in design.components})


def bridged(wires: Wires, places: Places) -> Inputs:
    """The wires between the components of `places`, where they are there.

    A container that this version lacks stands for its content (`_lifted`). A component that is no longer in the container of the
    one it feeds is replaced by its single source, and so on upwards.
    """
    wires = _lifted(wires, places)
    found: Inputs = {}
    for target, sources in wires.inputs.items():
        if target not in places:
            continue
        row: dict[str, None] = {}
        for source in sources:
            crosses = source in wires.places and wires.places[source] != wires.places[target]
            end = source if crosses and source in places else _nearest(source, places[target], wires, places)
            if end is not None and (end != target or end == source):
                row.setdefault(end)
        if row:
            found[target] = list(row)
    return found


def _lifted(wires: Wires, places: Places) -> Wires:
    """A version with the containers that it lacks, connected as their content is to what is outside.

    Grouping and ungrouping connect a container so, too.
    """
    lacking = {place: places[place] for place in places.values() if place is not None and place not in wires.places}
    if not lacking:
        return wires
    around = {key: _containers_around(key, wires.places, places) for key in [*wires.places]}
    inputs: Inputs = {}
    for target, sources in wires.inputs.items():
        for source in sources:
            ends = (source, target)
            if source in around and target in around and wires.places[source] == wires.places[target]:
                ends = _ends_beside(around[source], around[target]) or ends
            row = inputs.setdefault(ends[1], [])
            if ends[0] not in row:
                row.append(ends[0])
    return Wires(inputs, {**wires.places, **lacking})


def _containers_around(key: str, old: Places, places: Places) -> dict[str | None, str]:
    """A component, then the containers around it that its version lacks; by the container that each is in."""
    place = places[key] if key in places else old[key]
    found: dict[str | None, str] = {place: key}
    while place is not None and place not in old:
        key, place = place, places[place]
        found[place] = key
    return found


def _ends_beside(source: dict[str | None, str], target: dict[str | None, str]) -> tuple[str, str] | None:
    """The innermost ends of a wire that are in the same container."""
    return next(((source[place], target[place]) for place in source if place in target), None)


def _nearest(source: str, container: str | None, wires: Wires, places: Places) -> str | None:
    """The first component from `source` upwards that is in the container; None where another with several sources intervenes."""
    seen: set[str] = set()
    while source not in places or places[source] != container:
        above = wires.inputs.get(source, [])
        stays = source in places and places[source] == wires.places[source]
        if stays or len(above) != 1 or source in seen:
            return None
        seen.add(source)
        source = above[0]
    return source


def with_restored(side: Wires, base: Wires, places: Places) -> Wires:
    """A version with the components that it deleted, or moved, and that the merge put back where they were.

    The wires that it drew across them are replaced by those they had.
    """
    gone = {key for key, place in base.places.items() if key not in side.places or side.places[key] != place}
    gone -= _ungrouped(side, base, places)
    restored = {key for key in gone if key in places and places[key] == base.places[key]}
    if not restored:
        return side
    # What else it deleted comes back too: `bridged` removes it again.
    back = restored | {key for key in gone if key not in side.places}
    inputs = {
        target: [source for source in sources if source not in back]
        for target, sources in side.inputs.items()
        if target not in back
    }
    base = _grouped_as(side, base, back)
    for target, sources in base.inputs.items():
        if target in back:
            inputs[target] = [source for source in sources if source in back or source in side.places]
            continue
        if target not in side.places:
            continue
        for source in sources:
            if source in back:
                across = _first_outside(source, back, base)
                _restore_wire(inputs, source, target, across, base, restored)
    return Wires(inputs, {**side.places, **{key: base.places[key] for key in back}})


def _grouped_as(side: Wires, base: Wires, back: set[str]) -> Wires:
    """The base with new containers of the side at the wires between what comes back and what the side grouped."""

    def grouped(key: str) -> str:
        outer: str | None = key
        while outer is not None and outer in side.places and (outer == key or outer not in base.places):
            if side.places[outer] == base.places[key]:
                return outer
            outer = side.places[outer]
        return key

    inputs: Inputs = {}
    for target, sources in base.inputs.items():
        for source in sources:
            ends = (source, target)
            if not back.isdisjoint(ends):
                ends = (source if source in back else grouped(source), target if target in back else grouped(target))
            row = inputs.setdefault(ends[1], [])
            if ends[0] not in row:
                row.append(ends[0])
    return Wires(inputs, base.places)


def _ungrouped(side: Wires, base: Wires, places: Places) -> set[str]:
    """Containers that a side replaced by their content and the merge put back, and that content; `_lifted` connects them."""
    found: set[str] = set()
    for key, place in base.places.items():
        came_out = place is not None and place not in side.places and side.places.get(key, place) == base.places[place]
        if came_out and place in places and key in side.places:
            found |= {key, place or ""}
    return found


class _Across(NamedTuple):
    """Where a walk upwards from a deleted component leaves the deleted ones, and those on the way."""

    end: str | None
    passed: list[str]


def _first_outside(source: str, back: set[str], base: Wires) -> _Across:
    passed = []
    while source in back:
        passed.append(source)
        above = base.inputs.get(source, [])
        if len(above) != 1 or above[0] in passed:
            return _Across(None, passed)
        source = above[0]
    return _Across(source, passed)


def _restore_wire(inputs: Inputs, source: str, target: str, across: _Across, base: Wires, restored: set[str]) -> None:
    """Put the wire of a deleted component back, in place of the one drawn across it."""
    row = inputs.setdefault(target, [])
    was_bridged = across.end in row and across.end not in base.inputs[target]
    if was_bridged and not restored.isdisjoint(across.passed):
        row[row.index(across.end)] = source  # type: ignore[arg-type]
    elif source in restored:
        inputs[target] = insert_after(row, base.inputs[target], {*row, source})


def follow_each_other(merged: Inputs, base: Wires, sides: tuple[Inputs, Inputs]) -> None:
    """Put what both sides inserted on the same wire of a component with several inputs in sequence, in `merged`.

    For a component with one input that is left to the repair, which tries both orders.
    """
    for target, was in base.inputs.items():
        rows = [side.get(target, []) for side in sides]
        if target not in merged or min(map(len, rows)) < 2:
            continue
        for source in was:
            if source in rows[0] or source in rows[1]:
                continue
            ends = [
                next((end for end in row if end not in was and _inserted(end, side, base)[-1] == source), None)
                for row, side in zip(rows, sides, strict=True)
            ]
            if None not in ends and ends[0] != ends[1] and {*ends} <= {*merged[target]}:
                _join_chains(merged, base, target, (ends[0] or "", ends[1] or ""))


def _inserted(end: str, inputs: Inputs, base: Wires) -> list[str]:
    """A chain of new components upwards, the last of them followed by the older one that feeds it."""
    chain = [end]
    while end not in base.places and len(inputs.get(end, [])) == 1 and inputs[end][0] not in chain:
        end = inputs[end][0]
        chain.append(end)
    return chain


def _join_chains(merged: Inputs, base: Wires, target: str, ends: tuple[str, str]) -> None:
    first, second = ends
    if second in _inserted(first, merged, base):
        first, second = second, first
    chain = _inserted(second, merged, base)
    if first not in chain and len(chain) > 1:
        merged[chain[-2]] = [first]
    merged[target] = [source for source in merged[target] if source != first]


def insert_after(skeleton: Sequence[str], extra: Sequence[str], keep: set[str]) -> list[str]:
    """Put the kept keys of `extra` that `skeleton` lacks right behind the key they follow there."""
    order = [key for key in skeleton if key in keep]
    present = set(order)
    before: str | None = None
    for key in extra:
        if key not in keep:
            continue
        if key not in present:
            order.insert(0 if before is None else order.index(before) + 1, key)
            present.add(key)
        before = key
    return order
