"""Chooses the fix of each problem: the first candidate that solves it and leaves the whole design with fewer problems."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import msgspec

from shared_py.analysis import Analysis, InferredNode, accepts, analyse
from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.blocks.base import Block
from shared_py.connectivity import reconnect_targets, remove_fix
from shared_py.edge_edits import with_fix
from shared_py.placement import better_place
from shared_py.problems import (
    AddComponent,
    AddEdge,
    Fix,
    MoveComponent,
    Problem,
    RemoveComponent,
    RemoveEdge,
    SetProperty,
    label,
)
from shared_py.properties import properties_of, with_value
from shared_py.resolution import meta_fields
from shared_py.shapes import Signal, width_of

_ENCODER = msgspec.json.Encoder()
MAX_WORK = 800
"""components analysed to try fixes, in all designs together; beyond it the first candidate is offered untried"""
MIN_JUDGED = 4
"""fixes tried however large the design is"""
MAX_CANDIDATES = 8
"""of one kind for one problem"""
MAX_PLACES = 6
"""wirings tried to move one component"""
MISPLACED = frozenset({"shape_mismatch", "unreachable", "nothing_leaves", "no_class_token", "nothing_to_recompute"})
"""problems that connecting the component elsewhere may solve"""
STARTS = frozenset({"no_input", "no_output"})
"""problems whose fix is a new component; in an empty design it is offered though as many problems remain"""


def with_fixes(analysis: Analysis) -> list[Problem]:
    """Give each problem its first acceptable fix: one that solves it and leaves fewer problems in total.

    In an empty design (`STARTS`) as many problems may remain. If trying all would take too long, the remaining problems keep
    their first fix untested.
    """
    return list(_fixed(_DesignKey(analysis))) if analysis.problems else []


class _DesignKey:
    """An analysis as a cache key: equal for designs that differ only in names and canvas positions."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        design = analysis.design
        parts = [(component.id, component.type, component.props, component.inside) for component in design.components]
        self.key = _ENCODER.encode((design.meta, parts, design.edges))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _DesignKey) and self.key == other.key


@lru_cache(maxsize=8)
def _fixed(key_of_design: _DesignKey) -> tuple[Problem, ...]:
    """The problems with their fixes, chosen once while blocks are only moved on the canvas."""
    search = _FixSearch(key_of_design.analysis)
    return tuple([search.with_tested_fix(problem) for problem in key_of_design.analysis.problems])


