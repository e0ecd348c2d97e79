"""Three-way merge of designs by component id and property.

It uses no timestamps, and of the block definitions only which properties are links.

An edit beats a delete, also of the container or the definition of the edited component. Where both sides changed one value
differently, `mine` is kept and the other is reported. Exception: a move into a container in `mine` that conflicts with one in
`theirs` (a cycle, or too deep) is undone and reported. Merging again with the result changes nothing, so a call may be repeated.
The method is that of diff3 (Khanna, Kunal, Pierce 2007), over sets of ids rather than lines.
"""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec.structs import replace

from shared_py.blocks import BLOCKS
from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.merge_moves import container_of, is_sound, places_beside
from shared_py.properties import properties_of
from shared_py.protocol import Conflict

LINKS = frozenset(name for block in BLOCKS for name, rule in properties_of(block).items() if rule.type == "component")
"""the properties by which a component refers to another"""


class _Absent:
    """The value of a property that is left out, so that leaving one out is an edit like any other."""


_ABSENT = _Absent()


def merge_designs(
    base: ModelArchitecture | None, mine: ModelArchitecture, theirs: ModelArchitecture, links: frozenset[str] = LINKS
) -> tuple[ModelArchitecture, list[Conflict]]:
    """Merge the changes of both sides since `base`; returns the design, and the conflicts.

    Without a base both sides count as all new: the result is their union. Raises ValueError for designs of different ids.
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
    conflicts: list[Conflict] = []
    components = _merge_components(base, mine, theirs, links, conflicts)
    edges = _merge_edges(base, mine, theirs, [component.id for component in components], conflicts)
    merged = replace(
        mine,
        name=_merge_value("/name", _ABSENT if base is None else base.name, mine.name, theirs.name, conflicts),
        meta=_merge_meta(base, mine, theirs, conflicts),
        components=components,
        edges=edges,
    )
    return merged, conflicts


def _in_order(design: ModelArchitecture) -> ModelArchitecture:
    """The design with its edges grouped by target, since only the order of one target's edges means anything."""
    place = {component.id: index for index, component in enumerate(design.components)}
    return replace(design, edges=sorted(design.edges, key=lambda edge: place.get(edge[1], len(place))))


def _merge_value(path: str, base: Any, mine: Any, theirs: Any, conflicts: list[Conflict]) -> Any:
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    conflicts.append(_conflict(path, base, mine, theirs, "mine"))
    return mine


def _conflict(path: str, base: Any, mine: Any, theirs: Any, kept: Literal["mine", "theirs"]) -> Conflict:
    return Conflict(path=path, base=_plain(base), mine=_plain(mine), theirs=_plain(theirs), kept=kept)


def _plain(value: Any) -> Any:
    if isinstance(value, _Absent):
        return None
    if isinstance(value, Component):
        return {name: getattr(value, name) for name in Component.__struct_fields__}
    return value


