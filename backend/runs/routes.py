"""Training runs over HTTP."""

import asyncio
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from backend.designs.validation import require_valid
from backend.ids import checked_id, new_id
from backend.runs.deletion import delete_run
from backend.runs.service import RunService
from backend.store.commands import claim_run, find_run_of_key
from backend.store.database import Store
from backend.store.designs import get_design
from backend.store.messages import is_run_deleted, messages_of_run
from backend.web.bodies import read_fields, some_of
from backend.web.litestar_adapters import BodyMayBeMissing, allow_query, body_reader, problems
from shared_py.protocol import LiveMessage, Run, RunAccepted
from shared_py.training_config import TrainConfig

Key = Annotated[str | None, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200)]
After = Annotated[int, QueryParameter(name="after", ge=0, le=2**53 - 1, description="The number of the last message seen.")]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=50_000, description="At most so many; ask again after the last.")]
_messages = msgspec.json.Decoder(list[LiveMessage])


@post(
    "/api/designs/{design_id:str}/train",
    dto=body_reader(partial(read_fields, kind=TrainConfig), some_of(TrainConfig)),
    return_dto=None,
    operation_class=BodyMayBeMissing,
    status_code=202,
    responses=problems(s404="no such design", s422="not valid; the body has every field of a ValidationResult too"),
)
async def train(
    design_id: FromPath[str],
    store: NamedDependency[Store],
    training: NamedDependency[RunService],
    data: JSONBody[dict[str, Any] | None] = None,
    idempotency_key: Key = None,
) -> RunAccepted:
    """Start training the stored design; settings that are not said are the recipe's. With a key, a repeat gives the same run."""
    design_id = checked_id("design", design_id)
    if idempotency_key is not None:
        known = await store.call(find_run_of_key, design_id, idempotency_key)
        if known is not None and (await training.has(known) or await store.call(is_run_deleted, known)):
            return RunAccepted(known)
    found = await store.call(get_design, design_id)
    await asyncio.to_thread(require_valid, found.document)
    run_id = new_id("r")
    if idempotency_key is not None:
        run_id = await store.call(claim_run, design_id, idempotency_key, run_id)
    run = await training.start_once(found.document, data or {}, run_id)
    return RunAccepted(run.id)


@get("/api/runs")
async def all_runs(training: NamedDependency[RunService]) -> list[Run]:
    """Every run, the newest first."""
    return await training.runs()


@get("/api/runs/{run_id:str}", responses=problems(s404="no such run"))
async def one_run(run_id: FromPath[str], training: NamedDependency[RunService]) -> Run:
    """A run as it stands."""
    return await training.run(checked_id("run", run_id))


@delete("/api/runs/{run_id:str}", responses=problems(s404="no such run", s409="it has not ended yet"))
async def drop_run(run_id: FromPath[str], store: NamedDependency[Store], training: NamedDependency[RunService]) -> None:
    """Delete a run that has ended: its checkpoints, its exports and what it measured."""
    await delete_run(store, training, checked_id("run", run_id))


@post("/api/runs/{run_id:str}/stop", status_code=202, responses=problems(s404="no such run", s409="it has ended already"))
async def stop_run(run_id: FromPath[str], training: NamedDependency[RunService]) -> Run:
    """Ask a run to write a checkpoint and end."""
    return await training.stop(checked_id("run", run_id))


@post("/api/runs/{run_id:str}/pause", status_code=202, responses=problems(s404="no such run", s409="it is not running"))
async def pause_run(run_id: FromPath[str], training: NamedDependency[RunService]) -> Run:
    """Ask a run to hold still."""
    return await training.pause(checked_id("run", run_id))


@post("/api/runs/{run_id:str}/resume", status_code=202, responses=problems(s404="no such run", s409="it cannot go on"))
async def resume_run(run_id: FromPath[str], training: NamedDependency[RunService]) -> Run:
    """Let a paused run go on, or a stopped one from its checkpoint."""
    return await training.resume(checked_id("run", run_id))


@get(
    "/api/runs/{run_id:str}/metrics",
    guards=[allow_query("after", "limit", whole_numbers=["after", "limit"])],
    responses=problems(s404="no such run", s422="no such parameter, or out of bounds"),
)
async def run_metrics(
    run_id: FromPath[str],
    store: NamedDependency[Store],
    training: NamedDependency[RunService],
    after: After = 0,
    limit: Limit = 5000,
) -> list[LiveMessage]:
    """The numbered messages of a run after a number, oldest first; of several figures for one step, the newest."""
    run = await training.run(checked_id("run", run_id))
    page = await store.call(messages_of_run, run.id, after, limit)
    return _messages.decode(b"[" + b",".join(message.payload for message in page if message.payload is not None) + b"]")