class _FixSearch:
    """Tries fixes on the design, as many as the time allows."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.left = max(MIN_JUDGED, MAX_WORK // (len(analysis.design.components) + 1))

    def with_tested_fix(self, problem: Problem) -> Problem:
        """The problem with the first acceptable fix, or with none."""
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
    """What identifies a problem, whatever its fix."""
    return problem.code, problem.component_id, problem.field, problem.message


def _candidates(analysis: Analysis, problem: Problem) -> Iterator[Fix]:
    """Fixes of a problem, those that change least first."""
    name = problem.component_id
    if problem.code in STARTS:
        yield from _component_at_open_end(analysis, problem)
    if problem.fix is not None:
        yield problem.fix
    if name is None or name not in analysis.resolved:
        return
    node = analysis.nodes.get(name)
    if node is not None:
        yield from _accepted_values(analysis, node, problem)
    if isinstance(problem.fix, SetProperty) and problem in analysis.resolved[name].problems:
        yield from _default_value(analysis, problem.fix)
    if problem.code == "shape_mismatch" and node is not None:
        yield from _other_sources(analysis, node)
    if problem.code == "no_definition":
        yield from islice(_other_definitions(analysis, name, problem.field or ""), MAX_CANDIDATES)
    if problem.code in ("unreachable", "too_few_inputs"):
        yield from islice(_edges_into(analysis, name), MAX_CANDIDATES)
    if problem.code == "dead_end":
        yield from _fixes_of_dead_end(analysis, name)
    if problem.code in MISPLACED and (moved := better_place(analysis, name, MAX_PLACES)) is not None:
        yield moved
    yield from _edges_to_cut(analysis, problem, name)
    if problem.code in MISPLACED:
        for gone in [name, *(node.sources if node is not None else _sources_of(analysis, name))]:
            if gone not in analysis.graphs:
                yield RemoveComponent(gone, **label("remove", component=analysis.name_of(gone)))


def _component_at_open_end(analysis: Analysis, problem: Problem) -> Iterator[Fix]:
    """The missing input or output together with its edge, where some component needs one."""
    fix = problem.fix
    if not isinstance(fix, AddComponent):
        return
    waiting = "dead_end" if problem.code == "no_output" else "unreachable"
    ends = [other.component_id for other in analysis.problems if other.code == waiting]
    if problem.code == "no_output":
        block = BLOCK_BY_TYPE[fix.type]()
        top = analysis.graphs[None].order
        ends += [
            name for name in reversed(top) if name in analysis.signals and accepts(block, (analysis.signals[name],), analysis)
        ]
    for end in islice(dict.fromkeys(ends), MAX_CANDIDATES):
        yield msgspec.structs.replace(fix, **{"source" if problem.code == "no_output" else "target": end})


def _accepted_values(analysis: Analysis, node: InferredNode, problem: Problem) -> Iterator[Fix]:
    """The value of a property that suits the inputs, where the property is out of bounds as well."""
    if problem not in node.item.problems:
        return
    context = msgspec.structs.replace(node.context, name_of=analysis.name_of)
    for found in node.block.check(context):
        if isinstance(found.fix, SetProperty) and found.fix.field == problem.field:
            yield found.fix


def _default_value(analysis: Analysis, fix: SetProperty) -> Iterator[Fix]:
    """The default of a property: for a value far out of bounds, the nearest bound is seldom what was meant."""
    component = analysis.resolved[fix.component_id].component
    block = BLOCK_BY_TYPE[component.type]
    rule = properties_of(block)[fix.field]
    value = getattr(analysis.design.meta, fix.field) if fix.field in meta_fields(block) else rule.default
    if value is not None and value != fix.value:
        yield SetProperty(fix.component_id, fix.field, value, **label("set", field=fix.field, value=value))


def _other_definitions(analysis: Analysis, name: str, field: str) -> Iterator[Fix]:
    """A link to another component of the same block that has content."""
    block_type = analysis.resolved[name].component.type
    for other, members in analysis.graphs.items():
        if other not in (None, name) and members.inputs_of and analysis.resolved[other].component.type == block_type:
            yield SetProperty(name, field, other, **label("link", target=analysis.name_of(other)))


def _sources_of(analysis: Analysis, name: str) -> list[str]:
    return analysis.graphs[analysis.resolved[name].component.inside].inputs_of[name]


def _other_sources(analysis: Analysis, node: InferredNode) -> Iterator[Fix]:
    """One property of an earlier component with which the input has the right shape."""
    for index, source in enumerate(node.sources):
        before = analysis.nodes.get(_shape_source(analysis, source))
        if before is None or before.item.problems:
            continue
        for fix, signal in _variants(analysis, before, node.inputs):
            inputs = (*node.inputs[:index], signal, *node.inputs[index + 1 :])
            if signal != node.inputs[index] and accepts(node.block, inputs, analysis):
                yield fix


def _shape_source(analysis: Analysis, name: str) -> str:
    """The component that determines the shape of an output, seen through those that keep the shape of their input."""
    while (node := analysis.nodes.get(name)) is not None and len(node.sources) == 1:
        if node.signal is None or node.signal != node.inputs[0]:
            break
        name = node.sources[0]
    return name


def _variants(analysis: Analysis, node: InferredNode, wanted: tuple[Signal, ...]) -> Iterator[tuple[Fix, Signal]]:
    """The outputs of a component with another value of one property: a choice, a switch, or a width that is needed."""
    block, context = node.block, node.context
    if block.container or block.recomputes_source:
        return
    widths = [width_of(signal) for signal in wanted if signal.kind == "values"]
    for name, rule in properties_of(type(block)).items():
        values: list[object] = [*(rule.choices or []), *([True, False] if rule.type == "boolean" else [])]
        values += widths if rule.type == "integer" else []
        for value in dict.fromkeys(values):
            changed = None if value == getattr(block, name) else with_value(block, name, value)
            signal = None if changed is None else _output_of(changed, node)
            if signal is not None and signal != node.signal:
                words = label("set_of", field=name, component=analysis.name_of(context.component_id), value=value)
                yield SetProperty(context.component_id, name, value, **words), signal


def _output_of(block: Block, node: InferredNode) -> Signal | None:
    context = node.context
    return None if block.check(context) else block.output(context)


def _edges_into(analysis: Analysis, name: str) -> Iterator[Fix]:
    """An edge from a component whose output fits one without an input, the nearest to the end of the design first."""
    item = analysis.resolved[name]
    graph = analysis.graphs[item.component.inside]
    given = [analysis.signals.get(source) for source in graph.inputs_of[name]]
    if item.block is None or None in given:
        return
    for source in reversed(graph.order):
        signal = analysis.signals.get(source)
        if signal is None or source == name or source in graph.inputs_of[name]:
            continue
        if accepts(item.block, (*(known for known in given if known is not None), signal), analysis):
            yield AddEdge(source, name, **label("connect_from", source=analysis.name_of(source)))


def _fixes_of_dead_end(analysis: Analysis, name: str) -> Iterator[Fix]:
    """An edge from a dead end to a component that accepts it, or its removal where the design is complete without it."""
    graph = analysis.graphs[None]
    if name in analysis.signals and not graph.cycles:
        for target in islice(reconnect_targets(graph, analysis.resolved, name), MAX_CANDIDATES):
            block = analysis.resolved[target].block
            inputs = [analysis.signals.get(source) for source in [*graph.inputs_of[target], name]]
            known = tuple([signal for signal in inputs if signal is not None])
            if block is not None and len(known) == len(inputs) and accepts(block, known, analysis):
                yield AddEdge(name, target, **label("connect_to", target=analysis.name_of(target)))
    if (gone := remove_fix(analysis.graphs, analysis.resolved, name, analysis.name_of)) is not None:
        yield gone


def _edges_to_cut(analysis: Analysis, problem: Problem, name: str) -> Iterator[Fix]:
    """One of the edges that are too many, form a cycle, or carry the wrong shape."""
    graph = analysis.graphs[analysis.resolved[name].component.inside]
    edges: list[tuple[str, str]] = []
    if problem.code in ("too_many_inputs", "shape_mismatch") and len(graph.inputs_of[name]) > 1:
        edges = [(source, name) for source in reversed(graph.inputs_of[name])]
    if problem.code == "cycle":
        walk = next((walk for walk in graph.cycles if walk[0] == name), [])
        edges = list(zip(walk, [*walk[1:], *walk[:1]], strict=True))
    for source, target in edges[:MAX_CANDIDATES]:
        words = label("remove_edge", source=analysis.name_of(source), target=analysis.name_of(target))
        yield RemoveEdge(source, target, **words)
