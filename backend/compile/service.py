"""Runs the compiles of the server: validates at once, then checks client by client, off the event loop."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from backend.compile.compiler import MEMORY_SHARE
from backend.designs.validation import require_valid
from backend.errors import ProcessFailed, TooBusy
from backend.process.foreground import Foreground
from backend.process.threads import run_detached
from backend.turns import Turns
from shared_py.analysis import Analysis
from shared_py.design import ModelArchitecture
from shared_py.protocol import CompileResult

Compile = Callable[[Analysis, Path, float], CompileResult]
AT_ONCE = 2
"""compiles at once, of two clients: a short one does not wait for the long one of somebody else"""
MAX_WAITING = 50
SECOND_SHARE = MEMORY_SHARE / 2
"""of the machine's memory, for a compile that starts beside another"""


class CompileService:
    """Compiles designs in turn, so that many requests do not become many processes."""

    def __init__(
        self,
        compile_design: Compile,
        generated_dir: Path,
        foreground: Foreground | None = None,
        *,
        at_once: int = AT_ONCE,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        """`foreground` is shared with everything else that people wait for."""
        self._max_waiting = max_waiting
        self._foreground = foreground or Foreground()
        self._compile_design = compile_design
        self._generated_dir = generated_dir
        self._turns = Turns(at_once)

    @property
    def waiting(self) -> int:
        """The number of compiles that wait for others."""
        return self._turns.waiting

    async def compile(self, design: ModelArchitecture, client: str = "") -> CompileResult:
        """Write and check a design's module; InvalidDesign with the whole result, CompileFailed, ProcessFailed or TooBusy.

        Cancelling it ends the checks, or takes it out of the queue. Where the checks find too little memory beside another
        compile, they are repeated when nothing else runs.
        """
        if self._turns.waiting >= self._max_waiting:
            raise TooBusy(
                f"{self._max_waiting} compiles wait already, which is the limit: try again in a moment, or start the server"
                " with a larger --waiting-compiles"
            )
        with self._foreground.work():
            return await self._compile(design, client)

    async def _compile(self, design: ModelArchitecture, client: str) -> CompileResult:
        analysis = await asyncio.to_thread(require_valid, design)
        async with self._turns.turn(client, design.id) as is_alone:
            try:
                return await self._run(analysis, MEMORY_SHARE if is_alone else SECOND_SHARE)
            except ProcessFailed as error:
                if is_alone or error.cause != "memory":
                    raise
        async with self._turns.turn(client, design.id, is_alone=True):
            return await self._run(analysis, MEMORY_SHARE)

    async def _run(self, analysis: Analysis, memory_share: float) -> CompileResult:
        return await run_detached(self._compile_design, analysis, self._generated_dir, memory_share)
