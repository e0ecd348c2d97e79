"""Three-way merge of designs by component id and property.

It uses no timestamps.

An edit beats a delete, also of the container or the definition of the edited component. Where both sides changed one value
differently, that of the preferred side is kept and the other is reported. Exception: a move into a container in `mine` that
conflicts with one in `theirs` (a cycle, or too deep) is undone and reported. `merge_content` keeps what containers and links
need. Where the changes of both sides together make a problem that neither has, `merge_repair` changes the result. Merging again
with the result changes nothing, so a call may be repeated. The method is that of diff3 (Khanna, Kunal, Pierce 2007), over sets
of ids rather than lines.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from shared_py.blocks import BLOCKS
from shared_py.design import Component, Defaults, ModelArchitecture, in_its_version
from shared_py.merge_conflicts import ABSENT, Decisions
from shared_py.merge_content import Components, keep_content, members_of, with_content
from shared_py.merge_moves import container_of, grouped_along, is_sound, places_beside
from shared_py.merge_repair import Versions, deleted_beside, moved_beside, rebuilt_in_parts, record_repairs, repaired, severity
from shared_py.merge_wires import Inputs, Wires, bridged, follow_each_other, insert_after, wires_of, with_restored
from shared_py.problems import Problem
from shared_py.properties import properties_of
from shared_py.protocol import Conflict, Side

LINKS = frozenset(name for block in BLOCKS for name, rule in properties_of(block).items() if rule.type == "component")
"""the properties by which a component refers to another"""
FEWER = 4
"""by how much less is tried to repair each of the designs that are merged with other decisions"""
MAX_ROUNDS = 4
"""merges of a repaired design with `mine`, until it stays as it is"""


def merge_designs(
    base: ModelArchitecture | None,
    mine: ModelArchitecture,
    theirs: ModelArchitecture,
    links: frozenset[str] = LINKS,
    prefer: Side = "mine",
) -> tuple[ModelArchitecture, list[Conflict]]:
    """Merge the changes of both sides since `base`; returns the design, and the conflicts.

    `prefer` names the side whose value is kept where both changed it; an edit beats a delete whatever is preferred. Without a
    base both sides count as all new: the result is their union. Raises ValueError for designs of different ids.
    """
    if mine.id != theirs.id:
        raise ValueError(f"cannot merge design {mine.id} with design {theirs.id}")
    # Where one side changed nothing the other is returned as it is, so that its order and its hash stay.
    if base is not None:
        if theirs == base:
            return mine, []
        if mine == base or _in_order(mine) == _in_order(base):
            return theirs, []
        if _in_order(theirs) == _in_order(base):
            return mine, []
    if mine == theirs or _in_order(mine) == _in_order(theirs):
        return theirs, []
    versions = Versions(base, mine, theirs)
    combined, merged, _, decisions = _merge(versions, links, prefer)
    rounds = MAX_ROUNDS if merged != combined or decisions.needed or decisions.unmoved else 0
    for _ in range(rounds):
        # What a repair chose may look different to the next merge, so it is repeated until it stays.
        again = _merge(Versions(base, mine, merged), links, prefer).merged
        if again == merged:
            break
        merged = again
    record_repairs(versions, combined, merged, decisions)
    return in_its_version(merged), decisions.conflicts


class _Attempt(NamedTuple):
    """A merge with some decisions: before and after the repair, and the problems that are left."""

    combined: ModelArchitecture
    merged: ModelArchitecture
    left: list[Problem]
    decisions: Decisions


def _merge(versions: Versions, links: frozenset[str], prefer: Side) -> _Attempt:
    """Merge once, with the decisions that leave no problem that is new, or else as few as possible."""

    def attempt(decisions: Decisions, fewer: int = FEWER) -> _Attempt:
        combined = _combine(*versions, links, decisions)
        return _Attempt(combined, *repaired(versions, combined, prefer, fewer), decisions)

    def rebuilt(tried: _Attempt) -> _Attempt:
        merged, left = rebuilt_in_parts(versions, tried.merged, prefer)
        return tried._replace(merged=merged, left=left)

    found = attempt(Decisions(prefer), 1)
    if not found.left:
        return found
    near, far = deleted_beside(versions, found.combined, found.left)
    moved = list(moved_beside(versions, found.combined, found.left))
    others = [
        [*(Decisions(prefer, needed) for needed in near), *(Decisions(prefer, unmoved=unmoved) for unmoved in moved)],
        [Decisions(prefer, needed) for needed in far] + [Decisions(prefer, some, moved[-1]) for some in near + far if moved],
    ]
    best = found
    for some in others:
        tried = []
        for decisions in some:
            tried.append(attempt(decisions))
            if not tried[-1].left:
                return tried[-1]
        # The nearest to a design without problems are rebuilt, the simplest first.
        for one in [found, *sorted(tried, key=lambda one: severity(one.left))[:1]]:
            again = rebuilt(one)
            best = min(best, again, key=lambda one: severity(one.left))
            if not best.left:
                return best
    return best


def _combine(
    base: ModelArchitecture | None,
    mine: ModelArchitecture,
    theirs: ModelArchitecture,
    links: frozenset[str],
    decisions: Decisions,
) -> ModelArchitecture:
    """Merge field by field; changes of both sides may not go together."""
    components = _merge_components(base, mine, theirs, links, decisions)
    places = {component.id: component.inside for component in components}
    return replace(
        mine,
        name=decisions.value("/name", ABSENT if base is None else base.name, mine.name, theirs.name),
        meta=_merge_meta(base, mine, theirs, decisions),
        components=components,
        edges=_merge_edges(base, mine, theirs, places, decisions),
    )


def _in_order(design: ModelArchitecture) -> ModelArchitecture:
    """The design with its edges grouped by target, since only the order of one target's edges means anything."""
    place = {component.id: index for index, component in enumerate(design.components)}
    return replace(design, edges=sorted(design.edges, key=lambda edge: place.get(edge[1], len(place))))


