"""Takes compiles for the server: the verdict first, then one proof at a time, off the event loop."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from backend.designs.verdict import require_valid
from backend.threads import in_passing
from shared_py.design import ModelArchitecture
from shared_py.protocol import CompileResult

Compile = Callable[[ModelArchitecture, Path], CompileResult]


class CompileDesk:
    """Compiles designs one after another, so that many requests do not become many processes."""

    def __init__(self, compile_design: Compile, generated_dir: Path) -> None:
        self._compile_design = compile_design
        self._generated_dir = generated_dir
        self._turn = asyncio.Lock()

    async def compile(self, design: ModelArchitecture) -> CompileResult:
        """Write and prove a design's module; raises InvalidDesign with the whole verdict, CompileFailed or ProcessFailed."""
        await asyncio.to_thread(require_valid, design)
        async with self._turn:
            return await in_passing(self._compile_design, design, self._generated_dir)
