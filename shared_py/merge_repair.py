"""Repairs a merged design where changes of both sides together make a problem that neither side has.

It searches for wires, and for values of one side, that leave the least of them; where that is not enough, it names what to merge
otherwise (deleted components to restore, moves to undo), and at last takes the wires of one side for a part of the design. No
component is removed, and problems that a side has already stay as they are.
"""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import NamedTuple

import msgspec

from shared_py.analysis import SHAPE_CODES
from shared_py.design import Component, ModelArchitecture
from shared_py.graph import Graph, build_graph, cycles_around, reachable_from
from shared_py.merge_candidates import Variant, straightened, value_candidates, wire_candidates
from shared_py.merge_conflicts import Decisions
from shared_py.merge_content import members_of, with_content
from shared_py.merge_rebuild import rebuilt
from shared_py.merge_wires import bridged, wires_of, with_restored
from shared_py.problem_cache import problems_of
from shared_py.problems import Problem
from shared_py.protocol import Side

_ENCODER = msgspec.json.Encoder()
MAX_JUDGED = 120
"""candidates tried for wires, and as many for values"""
MAX_WORK = 20_000
"""components analysed for that, in all designs together"""
MIN_JUDGED = 16
"""candidates tried however large the design is"""

ProblemKey = tuple[str, str | None]
Candidates = Callable[[ModelArchitecture, Problem, list[Variant]], Iterator[ModelArchitecture]]


class Versions(NamedTuple):
    """The versions that are merged."""

    base: ModelArchitecture | None
    mine: ModelArchitecture
    theirs: ModelArchitecture


class _State(NamedTuple):
    """A design of the search; the heap takes the one with the least severe problems first, then the first one found."""

    severity: int
    found_as: int
    design: ModelArchitecture
    problems: list[Problem]


def severity(problems: list[Problem]) -> int:
    """How bad problems are together: wrong wires count twice, since they hide the shapes behind them, which may be wrong too."""
    return sum(1 if problem.code in SHAPE_CODES else 2 for problem in problems)


class _Known(NamedTuple):
    """The problems that the sides have."""

    keys: frozenset[ProblemKey] = frozenset()
    on_cycles: frozenset[str] = frozenset()

    def new(self, design: ModelArchitecture) -> list[Problem]:
        """The problems of a design that no side has."""
        found = [problem for problem in problems_of(design) if _problem_key(problem) not in self.keys]
        if not self.on_cycles or all(problem.code != "cycle" for problem in found):
            return found
        graph = _graph_of(design)
        return [
            problem
            for problem in found
            if problem.code != "cycle" or self.on_cycles.isdisjoint(cycles_around([problem.component_id or ""], graph))
        ]


def _known(merged: ModelArchitecture, *sides: ModelArchitecture) -> _Known:
    """The problems of the sides, also under the names that they may have in the merged design.

    A cycle is named after one of its components, which may be another one there, so all of them are noted.
    """
    keys, on_cycles = set[ProblemKey](), set[str]()
    for side in sides:
        found = {_problem_key(problem) for problem in problems_of(side)}
        keys |= found | set(_dead_ends_around(found, side, merged))
        starts = [name for code, name in found if code == "cycle" and name is not None]
        on_cycles |= cycles_around(starts, _graph_of(side)) if starts else set()
    return _Known(frozenset(keys), frozenset(on_cycles))


def _dead_ends_around(found: set[ProblemKey], side: ModelArchitecture, merged: ModelArchitecture) -> Iterator[ProblemKey]:
    """The dead ends of a side as they are named where the merged design has containers around them that the side lacks.

    The side has no wire from the content of such a container to other components.
    """
    there, parts = {part.id for part in side.components}, {part.id: part for part in merged.components}
    members = members_of(parts)
    for code, name in found:
        place = parts[name].inside if code == "dead_end" and name in parts else None
        while place is not None and place not in there:
            content = {*with_content(place, members)}
            if all(source not in content or target in content for source, target in side.edges):
                yield code, place
            place = parts[place].inside


def _problem_key(problem: Problem) -> ProblemKey:
    """What identifies a problem in different versions of a design."""
    return problem.code, problem.component_id


def _graph_of(design: ModelArchitecture) -> Graph:
    return build_graph(tuple(component.id for component in design.components), tuple(design.edges))


def repaired(
    versions: Versions, merged: ModelArchitecture, prefer: Side, fewer: int = 1
) -> tuple[ModelArchitecture, list[Problem]]:
    """The merged design with as few problems as possible that neither `mine` nor `theirs` has; also those that are left.

    `fewer` divides how much is tried, of large designs.
    """
    search, new = _search_for(versions, merged, prefer, fewer)
    if not new:
        return merged, []
    starts = [search.state(straightened(merged, new), 0), _State(severity(new), 1, merged, new)]
    state = search.best_of(starts, wire_candidates)
    if state.problems and not search.known.keys:
        # A value that one side alone set is given up only between valid designs, and only where that leaves no problem.
        with_values = search.best_of(starts, value_candidates)
        with_values = search.best_of([state], value_candidates) if with_values.problems else with_values
        state = state if with_values.problems else with_values
    return state.design, state.problems


