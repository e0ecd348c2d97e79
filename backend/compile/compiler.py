"""Compiles a design: validate, write, prove; what needs torch happens in another process."""

from pathlib import Path
from typing import Any

from backend.designs.generated_files import write_generated
from backend.designs.validation import require_valid
from backend.errors import CompileFailed, ProcessFailed
from backend.process.hardware import usable_memory_bytes
from backend.process.process import run_in_process
from shared_py.design import ModelArchitecture
from shared_py.protocol import Check, CompileResult

TIMEOUT_S = 120.0
MEMORY_SHARE = 0.5
"""of the machine's memory, for the proofs; the server and a run need the rest"""
PROVE = "backend.compile.checks:run_checks"
PACKAGE = "backend.models.generated"


def compile_design(design: ModelArchitecture, generated_dir: Path, memory_share: float = MEMORY_SHARE) -> CompileResult:
    """Write and prove a design's module; blocks for about a second.

    InvalidDesign if it has problems, CompileFailed naming the proofs that failed, ProcessFailed if proving was cut short, also
    where it would take more than `memory_share` of the machine's memory.
    """
    verdict = require_valid(design)
    generated = write_generated(design, generated_dir)
    most = int(memory_share * usable_memory_bytes())
    checks = _run_checks(most, design.id, str(generated_dir), generated.design_hash, generated.config, verdict.parameters)
    failed = [check for check in checks if not check.passed]
    if failed:
        sentence = "; ".join(f"{check.name}: {check.detail}" for check in failed)
        raise CompileFailed(f"the generated module failed a proof: {sentence}", errors=checks)
    return CompileResult(
        import_path=f"{PACKAGE}.{design.id}",
        paramCount=verdict.paramCount,
        config=generated.config,
        parameters=verdict.parameters,
        source=generated.source,
        design_hash=generated.design_hash,
        checks=checks,
    )


def _run_checks(most_bytes: int, *asked: Any) -> list[Check]:
    """Call the prover in a process of its own that may not take all memory."""
    try:
        checks: list[Check] = run_in_process(PROVE, *asked, timeout_s=TIMEOUT_S, memory_limit_bytes=most_bytes)
    except ProcessFailed as error:
        raise ProcessFailed(_sentence_for(error, most_bytes), cause=error.cause) from error
    return checks


def _sentence_for(error: ProcessFailed, most_bytes: int) -> str:
    match error.cause:
        case "memory":
            most = f"{most_bytes / 1e9:.3g} GB, half of this machine's memory"
            return f"the network is too large to be proved here: it may take {most}"
        case "time":
            return f"the network could not be proved in {TIMEOUT_S:g} s: a smaller one can, or this one when less else runs"
        case "killed":
            return f"the check of the network was ended from outside, which says nothing about the network: {error.detail}"
        case _:
            return error.detail
