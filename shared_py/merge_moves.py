"""Which moves of components into containers are possible together, when both sides of a merge moved some.

Places are a map from each component to its container, None at the top of the design.
"""

from collections.abc import Iterable

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import MAX_DEPTH, Component, Edge
from shared_py.nesting import OUTSIDE_ROLES


def container_of(key: str, side: dict[str, Component]) -> str | None:
    """The container of a component in one version of a design; None at the top, or where it does not exist."""
    return side[key].inside if key in side else None


def places_beside(
    kept: dict[str, Component], theirs: dict[str, Component], wanted: dict[str, str | None]
) -> dict[str, str | None]:
    """Start from the containers of `theirs` and make every possible move of `mine`, in order of id, until none is left.

    It ends where nothing more can move, so merging the result again changes nothing. A component that `theirs` lacks goes into
    the nearest possible container around its own.
    """
    places: dict[str, str | None] = {}
    for key in kept:
        place = container_of(key, theirs)
        while place is not None and place not in kept:
            place = theirs[place].inside
        places[key] = place
    members: dict[str | None, set[str]] = {}
    for key, place in places.items():
        members.setdefault(place, set()).add(key)
    movers = sorted(key for key in kept if places[key] != wanted[key])
    # Bounded, in case moves make room for each other in turn.
    for _ in range(2 * len(movers) + 2):
        moved = False
        for key in movers:
            goal = wanted[key]
            while key not in theirs and goal != places[key] and not _fits(key, goal, places, members):
                goal = places[goal] if goal is not None else None
            if goal != places[key] and _fits(key, goal, places, members):
                members[places[key]].remove(key)
                members.setdefault(goal, set()).add(key)
                places[key] = goal
                moved = True
        if not moved:
            break
    return places


def _fits(key: str, goal: str | None, places: dict[str, str | None], members: dict[str | None, set[str]]) -> bool:
    """Whether a component can move there with its content."""
    depth = 0
    while goal is not None:
        if goal == key:
            return False
        depth, goal = depth + 1, places[goal]
    layer = [key]
    while layer and depth <= MAX_DEPTH:
        depth, layer = depth + 1, [name for above in layer for name in members.get(above, ())]
    return not layer


def is_sound(places: dict[str, str | None]) -> bool:
    """Whether no component contains itself, or is nested too deep."""
    for place in places.values():
        depth = 0
        while place is not None:
            depth, place = depth + 1, places[place]
            if depth > MAX_DEPTH:
                return False
    return True


def grouped_along(
    kept: dict[str, Component],
    base: dict[str, Component],
    side: dict[str, Component],
    other: dict[str, Component],
    edges: Iterable[Edge],
) -> dict[str, str]:
    """What a side inserted between components that are in a container it lacks; by component, that container."""
    members: dict[str, list[str]] = {}
    for key, component in kept.items():
        if component.inside is not None and component.inside not in side and key in side:
            members.setdefault(component.inside, []).append(key)
    if not members:
        return {}
    inserted = {key for key, component in side.items() if key not in base and kept[key].inside == component.inside}
    inserted = {key for key in inserted if _may_be_inside(side[key])}
    fed, feeding = _neighbours(side, edges)
    found: dict[str, str] = {}
    for container, content in members.items():
        after, before = (_walk(content, neighbours, inserted) for neighbours in (fed, feeding))
        for key in after & before:
            if key not in found and (key not in other or other[key].inside == container):
                found[key] = container
    places = {key: component.inside for key, component in kept.items()}
    return {key: found[key] for key in side if key in found} if is_sound({**places, **found}) else {}


def _may_be_inside(component: Component) -> bool:
    block = BLOCK_BY_TYPE.get(component.type)
    return block is not None and block.role not in OUTSIDE_ROLES


def _neighbours(side: dict[str, Component], edges: Iterable[Edge]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What every component feeds, and what feeds it."""
    fed: dict[str, list[str]] = {key: [] for key in side}
    feeding: dict[str, list[str]] = {key: [] for key in side}
    for source, target in edges:
        if side[source].inside == side[target].inside:
            fed[source].append(target)
            feeding[target].append(source)
    return fed, feeding


def _walk(starts: Iterable[str], neighbours: dict[str, list[str]], among: set[str]) -> set[str]:
    """What can be reached from the starts over some components alone."""
    seen = set[str]()
    stack = list(starts)
    while stack:
        for key in neighbours[stack.pop()]:
            if key in among and key not in seen:
                seen.add(key)
                stack.append(key)
    return seen
