"""The verdict on a drawing; the same on the phone and on the server, to the last parameter."""

from collections.abc import Sequence
from typing import Any

import msgspec

from shared_py.analysis import Analysis, analyse
from shared_py.decoding import read_design, read_text
from shared_py.design import ModelArchitecture
from shared_py.document_fields import loses_content
from shared_py.estimation import BYTES_PER_MEGABYTE, NOTHING_ESTIMATED, Estimate, estimate
from shared_py.fixes import with_fixes
from shared_py.graph import reachable_from
from shared_py.naming import NameOf, names_of
from shared_py.problems import Problem
from shared_py.protocol import ConnectionVerdict, ValidationResult

UNFINISHED = frozenset({"dead_end", "unreachable", "too_few_inputs", "empty", "no_exit", "many_exits"})
"""problems of a drawing that is not finished; they are no reason against an edge"""

MAY_FOLLOW = UNFINISHED | {
    "no_input",
    "no_output",
    "shape_mismatch",
    "experts_differ",
    "groups_do_not_divide",
    "no_class_token",
    "no_definition",
    "out_of_reach",
    "crosses_border",
    "not_a_container",
    "not_inside",
    "nothing_to_recompute",
}
"""problems that may have no other cause than a part of the document that could not be read"""


def validate_design(design: ModelArchitecture) -> ValidationResult:
    """Find every problem of a design and its exact sizes; never raises."""
    return result_of(analyse(design))


def validate_document(raw: Any) -> ValidationResult:
    """Find every problem of decoded JSON that should be a design, those of its form included; never raises."""
    design, faults = read_design(raw)
    return _judged(design, faults)


def validate_text(text: bytes | str) -> ValidationResult:
    """Find every problem of JSON text that should be a design, whatever it is; never raises."""
    try:
        design, faults = read_text(text)
    except (msgspec.DecodeError, RecursionError) as error:
        return _verdict(None, [Problem("malformed", f"not a design: {error}")], NOTHING_ESTIMATED)
    return _judged(design, faults)


def _judged(design: ModelArchitecture | None, faults: list[Problem]) -> ValidationResult:
    """Judge what could be read of a document.

    Where a part of it could not be read, problems that may follow from its absence are left out.
    """
    if design is None:
        return _verdict(None, faults, NOTHING_ESTIMATED)
    analysis = analyse(design)
    if not any(loses_content(fault) for fault in faults):
        return result_of(analysis, faults)
    independent = [problem for problem in analysis.problems if problem.code not in MAY_FOLLOW]
    return _verdict(design, [*faults, *independent], estimate(analysis), analysis.warnings)


def result_of(analysis: Analysis, faults: Sequence[Problem] = ()) -> ValidationResult:
    """Put an analysis, and what was wrong with the document, into the form of the wire."""
    return _verdict(analysis.design, [*faults, *with_fixes(analysis)], estimate(analysis), analysis.warnings)


def check_connection(design: ModelArchitecture, source: str, target: str) -> ConnectionVerdict:
    """Say whether an edge may be drawn, and if not, why: the first problem it would bring."""
    known = {component.id for component in design.components}
    if source not in known or target not in known:
        return ConnectionVerdict(False, f"There is no component {target if source in known else source}")
    if source == target:
        return ConnectionVerdict(False, "A block cannot feed itself")
    if (source, target) in design.edges:
        return ConnectionVerdict(False, "They are connected already")
    before = analyse(design)
    graph = next(graph for graph in before.places.values() if source in graph.outputs_of)
    if target not in graph.outputs_of:
        return ConnectionVerdict(False, "They do not lie in the same place")
    if source in reachable_from([target], graph.outputs_of):
        return ConnectionVerdict(False, "That would run in a circle")
    after = analyse(msgspec.structs.replace(design, edges=[*design.edges, (source, target)]))
    old = {(problem.code, problem.component_id) for problem in before.problems}
    for problem in after.problems:
        if problem.code not in UNFINISHED and (problem.code, problem.component_id) not in old:
            return ConnectionVerdict(False, sentences(after.design, [problem])[0])
    return ConnectionVerdict(True)


def sentences(design: ModelArchitecture | None, problems: Sequence[Problem]) -> list[str]:
    """Say problems in full: which block, which component, what is wrong."""
    name_of = names_of(design)
    return [_sentence(name_of, problem) for problem in problems]


def _sentence(name_of: NameOf, problem: Problem) -> str:
    if problem.component_id is None:
        return problem.message[:1].upper() + problem.message[1:] if problem.message else problem.code
    return f"{name_of(problem.component_id)}: {problem.message}"


def millions(parameters: int) -> float:
    """A number of parameters in millions, with two decimals: `paramCount` on the wire."""
    return round(parameters / 1e6, 2)


def _verdict(
    design: ModelArchitecture | None, problems: list[Problem], sizes: Estimate, warnings: Sequence[Problem] = ()
) -> ValidationResult:
    return ValidationResult(
        valid=not problems,
        paramCount=millions(sizes.parameters),
        estimatedMemory=round(sizes.memory.training / BYTES_PER_MEGABYTE),
        errors=sentences(design, problems),
        problems=problems,
        parameters=sizes.parameters,
        active_parameters=sizes.active_parameters,
        flops=sizes.flops,
        blocks=sizes.blocks,
        warnings=list(warnings),
        memory=sizes.memory,
    )
