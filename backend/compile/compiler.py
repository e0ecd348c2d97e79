"""Compiles a design: validate, write, prove; what needs torch happens in another process."""

from pathlib import Path

from backend.compile.generated_files import write_generated
from backend.designs.verdict import require_valid
from backend.errors import CompileFailed
from backend.processes import run_in_process
from shared_py.design import ModelArchitecture
from shared_py.protocol import Check, CompileResult

TIMEOUT_S = 120.0
PACKAGE = "backend.models.generated"


def compile_design(design: ModelArchitecture, generated_dir: Path) -> CompileResult:
    """Write and prove a design's module; blocks for about a second.

    InvalidDesign if it has problems, CompileFailed naming the proofs that failed, ProcessFailed if proving was cut short.
    """
    verdict = require_valid(design)
    generated = write_generated(design, generated_dir)
    checks: list[Check] = run_in_process(
        "backend.compile.prover:prove",
        design.id,
        str(generated_dir),
        generated.design_hash,
        generated.config,
        verdict.parameters,
        timeout_s=TIMEOUT_S,
    )
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