def _merge_meta(
    base: ModelArchitecture | None, mine: ModelArchitecture, theirs: ModelArchitecture, decisions: Decisions
) -> Defaults:
    return Defaults(
        **{
            name: decisions.value(
                f"/meta/{name}",
                ABSENT if base is None else getattr(base.meta, name),
                getattr(mine.meta, name),
                getattr(theirs.meta, name),
            )
            for name in Defaults.__struct_fields__
        }
    )


# --- components -----------------------------------------------------------------------------------------------


def _merge_components(
    base: ModelArchitecture | None,
    mine: ModelArchitecture,
    theirs: ModelArchitecture,
    links: frozenset[str],
    decisions: Decisions,
) -> list[Component]:
    base_by_id, mine_by_id, theirs_by_id = _by_id(base), _by_id(mine), _by_id(theirs)
    kept: dict[str, Component] = {}
    for key in dict.fromkeys([*mine_by_id, *theirs_by_id]):
        component = _merge_component(key, base_by_id.get(key), mine_by_id.get(key), theirs_by_id.get(key), decisions)
        if component is not None:
            kept[key] = component

    def restore_and_nest() -> None:
        # Restored containers can make the nesting deeper, so it is checked after them.
        _restore_referenced(kept, base_by_id, mine_by_id, theirs_by_id, links, decisions)
        _resolve_nesting(kept, base_by_id, mine_by_id, theirs_by_id, decisions)

    restore_and_nest()
    _undo_moves(kept, base_by_id, mine_by_id, theirs_by_id, decisions)
    keep_content(kept, base_by_id, mine_by_id, theirs_by_id, decisions, restore_and_nest)
    if _group_inserted(kept, base_by_id, mine, theirs, decisions):
        # A container of which all content went into another one needs some again.
        keep_content(kept, base_by_id, mine_by_id, theirs_by_id, decisions, restore_and_nest)
    order, _ = _merge_order(list(base_by_id), list(mine_by_id), list(theirs_by_id), set(kept), decisions.prefer)
    return [kept[key] for key in order]


