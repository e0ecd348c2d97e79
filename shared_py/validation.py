"""The verdict on a drawing; the same on the phone and on the server, to the last parameter."""

from typing import Any

import msgspec

from shared_py.analysis import Analysis, analyse
from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.decoding import read_design
from shared_py.design import ModelArchitecture
from shared_py.estimation import BYTES_PER_MEGABYTE, NOTHING_ESTIMATED, Estimate, estimate
from shared_py.graph import reachable_from
from shared_py.problems import Problem
from shared_py.protocol import ConnectionVerdict, ValidationResult

MAX_PARAMETERS = 100_000_000
"""a network beyond this is refused: no phone could play it, and a small server could not hold it while training"""


def validate_design(design: ModelArchitecture) -> ValidationResult:
    """Find every problem of a design and its exact sizes; never raises."""
    return result_of(analyse(design))


def validate_document(raw: Any) -> ValidationResult:
    """Find every problem of decoded JSON that should be a design, those of its form included; never raises."""
    design, faults = read_design(raw)
    if design is None:
        return _verdict(None, faults, NOTHING_ESTIMATED)
    analysis = analyse(design)
    return _verdict(design, [*faults, *analysis.problems], estimate(analysis))


def result_of(analysis: Analysis) -> ValidationResult:
    """Put an analysis into the form of the wire."""
    return _verdict(analysis.design, analysis.problems, estimate(analysis))


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
    if source in reachable_from([target], before.graph.outputs_of):
        return ConnectionVerdict(False, "That would run in a circle")
    after = analyse(msgspec.structs.replace(design, edges=[*design.edges, (source, target)]))
    grave = ("shape_mismatch", "experts_differ", "too_many_inputs", "nothing_to_recompute", "nothing_leaves")
    old = {(problem.code, problem.component_id) for problem in before.problems}
    for problem in after.problems:
        if problem.code in grave and (problem.code, problem.component_id) not in old:
            return ConnectionVerdict(False, sentence(after.design, problem))
    return ConnectionVerdict(True)


def sentence(design: ModelArchitecture | None, problem: Problem) -> str:
    """Say a problem in full: which block, which component, what is wrong."""
    if problem.component_id is None:
        return problem.message[:1].upper() + problem.message[1:] if problem.message else problem.code
    types = {component.id: component.type for component in design.components} if design else {}
    block = BLOCK_BY_TYPE.get(types.get(problem.component_id, ""))
    return f"{block.title if block else 'Component'} {problem.component_id}: {problem.message}"


def _verdict(design: ModelArchitecture | None, problems: list[Problem], sizes: Estimate) -> ValidationResult:
    if sizes.parameters > MAX_PARAMETERS:
        message = f"The network has {sizes.parameters:,} parameters; at most {MAX_PARAMETERS:,} can be trained here"
        problems = [Problem("too_large", message, expected=str(MAX_PARAMETERS), received=str(sizes.parameters)), *problems]
    return ValidationResult(
        valid=not problems,
        paramCount=round(sizes.parameters / 1e6, 2),
        estimatedMemory=round(sizes.memory.training / BYTES_PER_MEGABYTE),
        errors=[sentence(design, problem) for problem in problems],
        problems=problems,
        parameters=sizes.parameters,
        active_parameters=sizes.active_parameters,
        flops=sizes.flops,
        blocks=sizes.blocks,
        warnings=[],
        memory=sizes.memory,
    )
