"""Compiles an analysed design: writes its module and has it checked in another process, since that needs torch."""

from pathlib import Path

from backend.designs.generated_files import write_generated
from backend.errors import CompileFailed, ProcessFailed
from backend.process.hardware import usable_memory_bytes
from backend.process.process import run_in_process
from shared_py.analysis import Analysis
from shared_py.protocol import Check, CompileResult, GeneratedSource
from shared_py.validation import millions

TIMEOUT_S = 120.0
MEMORY_SHARE = 0.5
"""of the machine's memory, for the checks; the server and a run need the rest"""
RUN_CHECKS = "backend.compile.checks:run_checks"
PACKAGE = "backend.models.generated"


def compile_design(analysis: Analysis, generated_dir: Path, memory_share: float = MEMORY_SHARE) -> CompileResult:
    """Write and check the module of a valid design; blocks for about a second.

    CompileFailed names the checks that failed; ProcessFailed if the checks were cut short, also where they would take more than
    `memory_share` of the machine's memory.
    """
    design, parameters = analysis.design, analysis.sizes.parameters
    generated = write_generated(analysis, generated_dir)
    max_bytes = int(memory_share * usable_memory_bytes())
    checks = _run_checks(design.id, generated, parameters, generated_dir, max_bytes)
    failed = [check for check in checks if not check.passed]
    if failed:
        sentence = "; ".join(f"{check.name}: {check.detail}" for check in failed)
        raise CompileFailed(f"the generated module failed a check: {sentence}", errors=checks)
    return CompileResult(
        import_path=f"{PACKAGE}.{design.id}",
        paramCount=millions(parameters),
        config=generated.config,
        parameters=parameters,
        source=generated.source,
        design_hash=generated.design_hash,
        checks=checks,
    )


def _run_checks(design_id: str, generated: GeneratedSource, parameters: int, generated_dir: Path, max_bytes: int) -> list[Check]:
    """Run the checks in a process of their own that may take so much memory."""
    arguments = (design_id, str(generated_dir), generated.design_hash, generated.config, parameters)
    try:
        checks: list[Check] = run_in_process(RUN_CHECKS, *arguments, timeout_s=TIMEOUT_S, memory_limit_bytes=max_bytes)
    except ProcessFailed as error:
        raise ProcessFailed(_sentence_for(error, max_bytes), cause=error.cause) from error
    return checks


def _sentence_for(error: ProcessFailed, max_bytes: int) -> str:
    match error.cause:
        case "memory":
            limit = f"{max_bytes / 1e9:.3g} GB, half of this machine's memory"
            return f"the network is too large to be checked here: it may take {limit}"
        case "time":
            return f"the network could not be checked in {TIMEOUT_S:g} s: use a smaller one, or try again when less else runs"
        case "killed":
            return f"the check of the network was ended from outside, which says nothing about the network: {error.detail}"
        case _:
            return error.detail
