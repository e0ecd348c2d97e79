"""Validation of a design, the same on the phone and on the server, to the last parameter."""

from collections.abc import Sequence
from typing import Any

import msgspec

from shared_py.algorithms import Algorithm, algorithms_for
from shared_py.analysis import Analysis, analyse
from shared_py.decoding import read_design, read_text
from shared_py.design import ModelArchitecture
from shared_py.document_fields import loses_content
from shared_py.edge_rules import edge_refusal
from shared_py.estimation import BYTES_PER_MEGABYTE, NOTHING_ESTIMATED, Estimate, estimate
from shared_py.fixes import with_fixes
from shared_py.naming import NameOf, names_of
from shared_py.problems import Problem, make_problem
from shared_py.protocol import ConnectionCheck, ValidationResult
from shared_py.training_config import TrainConfig

UNFINISHED = frozenset({"dead_end", "unreachable", "too_few_inputs", "empty", "no_exit", "many_exits"})
"""problems of an unfinished design; they do not forbid an edge"""

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
    return _validate_read(design, faults)


def validate_text(text: bytes | str) -> ValidationResult:
    """Find every problem of JSON text that should be a design, whatever it is; never raises."""
    try:
        design, faults = read_text(text)
    except (msgspec.DecodeError, RecursionError) as error:
        return _result(None, [make_problem("malformed", {"case": "not_json", "reason": str(error)})], NOTHING_ESTIMATED)
    return _validate_read(design, faults)


def _validate_read(design: ModelArchitecture | None, faults: list[Problem]) -> ValidationResult:
    """Validate what could be read of a document.

    Where a part of it could not be read, problems that may follow from its absence are left out.
    """
    if design is None:
        return _result(None, faults, NOTHING_ESTIMATED)
    analysis = analyse(design)
    if not any(loses_content(fault) for fault in faults):
        return result_of(analysis, faults)
    independent = [problem for problem in analysis.problems if problem.code not in MAY_FOLLOW]
    return _result(design, [*faults, *independent], estimate(analysis), analysis.warnings)


def result_of(analysis: Analysis, faults: Sequence[Problem] = ()) -> ValidationResult:
    """The result of an analysis, with the problems of the document, as it is sent."""
    algorithms = algorithms_for(has_policy="policy" in analysis.roles or "value" not in analysis.roles)
    estimated = estimate(analysis, TrainConfig(algorithm=algorithms[0].name))
    return _result(analysis.design, [*faults, *with_fixes(analysis)], estimated, analysis.warnings, algorithms)


def check_connection(design: ModelArchitecture, source: str, target: str) -> ConnectionCheck:
    """Whether an edge may be drawn, and if not, why: the rule it breaks, or the first problem it would bring."""
    if (refusal := edge_refusal(design, source, target)) is not None:
        return ConnectionCheck(False, refusal.message, refusal)
    before = analyse(design)
    after = analyse(msgspec.structs.replace(design, edges=[*design.edges, (source, target)]))
    old = {(problem.code, problem.component_id) for problem in before.problems}
    for problem in after.problems:
        if problem.code not in UNFINISHED and (problem.code, problem.component_id) not in old:
            return ConnectionCheck(False, sentences(after.design, [problem])[0], problem)
    return ConnectionCheck(True)


def sentences(design: ModelArchitecture | None, problems: Sequence[Problem]) -> list[str]:
    """Problems as whole sentences that name the component."""
    name_of = names_of(design)
    return [_sentence(name_of, problem) for problem in problems]


def _sentence(name_of: NameOf, problem: Problem) -> str:
    if problem.component_id is None:
        return problem.message[:1].upper() + problem.message[1:] if problem.message else problem.code
    return f"{name_of(problem.component_id)}: {problem.message}"


def millions(parameters: int) -> float:
    """A number of parameters in millions, with two decimals: `paramCount` in results."""
    return round(parameters / 1e6, 2)


def _result(
    design: ModelArchitecture | None,
    problems: list[Problem],
    sizes: Estimate,
    warnings: Sequence[Problem] = (),
    algorithms: Sequence[Algorithm] = (),
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
        algorithms=[algorithm.name for algorithm in algorithms],
    )