def _group_inserted(
    kept: Components, base: Components, mine: ModelArchitecture, theirs: ModelArchitecture, decisions: Decisions
) -> bool:
    """Move what a side inserted between components that the other grouped into the group; returns whether anything moved."""
    mine_by_id, theirs_by_id = _by_id(mine), _by_id(theirs)
    grouped_by: tuple[tuple[ModelArchitecture, Components, Components, Side], ...]
    grouped_by = ((mine, mine_by_id, theirs_by_id, "theirs"), (theirs, theirs_by_id, mine_by_id, "mine"))
    moved = False
    for side, by_id, other, kept_side in grouped_by:
        for key, place in grouped_along(kept, base, by_id, other, side.edges).items():
            kept[key] = replace(kept[key], inside=place)
            base_place, my_place, their_place = (container_of(key, it) for it in (base, mine_by_id, theirs_by_id))
            decisions.overrule(f"/components/{key}/inside", base_place, my_place, their_place, kept_side)
            moved = True
    return moved


def _undo_moves(kept: Components, base: Components, mine: Components, theirs: Components, decisions: Decisions) -> None:
    """Put components back that one side moved, where the merge cannot do with that."""
    for key in decisions.unmoved:
        old, places = base[key].inside, {name: part.inside for name, part in kept.items()}
        if key in kept and (old is None or old in kept) and is_sound({**places, key: old}):
            kept[key] = replace(kept[key], inside=old)
            kept_side: Side = "theirs" if container_of(key, mine) != old else "mine"
            decisions.overrule(f"/components/{key}/inside", old, container_of(key, mine), container_of(key, theirs), kept_side)


def _restore_referenced(
    kept: dict[str, Component],
    base: dict[str, Component],
    mine: dict[str, Component],
    theirs: dict[str, Component],
    links: frozenset[str],
    decisions: Decisions,
) -> None:
    """Restore components that one side deleted while the other edited their content or their links: an edit beats a delete.

    A container of an edited component is restored alone, a definition with its content.
    """
    sides = [(mine, theirs, members_of(mine)), (theirs, mine, members_of(theirs))]
    waiting = list(kept)
    while waiting:
        key = waiting.pop()
        needed = [kept[key].inside]
        for side, other, members in sides:
            if key in side and (key not in other or side[key] != base.get(key)):
                for target in _targets(kept[key], links):
                    if target in side and target not in other:
                        needed += with_content(target, members)
        for name in needed:
            if name is not None and name not in kept:
                by_me = name in mine
                kept[name] = mine[name] if by_me else theirs[name]
                my_value, their_value = (kept[name], None) if by_me else (None, kept[name])
                decisions.record(f"/components/{name}", kept[name], my_value, their_value, "mine" if by_me else "theirs")
                waiting.append(name)


def _targets(component: Component, links: frozenset[str]) -> list[str]:
    return [value for name, value in component.props.items() if name in links and isinstance(value, str)]


# --- nesting --------------------------------------------------------------------------------------------------


def _resolve_nesting(
    kept: dict[str, Component],
    base: dict[str, Component],
    mine: dict[str, Component],
    theirs: dict[str, Component],
    decisions: Decisions,
) -> None:
    """Where moves of both sides nest components in each other, or too deep, undo those of `mine` that conflict."""
    wanted = {key: component.inside for key, component in kept.items()}
    if is_sound(wanted):
        return
    places = places_beside(kept, theirs, wanted)
    stays = {key: base[key].inside == mine[key].inside for key in kept if key in mine and key in base and key not in theirs}
    pushed = {key: places[key] for key, unmoved in stays.items() if unmoved and places[key] != wanted[key]}
    if pushed and is_sound({**wanted, **pushed}):
        places = {**wanted, **pushed}
    for key, place in places.items():
        if place == wanted[key]:
            continue
        kept[key] = replace(kept[key], inside=place)
        path = f"/components/{key}/inside"
        # A conflict reported before said that `mine` was kept; this move gave way after all.
        decisions.overrule(path, container_of(key, base), container_of(key, mine), container_of(key, theirs), "theirs")


def _by_id(design: ModelArchitecture | None) -> dict[str, Component]:
    return {} if design is None else {component.id: component for component in design.components}


def _merge_component(
    key: str, base: Component | None, mine: Component | None, theirs: Component | None, decisions: Decisions
) -> Component | None:
    if mine is not None and theirs is not None:
        return _merge_fields(f"/components/{key}", base, mine, theirs, decisions)
    survivor = mine if mine is not None else theirs
    if base is None:
        return survivor
    if survivor == base and key not in decisions.needed:
        return None
    decisions.record(f"/components/{key}", base, mine, theirs, "theirs" if mine is None else "mine")
    return survivor


