"""Writes the generated text of a design to disk, one file for each design; no torch."""

from pathlib import Path

from backend.process.durable import write_atomically
from shared_py.analysis import Analysis
from shared_py.codegen import source_of
from shared_py.protocol import GeneratedSource


def write_generated(analysis: Analysis, generated_dir: Path) -> GeneratedSource:
    """Write the module of a valid design to `generated_dir/<id>.py`, the old file or the new one but never half of one."""
    generated = source_of(analysis)
    generated_dir.mkdir(parents=True, exist_ok=True)
    write_atomically(generated_dir / f"{analysis.design.id}.py", generated.source.encode())
    return generated
