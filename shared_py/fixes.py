"""The fix of each problem: of several candidates the first after which the whole drawing has fewer problems."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import msgspec

from shared_py.analysis import Analysis, Placed, analyse, suits
from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.blocks.base import Block
from shared_py.connectivity import reconnect_targets, removal
from shared_py.edge_edits import with_fix
from shared_py.placement import better_place
from shared_py.problems import AddComponent, AddEdge, Fix, MoveComponent, Problem, RemoveComponent, RemoveEdge, SetProperty
from shared_py.properties import properties_of, with_value
from shared_py.resolution import meta_fields
from shared_py.shapes import Signal, width_of

_ENCODER = msgspec.json.Encoder()
MAX_WORK = 800
"""components looked at to judge fixes, in all drawings together; beyond it the first candidate is offered as it is"""
MIN_JUDGED = 4
"""fixes judged however large the drawing is"""
MAX_CANDIDATES = 8
"""of one kind for one problem"""
MAX_PLACES = 6
"""judged to move one component"""
MISPLACED = frozenset({"shape_mismatch", "unreachable", "nothing_leaves", "no_class_token", "nothing_to_recompute"})
"""problems that another place for the component may solve"""
STARTS = frozenset({"no_input", "no_output"})
"""problems whose fix is a new component; in an empty drawing it is offered though as many problems remain"""


def with_fixes(analysis: Analysis) -> list[Problem]:
    """Give each problem the best fix that is found; one that leaves as many problems as before, or more, is not offered.

    In a drawing so large, or with so many problems, that judging all would take too long, the last keep theirs unjudged.
    """
    return list(_fixed(_Drawing(analysis))) if analysis.problems else []


class _Drawing:
    """An analysis, equal to every other one of a drawing that differs only in names and places on the canvas."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        design = analysis.design
        parts = [(component.id, component.type, component.props, component.inside) for component in design.components]
        self.key = _ENCODER.encode((design.meta, parts, design.edges))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Drawing) and self.key == other.key


@lru_cache(maxsize=8)
def _fixed(drawing: _Drawing) -> tuple[Problem, ...]:
    """The problems with their fixes, chosen once while blocks are only moved about."""
    judge = _Judge(drawing.analysis)
    return tuple([judge.mended(problem) for problem in drawing.analysis.problems])