def rebuilt_in_parts(versions: Versions, merged: ModelArchitecture, prefer: Side) -> tuple[ModelArchitecture, list[Problem]]:
    """A design that could not be repaired otherwise, with the wires of one side in a part of it, or with values of one side.

    Also the problems that are left. Between designs with problems, values are given up last.
    """
    search, new = _search_for(versions, merged, prefer)
    best = _State(severity(new), 0, merged, new)
    left = 4 * search.limit

    def count(design: ModelArchitecture) -> int:
        nonlocal best, left
        left -= 1
        if left < 0:
            raise _LimitError
        return search.state(design, 0).severity

    try:
        for found_as, design in enumerate(rebuilt(merged, new, search.sides, count), 1):
            best = min(best, search.state(design, found_as))
            if not best.problems:
                break
    except _LimitError:
        pass
    if best.problems and search.known.keys:
        starts = [_State(severity(new), 0, merged, new), best._replace(found_as=1)]
        with_values = search.best_of(starts, value_candidates)
        best = best if with_values.problems else with_values
    return best.design, best.problems


class _LimitError(Exception):
    """As many designs were judged as may be."""


def _search_for(versions: Versions, merged: ModelArchitecture, prefer: Side, fewer: int = 1) -> tuple["_Search", list[Problem]]:
    """What judges changes of a merged design, and the problems of that which neither side has."""
    limit = min(MAX_JUDGED, max(MIN_JUDGED, MAX_WORK // (len(merged.components) + 1)) // fewer)
    if not problems_of(merged):
        return _Search(limit, _Known(), []), []
    known = _known(merged, versions.mine, versions.theirs)
    new = known.new(merged)
    if not new:
        return _Search(limit, known, []), []
    sides = [_variant(versions, side, merged) for side in (versions.mine, versions.theirs)]
    return _Search(limit, known, sides if prefer == "mine" else sides[::-1]), new


def deleted_beside(
    versions: Versions, merged: ModelArchitecture, problems: list[Problem]
) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
    """What a side deleted and what may be missing for problems of a merged design: what is near, and what is farther away.

    Near is what was deleted together with components that the merge restored, and what was next to the components with problems
    and their content; farther away what was connected to those over other deleted components, then all.
    """
    if versions.base is None:
        return [], []
    kept = {component.id for component in merged.components}
    deleted = {component.id for component in versions.base.components} - kept
    beside: dict[str, list[str]] = {}
    for version in versions:
        for source, target in version.edges if version is not None else ():
            beside.setdefault(source, []).append(target)
            beside.setdefault(target, []).append(source)
    along, near = deleted_along(versions, merged), _with_insides(merged, problems)
    ends = {end for key in near for end in beside.get(key, ()) if end in deleted}
    chains = reachable_from(ends, {key: [end for end in beside.get(key, ()) if end in deleted] for key in deleted})
    mine = {component.id for component in versions.mine.components}
    # What `mine` has comes first: merging again does not delete it.
    found = [frozenset(part) for some in (along, ends, chains, deleted) for part in (some & mine, some - mine, some)]
    close = dict.fromkeys(found[:6])
    return [some for some in close if some], [some for some in dict.fromkeys(found[6:]) if some and some not in close]


def moved_beside(versions: Versions, merged: ModelArchitecture, problems: list[Problem]) -> Iterator[frozenset[str]]:
    """What was moved into or out of the components with problems, and what is next to or around them, by one side or by both."""
    if versions.base is None:
        return
    near = _with_insides(merged, problems)
    beside = {end for edge in merged.edges for end in edge if not near.isdisjoint(edge)}
    old = {component.id: component.inside for component in versions.base.components}
    places = {component.id: component.inside for component in merged.components}
    moved = {key for key in old.keys() & places.keys() if old[key] != places[key]}
    around = {place for key in near if (place := places[key]) is not None}
    for some in (near, near | beside | around):
        some = {key for key in moved if key in some or old[key] in some or places[key] in some}
        by_me = {component.id for component in versions.mine.components if component.inside != old.get(component.id)}
        yield from (frozenset(part) for part in dict.fromkeys(map(frozenset, (some & by_me, some - by_me, some))) if part)


def _with_insides(merged: ModelArchitecture, problems: list[Problem]) -> set[str]:
    """The components with problems, and their content."""
    members = members_of({component.id: component for component in merged.components})
    names = {component.id for component in merged.components}
    return {
        key
        for problem in problems
        if problem.component_id is not None and problem.component_id in names
        for key in with_content(problem.component_id, members)
    }


def deleted_along(versions: Versions, merged: ModelArchitecture) -> frozenset[str]:
    """What a side deleted together with components that the merge restored, as far as wires connect them."""
    if versions.base is None:
        return frozenset()
    kept = {component.id for component in merged.components}
    old = {component.id for component in versions.base.components}
    beside: dict[str, list[str]] = {key: [] for key in old}
    for source, target in versions.base.edges:
        beside[source].append(target)
        beside[target].append(source)
    found: set[str] = set()
    for side in (versions.mine, versions.theirs):
        deleted = old - {component.id for component in side.components}
        gone = deleted - kept
        lost = {key: [end for end in beside[key] if end in gone] for key in deleted}
        found |= reachable_from(deleted & kept, lost) - kept
    return frozenset(found)


def _variant(versions: Versions, side: ModelArchitecture, merged: ModelArchitecture) -> Variant:
    places = {component.id: component.inside for component in merged.components}
    wires = bridged(with_restored(wires_of(side), wires_of(versions.base), places), places)
    return Variant({component.id: component for component in side.components}, wires, side)


class _Search:
    """A best-first search, by the number of problems that no side has."""

    def __init__(self, limit: int, known: _Known, sides: list[Variant]) -> None:
        self.limit, self.known, self.sides = limit, known, sides

    def state(self, design: ModelArchitecture, found_as: int) -> _State:
        """Judge a design."""
        new = self.known.new(design)
        return _State(severity(new), found_as, design, new)

    def best_of(self, starts: list[_State], candidates: Candidates) -> _State:
        """The first design without a new problem or, where the limits are reached before, the least severe."""
        left = self.limit
        waiting, seen = sorted(starts), {_content(start.design) for start in starts}
        best = waiting[0]
        while waiting and left > 0 and best.problems:
            state = heappop(waiting)
            for problem in state.problems:
                for design in candidates(state.design, problem, self.sides):
                    if left <= 0:
                        return best
                    content = _content(design)
                    if content in seen:
                        continue
                    seen.add(content)
                    left -= 1
                    found = self.state(design, len(starts) + len(seen))
                    best = min(best, found)
                    if not found.problems:
                        return found
                    heappush(waiting, found)
                if waiting and waiting[0].severity < state.severity:
                    # Goes on with the better design; this one is looked at again where that leads nowhere.
                    heappush(waiting, state)
                    break
        return best


def _content(design: ModelArchitecture) -> bytes:
    return _ENCODER.encode((design.meta, design.components, design.edges))


def record_repairs(versions: Versions, combined: ModelArchitecture, merged: ModelArchitecture, decisions: Decisions) -> None:
    """Record what a side drew or set, or the merge first kept, and that is not in the merged design."""
    base, mine, theirs = (set(side.edges) if side is not None else set() for side in versions)
    kept, before = set(merged.edges), set(combined.edges)
    for edge in dict.fromkeys([*versions.mine.edges, *versions.theirs.edges]):
        if edge in kept or (edge in base and edge not in before):
            continue
        by_me, by_them = (list(edge) if edge in side else None for side in (mine, theirs))
        old = list(edge) if edge in base else None
        decisions.record(f"/edges/{edge[1]}", old, by_me, by_them, "theirs" if by_me else "mine")
    if merged.components != combined.components or merged.meta != combined.meta:
        _record_values(versions, combined, merged, decisions)


def _record_values(versions: Versions, combined: ModelArchitecture, merged: ModelArchitecture, decisions: Decisions) -> None:
    base, mine, theirs = (_values(side) for side in versions)
    before, after = _values(combined), _values(merged)
    there = {component.id for component in combined.components}
    for component in merged.components:
        if component.id not in there:
            base_part, my_part, their_part = (_component(side, component.id) for side in versions)
            kept_side: Side = "theirs" if my_part is None else "mine"
            decisions.overrule(f"/components/{component.id}", base_part, my_part, their_part, kept_side)
            after = {path: value for path, value in after.items() if not path.startswith(f"/components/{component.id}/")}
    for path in dict.fromkeys([*before, *after]):
        value = after.get(path)
        if before.get(path) == value:
            continue
        if all(side[path] == value for side in (mine, theirs) if path in side):
            decisions.withdraw(path)  # the repair returned to what the sides have
            continue
        own, other = mine.get(path), theirs.get(path)
        if value not in (own, other):
            # The repair alone set it: it is shown as the value of a side, beside the one that a side has.
            own, other = (own, value) if path in mine else (value, other)
        decisions.overrule(path, base.get(path), own, other, "mine" if own == value else "theirs")


def _component(design: ModelArchitecture | None, key: str) -> Component | None:
    return next((part for part in design.components if part.id == key), None) if design is not None else None


def _values(design: ModelArchitecture | None) -> dict[str, object]:
    """What a repair may change beside wires, by path."""
    if design is None:
        return {}
    found: dict[str, object] = {f"/meta/{name}": getattr(design.meta, name) for name in design.meta.__struct_fields__}
    for component in design.components:
        found[f"/components/{component.id}/type"] = component.type
        found[f"/components/{component.id}/inside"] = component.inside
        found |= {f"/components/{component.id}/props/{name}": value for name, value in component.props.items()}
    return found
