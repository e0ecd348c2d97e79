"""Things asked for while offline: each runs once by its id, however often it is sent, also across a crash of the server."""

import asyncio
import logging
from functools import partial

from msgspec import UNSET
from msgspec.structs import replace

from backend.compile.service import CompileService
from backend.errors import InvalidRequest, StudioError
from backend.ids import checked_id, new_id
from backend.runs.service import RunService
from backend.store.commands import claim_command, finish_command
from backend.store.database import Store
from backend.store.designs import get_design
from backend.store.messages import is_run_deleted
from backend.web.bodies import convert_fields
from backend.web.problem_details import details_of
from shared_py.protocol import ProblemDetails, PushedCommand, SyncedCommand
from shared_py.training_config import TrainConfig

_log = logging.getLogger(__name__)


class CommandService:
    """Takes commands and answers how they stand."""

    def __init__(self, store: Store, compiling: CompileService, training: RunService) -> None:
        self._store = store
        self._compiling = compiling
        self._training = training
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def answer(self, command: PushedCommand, refusal: ProblemDetails | None = None, client: str = "") -> SyncedCommand:
        """Take a command, or say how the same command taken before stands.

        A new one fails with the `refusal` of the design it came with, which the server does not have. A training is done once its
        run exists; its id is fixed before it starts, so that a second start finds the first.
        """
        run_id = new_id("r") if command.kind == "train" else UNSET
        first = SyncedCommand(command.id, "running", run_id=run_id)
        if refusal is not None:
            first = SyncedCommand(command.id, "failed", problem=refusal)
        known = await self._store.call(claim_command, command, first)
        answer = known or first
        if answer.status != "running":
            return answer
        if answer.run_id:
            return await self._start(command, answer, answer.run_id)
        if command.kind != "compile":
            raise InvalidRequest(f"Command {command.id} was something else before")
        if command.id not in self._tasks:
            task = asyncio.create_task(self._compile(command, answer, client))
            self._tasks[command.id] = task
            task.add_done_callback(partial(self._ended, command.id))
        return answer

    def _ended(self, command_id: str, task: asyncio.Task[None]) -> None:
        """An error here means that the outcome could not be stored: the command stays open and is done when next asked for."""
        del self._tasks[command_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("the outcome of command %s could not be stored", command_id, exc_info=error)

    async def close(self) -> None:
        """Leave what is running; it is taken up again when it is next asked for."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _start(self, command: PushedCommand, answer: SyncedCommand, run_id: str) -> SyncedCommand:
        try:
            if not await self._store.call(is_run_deleted, run_id):
                design = await self._store.call(get_design, checked_id("design", command.design_id))
                settings = convert_fields(command.config, TrainConfig)
                await self._training.start_once(design.document, settings, run_id)
            settled = replace(answer, status="done")
        except StudioError as error:
            settled = SyncedCommand(command.id, "failed", problem=details_of(error))
        except Exception:
            _log.exception("command %s failed", command.id)
            unexpected = StudioError("The start of the training met an error of its own")
            settled = SyncedCommand(command.id, "failed", problem=details_of(unexpected))
        await self._store.call(finish_command, settled)
        return settled

    async def _compile(self, command: PushedCommand, answer: SyncedCommand, client: str) -> None:
        try:
            design = await self._store.call(get_design, checked_id("design", command.design_id))
            settled = replace(answer, status="done", result=await self._compiling.compile(design.document, client))
        except StudioError as error:
            settled = replace(answer, status="failed", problem=details_of(error))
        except Exception:
            _log.exception("command %s failed", command.id)
            settled = replace(answer, status="failed", problem=details_of(StudioError("The compile met an error of its own")))
        await self._store.call(finish_command, settled)
