"""Commands that a phone can create while offline; each runs once per id, however often it is sent, also across a crash."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from backend.compile.service import CompileService
from backend.designs.validation import require_valid
from backend.errors import InvalidRequest, StudioError
from backend.ids import checked_id, new_id
from backend.runs.service import RunService
from backend.store.commands import claim_command, finish_command, finish_running_command
from backend.store.database import Store
from backend.store.designs import get_design
from backend.store.messages import is_run_deleted
from backend.web.bodies import convert_fields, convert_struct
from backend.web.problem_details import details_of
from shared_py.protocol import Continuation, ProblemDetails, PushedCommand, SyncedCommand
from shared_py.training_config import TrainConfig

_log = logging.getLogger(__name__)
Start = Callable[[PushedCommand, str], Awaitable[None]]


class CommandService:
    """Runs commands and reports their status."""

    def __init__(self, store: Store, compiling: CompileService, training: RunService) -> None:
        self._store = store
        self._compiling = compiling
        self._training = training
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(
        self,
        command: PushedCommand,
        refusal: ProblemDetails | None = None,
        client: str = "",
        on_new: Callable[[], None] = lambda: None,
    ) -> SyncedCommand:
        """Run a command, or return the state of the same command received before.

        A new one fails with the `refusal` of the design that came with it, which the server does not have, unless it concerns a
        run that has a design of its own. A training is done once its run exists; the id of the run is fixed before it starts, so
        that a second start finds the first. A compile is answered with `running`, and `command_finished` is sent to all phones
        when it has ended. `on_new` is called for a command that was not received before.
        """
        if command.kind == "resume" and not command.run_id:
            raise InvalidRequest("The command does not say which run to resume: run_id")
        first = SyncedCommand(command.id, "running", run_id=_run_of(command))
        if refusal is not None and command.kind != "resume":
            first = SyncedCommand(command.id, "failed", problem=refusal)
        earlier = await self._store.call(claim_command, command, first)
        if earlier is None and refusal is None:
            on_new()
        state = earlier or first
        if state.status != "running":
            return state
        if state.run_id:
            start = self._resume if command.kind == "resume" else self._train
            return await self._start_run(start, command, state, state.run_id)
        if command.kind != "compile":
            raise InvalidRequest(f"The id {command.id} was already used for another kind of command")
        if command.id not in self._tasks:
            task = asyncio.create_task(self._compile(command, state, client))
            self._tasks[command.id] = task
            task.add_done_callback(partial(self._on_task_end, command.id))
        return state

    def _on_task_end(self, command_id: str, task: asyncio.Task[None]) -> None:
        """Log an error, which means that the result could not be stored: the command is repeated when it is next sent."""
        del self._tasks[command_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("the result of command %s could not be stored", command_id, exc_info=error)

    async def close(self) -> None:
        """Cancel what is running; it is repeated when it is next sent."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _start_run(self, start: Start, command: PushedCommand, state: SyncedCommand, run_id: str) -> SyncedCommand:
        """Start or resume a run, and store how the command ended."""
        try:
            await start(command, run_id)
            ended = replace(state, status="done")
        except StudioError as error:
            ended = SyncedCommand(command.id, "failed", problem=details_of(error))
        except Exception:
            _log.exception("command %s failed", command.id)
            unexpected = StudioError("The training could not be started because of an internal error")
            ended = SyncedCommand(command.id, "failed", problem=details_of(unexpected))
        await self._store.call(finish_command, ended)
        return ended

    async def _train(self, command: PushedCommand, run_id: str) -> None:
        """Start a run of the stored design, unless this command has already started it."""
        if await self._training.has(run_id) or await self._store.call(is_run_deleted, run_id):
            return
        design = await self._store.call(get_design, checked_id("design", command.design_id))
        settings = convert_fields(command.config, TrainConfig)
        analysis = await asyncio.to_thread(require_valid, design.document)
        await self._training.start_once(analysis, settings, run_id)

    async def _resume(self, command: PushedCommand, run_id: str) -> None:
        """Increase the total moves of a run, unless a command has already done so."""
        wanted = convert_struct(command.config, Continuation).total_steps
        if wanted is None:
            raise InvalidRequest("The command does not say how many moves the run is to make: total_steps")
        run = await self._training.run(checked_id("run", run_id))
        if run.total_steps < wanted:
            await self._training.resume(run_id, wanted)

    async def _compile(self, command: PushedCommand, state: SyncedCommand, client: str) -> None:
        try:
            design = await self._store.call(get_design, checked_id("design", command.design_id))
            ended = replace(state, status="done", result=await self._compiling.compile(design.document, client))
        except StudioError as error:
            ended = replace(state, status="failed", problem=details_of(error))
        except Exception:
            _log.exception("command %s failed", command.id)
            unexpected = StudioError("The compile failed because of an internal error")
            ended = replace(state, status="failed", problem=details_of(unexpected))
        await self._store.call(finish_running_command, ended, command.design_id)


def _run_of(command: PushedCommand) -> str | UnsetType:
    """The id of the run that a command starts or resumes; a new id for a training."""
    if command.kind == "resume":
        return command.run_id
    return new_id("r") if command.kind == "train" else UNSET
