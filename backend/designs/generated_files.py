"""Generated text on disk: one file a design, written whole; no torch."""

import os
import tempfile
from pathlib import Path

from backend.designs.validation import require_valid
from shared_py.codegen import generate_source
from shared_py.design import ModelArchitecture
from shared_py.protocol import GeneratedSource


def write_generated(design: ModelArchitecture, generated_dir: Path) -> GeneratedSource:
    """Write a valid design's module to `generated_dir/<id>.py`, the old file or the new one but never half; InvalidDesign."""
    require_valid(design)
    generated = generate_source(design)
    generated_dir.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=generated_dir, prefix=f".{design.id}.", suffix=".new")
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(generated.source)
        unfinished.replace(generated_dir / f"{design.id}.py")
    except BaseException:
        unfinished.unlink()
        raise
    return generated