def _merge_meta(
    base: ModelArchitecture | None, mine: ModelArchitecture, theirs: ModelArchitecture, conflicts: list[Conflict]
) -> Defaults:
    return Defaults(
        **{
            name: _merge_value(
                f"/meta/{name}",
                _ABSENT if base is None else getattr(base.meta, name),
                getattr(mine.meta, name),
                getattr(theirs.meta, name),
                conflicts,
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
    conflicts: list[Conflict],
) -> list[Component]:
    base_by_id, mine_by_id, theirs_by_id = _by_id(base), _by_id(mine), _by_id(theirs)
    kept: dict[str, Component] = {}
    for key in dict.fromkeys([*mine_by_id, *theirs_by_id]):
        component = _merge_component(key, base_by_id.get(key), mine_by_id.get(key), theirs_by_id.get(key), conflicts)
        if component is not None:
            kept[key] = component
    # Restored containers can make the nesting deeper, so it is checked after them.
    _restore_referenced(kept, base_by_id, mine_by_id, theirs_by_id, links, conflicts)
    _resolve_nesting(kept, base_by_id, mine_by_id, theirs_by_id, conflicts)
    order, _ = _merge_order(list(base_by_id), list(mine_by_id), list(theirs_by_id), set(kept))
    return [kept[key] for key in order]


def _restore_referenced(
    kept: dict[str, Component],
    base: dict[str, Component],
    mine: dict[str, Component],
    theirs: dict[str, Component],
    links: frozenset[str],
    conflicts: list[Conflict],
) -> None:
    """Restore components that one side deleted while the other edited their content or their links: an edit beats a delete.

    A container of an edited component is restored alone, a definition with its content.
    """
    sides = [(mine, theirs, _members(mine)), (theirs, mine, _members(theirs))]
    waiting = list(kept)
    while waiting:
        key = waiting.pop()
        needed = [kept[key].inside]
        for side, other, members in sides:
            if key in side and (key not in other or side[key] != base.get(key)):
                for target in _targets(kept[key], links):
                    if target in side and target not in other:
                        needed += _with_content(target, members)
        for name in needed:
            if name is not None and name not in kept:
                by_me = name in mine
                kept[name] = mine[name] if by_me else theirs[name]
                my_value, their_value = (kept[name], None) if by_me else (None, kept[name])
                conflicts.append(
                    _conflict(f"/components/{name}", kept[name], my_value, their_value, "mine" if by_me else "theirs")
                )
                waiting.append(name)


def _targets(component: Component, links: frozenset[str]) -> list[str]:
    return [value for name, value in component.props.items() if name in links and isinstance(value, str)]


def _members(components: dict[str, Component]) -> dict[str | None, list[str]]:
    members: dict[str | None, list[str]] = {}
    for key, component in components.items():
        members.setdefault(component.inside, []).append(key)
    return members


def _with_content(key: str, members: dict[str | None, list[str]]) -> list[str]:
    found = [key]
    for name in found:
        found += members.get(name, [])
    return found


# --- nesting --------------------------------------------------------------------------------------------------


def _resolve_nesting(
    kept: dict[str, Component],
    base: dict[str, Component],
    mine: dict[str, Component],
    theirs: dict[str, Component],
    conflicts: list[Conflict],
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
        conflicts[:] = [conflict for conflict in conflicts if conflict.path != path]
        conflicts.append(_conflict(path, container_of(key, base), container_of(key, mine), container_of(key, theirs), "theirs"))


def _by_id(design: ModelArchitecture | None) -> dict[str, Component]:
    return {} if design is None else {component.id: component for component in design.components}


def _merge_component(
    key: str, base: Component | None, mine: Component | None, theirs: Component | None, conflicts: list[Conflict]
) -> Component | None:
    if mine is not None and theirs is not None:
        return _merge_fields(f"/components/{key}", base, mine, theirs, conflicts)
    survivor = mine if mine is not None else theirs
    if base is None:
        return survivor
    if survivor == base:
        return None
    conflicts.append(_conflict(f"/components/{key}", base, mine, theirs, "theirs" if mine is None else "mine"))
    return survivor


def _merge_fields(path: str, base: Component | None, mine: Component, theirs: Component, conflicts: list[Conflict]) -> Component:
    def merged(name: str) -> Any:
        base_value = _ABSENT if base is None else getattr(base, name)
        return _merge_value(f"{path}/{name}", base_value, getattr(mine, name), getattr(theirs, name), conflicts)

    kind = merged("type")
    props = _merge_props(path, kind, base, mine, theirs, conflicts)
    return replace(mine, type=kind, props=props, x=merged("x"), y=merged("y"), inside=merged("inside"))


def _merge_props(
    path: str, kind: str, base: Component | None, mine: Component, theirs: Component, conflicts: list[Conflict]
) -> dict[str, Any]:
    """Merge property by property; but when the type itself differs, take all of one side: names differ by type."""
    base_props = {} if base is None else base.props
    if mine.type != theirs.type:
        chosen, other = (mine, theirs) if kind == mine.type else (theirs, mine)
        if other.props != base_props and other.props != chosen.props:
            conflicts.append(
                _conflict(f"{path}/props", base_props, mine.props, theirs.props, "mine" if chosen is mine else "theirs")
            )
        return dict(chosen.props)
    values = {
        name: _merge_value(
            f"{path}/props/{name}",
            base_props.get(name, _ABSENT),
            mine.props.get(name, _ABSENT),
            theirs.props.get(name, _ABSENT),
            conflicts,
        )
        for name in dict.fromkeys([*mine.props, *theirs.props])
    }
    return {name: value for name, value in values.items() if value is not _ABSENT}


# --- edges ----------------------------------------------------------------------------------------------------


def _merge_edges(
    base: ModelArchitecture | None,
    mine: ModelArchitecture,
    theirs: ModelArchitecture,
    kept: Sequence[str],
    conflicts: list[Conflict],
) -> list[tuple[str, str]]:
    base_inputs, mine_inputs, theirs_inputs = _inputs(base), _inputs(mine), _inputs(theirs)
    kept_ids, here, there = set(kept), set(_by_id(mine)), set(_by_id(theirs))
    edges: list[tuple[str, str]] = []
    # Deleted targets are visited too, so that an edge which one side added to them is reported.
    for target in [*kept, *(target for target in dict.fromkeys([*mine_inputs, *theirs_inputs]) if target not in kept_ids)]:
        old, left, right = base_inputs.get(target, []), mine_inputs.get(target, []), theirs_inputs.get(target, [])
        keep: set[str] = set()
        for source in dict.fromkeys([*left, *right]):
            ends = {source, target}
            if not ends <= kept_ids:
                _report_dropped((source, target), source in old, source in left, conflicts)
            # An edge that went with a deleted component is no deleted edge: it returns with the component.
            elif (source in left and source in right) or source not in old or not ends <= (there if source in left else here):
                keep.add(source)
        order, contested = _merge_order(old, left, right, keep)
        if contested:
            conflicts.append(_conflict(f"/edges/{target}", old, left, right, "mine"))
        edges.extend((source, target) for source in order)
    return edges


def _report_dropped(edge: tuple[str, str], known: bool, by_me: bool, conflicts: list[Conflict]) -> None:
    if known:
        return
    mine, theirs = (list(edge), None) if by_me else (None, list(edge))
    conflicts.append(_conflict(f"/edges/{edge[1]}", None, mine, theirs, "theirs" if by_me else "mine"))


def _inputs(design: ModelArchitecture | None) -> dict[str, list[str]]:
    """The sources of every component, in the order of its inputs."""
    inputs: dict[str, list[str]] = {}
    for source, target in design.edges if design is not None else ():
        inputs.setdefault(target, []).append(source)
    return inputs


# --- order ----------------------------------------------------------------------------------------------------


def _merge_order(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], keep: set[str]) -> tuple[list[str], bool]:
    """Order the kept keys as the side that moved them did, `mine` when both did; also tell whether both did, differently."""
    # Only keys that both sides have can show which side moved something.
    both = keep & set(mine) & set(theirs)
    here, there = [key for key in mine if key in both], [key for key in theirs if key in both]
    if here == there:
        return _insert(theirs, mine, keep), False
    i_moved, they_moved = _is_moved(base, mine, keep), _is_moved(base, theirs, keep)
    if they_moved and not i_moved:
        return _insert(theirs, mine, keep), False
    return _insert(mine, theirs, keep), i_moved == they_moved


def _is_moved(base: Sequence[str], side: Sequence[str], keep: set[str]) -> bool:
    """Whether a side ordered the kept keys that it has from `base` anew, whatever the other side has of them."""
    old, new = keep & set(base), keep & set(side)
    return [key for key in base if key in new and key in old] != [key for key in side if key in old]


def _insert(skeleton: Sequence[str], extra: Sequence[str], keep: set[str]) -> list[str]:
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
