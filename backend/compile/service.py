"""Takes compiles for the server: the verdict first, then the proofs, client by client, off the event loop."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from backend.compile.compiler import MEMORY_SHARE
from backend.designs.validation import require_valid
from backend.errors import ProcessFailed
from backend.process.threads import run_detached
from backend.turns import Turns
from shared_py.design import ModelArchitecture
from shared_py.protocol import CompileResult

Compile = Callable[[ModelArchitecture, Path, float], CompileResult]
AT_ONCE = 2
"""proofs at once, of two clients: the short one of a person does not wait for the long one of another"""
SECOND_SHARE = MEMORY_SHARE / 2
"""of the machine's memory, for a proof that begins beside another"""


class CompileService:
    """Compiles designs in turn, so that many requests do not become many processes."""

    def __init__(self, compile_design: Compile, generated_dir: Path) -> None:
        self._compile_design = compile_design
        self._generated_dir = generated_dir
        self._turns = Turns(AT_ONCE)

    async def compile(self, design: ModelArchitecture, client: str = "") -> CompileResult:
        """Write and prove a design's module; raises InvalidDesign with the whole verdict, CompileFailed or ProcessFailed.

        Cancelling it ends the proof, or takes it out of the queue. A proof that finds too little memory beside another is done
        again when nothing else runs.
        """
        await asyncio.to_thread(require_valid, design)
        async with self._turns.turn(client, design.id) as is_alone:
            try:
                return await self._run_checks(design, MEMORY_SHARE if is_alone else SECOND_SHARE)
            except ProcessFailed as error:
                if is_alone or error.cause != "memory":
                    raise
        async with self._turns.turn(client, design.id, is_alone=True):
            return await self._run_checks(design, MEMORY_SHARE)

    async def _run_checks(self, design: ModelArchitecture, memory_share: float) -> CompileResult:
        return await run_detached(self._compile_design, design, self._generated_dir, memory_share)