def _merge_fields(path: str, base: Component | None, mine: Component, theirs: Component, decisions: Decisions) -> Component:
    def merged(name: str) -> Any:
        base_value = ABSENT if base is None else getattr(base, name)
        return decisions.value(f"{path}/{name}", base_value, getattr(mine, name), getattr(theirs, name))

    kind = merged("type")
    props = _merge_props(path, kind, base, mine, theirs, decisions)
    base_name = ABSENT if base is None else _own_name(base)
    name = decisions.value(f"{path}/name", base_name, _own_name(mine), _own_name(theirs))
    name = UNSET if name is ABSENT else name
    return replace(mine, type=kind, props=props, x=merged("x"), y=merged("y"), inside=merged("inside"), name=name)


def _own_name(component: Component) -> Any:
    """A component's own name, as a value that may be absent, like that of a property."""
    return ABSENT if component.name is UNSET else component.name


def _merge_props(
    path: str, kind: str, base: Component | None, mine: Component, theirs: Component, decisions: Decisions
) -> dict[str, Any]:
    """Merge property by property; but when the type itself differs, take all of one side: names differ by type."""
    base_props = {} if base is None else base.props
    if mine.type != theirs.type:
        chosen, other = (mine, theirs) if kind == mine.type else (theirs, mine)
        if other.props != base_props and other.props != chosen.props:
            decisions.record(f"{path}/props", base_props, mine.props, theirs.props, "mine" if chosen is mine else "theirs")
        return dict(chosen.props)
    values = {
        name: decisions.value(
            f"{path}/props/{name}",
            base_props.get(name, ABSENT),
            mine.props.get(name, ABSENT),
            theirs.props.get(name, ABSENT),
        )
        for name in dict.fromkeys([*mine.props, *theirs.props])
    }
    return {name: value for name, value in values.items() if value is not ABSENT}


# --- edges ----------------------------------------------------------------------------------------------------


def _merge_edges(
    base: ModelArchitecture | None,
    mine: ModelArchitecture,
    theirs: ModelArchitecture,
    places: dict[str, str | None],
    decisions: Decisions,
) -> list[tuple[str, str]]:
    old = wires_of(base)
    base_inputs = bridged(old, places)
    mine_inputs, theirs_inputs = (bridged(with_restored(wires_of(side), old, places), places) for side in (mine, theirs))
    merged: Inputs = {}
    for target in places:
        was, left, right = base_inputs.get(target, []), mine_inputs.get(target, []), theirs_inputs.get(target, [])
        keep = {source for source in [*left, *right] if (source in left and source in right) or source not in was}
        merged[target], contested = _merge_order(was, left, right, keep, decisions.prefer)
        if contested:
            decisions.record(f"/edges/{target}", was, left, right, decisions.prefer)
    follow_each_other(merged, Wires(base_inputs, old.places), (mine_inputs, theirs_inputs))
    return [(source, target) for target, row in merged.items() for source in row]


# --- order ----------------------------------------------------------------------------------------------------


def _merge_order(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], keep: set[str], prefer: Side
) -> tuple[list[str], bool]:
    """Order the kept keys as the side that moved them did, as the preferred when both did; also tell whether both did."""
    # Only keys that both sides have can show which side moved something.
    both = keep & set(mine) & set(theirs)
    here, there = [key for key in mine if key in both], [key for key in theirs if key in both]
    if here == there:
        return insert_after(theirs, mine, keep), False
    i_moved, they_moved = _is_moved(base, mine, keep), _is_moved(base, theirs, keep)
    contested = i_moved == they_moved
    if (they_moved and not i_moved) or (contested and prefer == "theirs"):
        return insert_after(theirs, mine, keep), contested
    return insert_after(mine, theirs, keep), contested


def _is_moved(base: Sequence[str], side: Sequence[str], keep: set[str]) -> bool:
    """Whether a side ordered the kept keys that it has from `base` anew, whatever the other side has of them."""
    old, new = keep & set(base), keep & set(side)
    return [key for key in base if key in new and key in old] != [key for key in side if key in old]