class _Judge:
    """Tries fixes on the drawing, as many as the time allows."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.left = max(MIN_JUDGED, MAX_WORK // (len(analysis.design.components) + 1))

    def mended(self, problem: Problem) -> Problem:
        """The problem with its best fix."""
        starts = problem.code in STARTS and not self.analysis.design.components
        allowed = len(self.analysis.problems) - (not starts)
        if self.left <= 0:
            return problem
        for fix in _candidates(self.analysis, problem):
            self.left -= 1 + MAX_PLACES * isinstance(fix, MoveComponent)
            left = analyse(with_fix(self.analysis.design, fix)).problems
            if len(left) <= allowed and _key(problem) not in map(_key, left):
                return problem if fix is problem.fix else msgspec.structs.replace(problem, fix=fix)
            if self.left <= 0:
                return problem
        self.left -= MAX_PLACES * (problem.code in MISPLACED)
        return msgspec.structs.replace(problem, fix=None)


def _key(problem: Problem) -> tuple[str, str | None, str | None, str]:
    """What two problems that are the same have in common, whatever their fixes."""
    return problem.code, problem.component_id, problem.field, problem.message


def _candidates(analysis: Analysis, problem: Problem) -> Iterator[Fix]:
    """Fixes of a problem, those that change least first."""
    name = problem.component_id
    if problem.code in STARTS:
        yield from _at_the_open_end(analysis, problem)
    if problem.fix is not None:
        yield problem.fix
    if name is None or name not in analysis.resolved:
        return
    placed = analysis.placed.get(name)
    if placed is not None:
        yield from _suiting_values(analysis, placed, problem)
    if isinstance(problem.fix, SetProperty) and problem in analysis.resolved[name].problems:
        yield from _default_value(analysis, problem.fix)
    if problem.code == "shape_mismatch" and placed is not None:
        yield from _other_sources(analysis, placed)
    if problem.code == "no_definition":
        yield from islice(_other_definitions(analysis, name, problem.field or ""), MAX_CANDIDATES)
    if problem.code in ("unreachable", "too_few_inputs"):
        yield from islice(_edges_into(analysis, name), MAX_CANDIDATES)
    if problem.code == "dead_end":
        yield from _ways_on(analysis, name)
    if problem.code in MISPLACED and (moved := better_place(analysis, name, MAX_PLACES)) is not None:
        yield moved
    yield from _edges_to_cut(analysis, problem, name)
    if problem.code in MISPLACED:
        for gone in [name, *(placed.sources if placed is not None else _feeding(analysis, name))]:
            if gone not in analysis.places:
                yield RemoveComponent(gone, f"Remove {analysis.name_of(gone)}")


def _at_the_open_end(analysis: Analysis, problem: Problem) -> Iterator[Fix]:
    """The missing board or output together with its edge, where some component waits for it."""
    fix = problem.fix
    if not isinstance(fix, AddComponent):
        return
    waiting = "dead_end" if problem.code == "no_output" else "unreachable"
    ends = [other.component_id for other in analysis.problems if other.code == waiting]
    if problem.code == "no_output":
        block = BLOCK_BY_TYPE[fix.type]()
        top = analysis.places[None].order
        ends += [name for name in reversed(top) if name in analysis.signals and suits(block, (analysis.signals[name],), analysis)]
    for end in islice(dict.fromkeys(ends), MAX_CANDIDATES):
        yield msgspec.structs.replace(fix, **{"source" if problem.code == "no_output" else "target": end})


def _suiting_values(analysis: Analysis, placed: Placed, problem: Problem) -> Iterator[Fix]:
    """The value of a property that suits what arrives, where the property is out of bounds as well."""
    if problem not in placed.item.problems:
        return
    site = msgspec.structs.replace(placed.site, name_of=analysis.name_of)
    for found in placed.block.check(site):
        if isinstance(found.fix, SetProperty) and found.fix.field == problem.field:
            yield found.fix


def _default_value(analysis: Analysis, fix: SetProperty) -> Iterator[Fix]:
    """A property as it is when left out; of a value far out of bounds the nearest bound is seldom what was meant."""
    component = analysis.resolved[fix.component_id].component
    block = BLOCK_BY_TYPE[component.type]
    rule = properties_of(block)[fix.field]
    value = getattr(analysis.design.meta, fix.field) if fix.field in meta_fields(block) else rule.default
    if value is not None and value != fix.value:
        yield SetProperty(fix.component_id, fix.field, value, f"Set {fix.field} to {_text(value)}")


def _other_definitions(analysis: Analysis, name: str, field: str) -> Iterator[Fix]:
    """A link to another component of the same block that has content."""
    block_type = analysis.resolved[name].component.type
    for other, members in analysis.places.items():
        if other not in (None, name) and members.inputs_of and analysis.resolved[other].component.type == block_type:
            yield SetProperty(name, field, other, f"Link it to {analysis.name_of(other)}")


def _feeding(analysis: Analysis, name: str) -> list[str]:
    return analysis.places[analysis.resolved[name].component.inside].inputs_of[name]


def _other_sources(analysis: Analysis, placed: Placed) -> Iterator[Fix]:
    """One property of a component before this one that makes what arrives suit it."""
    for index, source in enumerate(placed.sources):
        before = analysis.placed.get(_maker(analysis, source))
        if before is None or before.item.problems:
            continue
        for fix, signal in _variants(analysis, before, placed.inputs):
            inputs = (*placed.inputs[:index], signal, *placed.inputs[index + 1 :])
            if signal != placed.inputs[index] and suits(placed.block, inputs, analysis):
                yield fix


def _maker(analysis: Analysis, name: str) -> str:
    """The component that decides the form of what leaves another one: seen through those that give what they get."""
    while (placed := analysis.placed.get(name)) is not None and len(placed.sources) == 1:
        if placed.signal is None or placed.signal != placed.inputs[0]:
            break
        name = placed.sources[0]
    return name


def _variants(analysis: Analysis, placed: Placed, wanted: tuple[Signal, ...]) -> Iterator[tuple[Fix, Signal]]:
    """What would leave a component with another value of one of its properties: a choice, a switch, a width asked for."""
    block, site = placed.block, placed.site
    if block.container or block.recomputes_source:
        return
    widths = [width_of(signal) for signal in wanted if signal.kind == "values"]
    for name, rule in properties_of(type(block)).items():
        values: list[object] = [*(rule.choices or []), *([True, False] if rule.type == "boolean" else [])]
        values += widths if rule.type == "integer" else []
        for value in dict.fromkeys(values):
            changed = None if value == getattr(block, name) else with_value(block, name, value)
            signal = None if changed is None else _leaving(changed, placed)
            if signal is not None and signal != placed.signal:
                label = f"Set {name} of {analysis.name_of(site.component_id)} to {_text(value)}"
                yield SetProperty(site.component_id, name, value, label), signal


def _leaving(block: Block, placed: Placed) -> Signal | None:
    site = placed.site
    return None if block.check(site) else block.output(site)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _edges_into(analysis: Analysis, name: str) -> Iterator[Fix]:
    """An edge from what suits a component that wants an input, the nearest to the end of the drawing first."""
    item = analysis.resolved[name]
    graph = analysis.places[item.component.inside]
    given = [analysis.signals.get(source) for source in graph.inputs_of[name]]
    if item.block is None or None in given:
        return
    for source in reversed(graph.order):
        signal = analysis.signals.get(source)
        if signal is None or source == name or source in graph.inputs_of[name]:
            continue
        if suits(item.block, (*(known for known in given if known is not None), signal), analysis):
            yield AddEdge(source, name, f"Connect {analysis.name_of(source)} to it")


def _ways_on(analysis: Analysis, name: str) -> Iterator[Fix]:
    """An edge from a dead end to what can take it, or the dead end removed where the drawing works without it."""
    graph = analysis.places[None]
    if name in analysis.signals and not graph.cycles:
        for target in islice(reconnect_targets(graph, analysis.resolved, name), MAX_CANDIDATES):
            block = analysis.resolved[target].block
            inputs = [analysis.signals.get(source) for source in [*graph.inputs_of[target], name]]
            known = tuple([signal for signal in inputs if signal is not None])
            if block is not None and len(known) == len(inputs) and suits(block, known, analysis):
                yield AddEdge(name, target, f"Connect it to {analysis.name_of(target)}")
    if (gone := removal(analysis.places, analysis.resolved, name, analysis.name_of)) is not None:
        yield gone


def _edges_to_cut(analysis: Analysis, problem: Problem, name: str) -> Iterator[Fix]:
    """One of the edges that together are too many, or in a cycle, or bring what does not fit."""
    graph = analysis.places[analysis.resolved[name].component.inside]
    edges: list[tuple[str, str]] = []
    if problem.code in ("too_many_inputs", "shape_mismatch") and len(graph.inputs_of[name]) > 1:
        edges = [(source, name) for source in reversed(graph.inputs_of[name])]
    if problem.code == "cycle":
        walk = next((walk for walk in graph.cycles if walk[0] == name), [])
        edges = list(zip(walk, [*walk[1:], *walk[:1]], strict=True))
    for source, target in edges[:MAX_CANDIDATES]:
        yield RemoveEdge(source, target, f"Remove the edge from {analysis.name_of(source)} to {analysis.name_of(target)}")
