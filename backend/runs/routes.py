"""Training runs over HTTP."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter

from backend.designs.validation import require_valid
from backend.errors import NotFound
from backend.ids import checked_id, new_id
from backend.runs.deletion import delete_run
from backend.runs.run_folder import RunFolder
from backend.runs.service import RunService
from backend.store.commands import claim_run, find_run_of_key
from backend.store.database import Store
from backend.store.designs import get_design
from backend.store.messages import append_unless_deleted, is_run_deleted, messages_of_run
from backend.store.pruning import removed_messages
from backend.web.bodies import read_fields, read_struct, some_of
from backend.web.clients import AnyRequest
from backend.web.litestar_adapters import allow_query, json_body, problems
from shared_py.decoding import DesignError, decode_design
from shared_py.design import ModelArchitecture
from shared_py.protocol import Continuation, LiveMessage, Run, RunAccepted, RunLabelled, RunLabels
from shared_py.training_config import TrainConfig

Key = Annotated[str | None, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200)]
After = Annotated[int, QueryParameter(name="after", ge=0, le=2**53 - 1, description="The number of the last message seen.")]
Limit = Annotated[
    int,
    QueryParameter(
        name="limit", ge=1, le=50_000, description="Maximum number of messages; for the next page, pass the last one as `after`."
    ),
]


@post(
    "/api/designs/{design_id:str}/train",
    operation_class=json_body(some_of(TrainConfig), required=False),
    status_code=202,
    responses=problems(
        s404="no such design",
        s409="as many runs wait already as may wait",
        s422="not valid; the body has every field of a ValidationResult too",
    ),
)
async def train(
    design_id: FromPath[str],
    request: AnyRequest,
    store: NamedDependency[Store],
    training: NamedDependency[RunService],
    idempotency_key: Key = None,
) -> RunAccepted:
    """Start training the stored design; missing settings come from the preset. A repeat with the same key returns its run."""
    body = await request.body()
    settings = read_fields(body, TrainConfig) if body else {}
    design_id = checked_id("design", design_id)
    if idempotency_key is not None:
        earlier = await store.call(find_run_of_key, design_id, idempotency_key)
        if earlier is not None and (await training.has(earlier) or await store.call(is_run_deleted, earlier)):
            return RunAccepted(earlier)
    stored = await store.call(get_design, design_id)
    analysis = await asyncio.to_thread(require_valid, stored.document)
    run_id = new_id("r")
    if idempotency_key is not None:
        run_id = await store.call(claim_run, design_id, idempotency_key, run_id)
    run = await training.start_once(analysis, settings, run_id)
    return RunAccepted(run.id)


@get("/api/runs")
async def all_runs(training: NamedDependency[RunService]) -> list[Run]:
    """Every run, the newest first."""
    return await training.runs()


@get("/api/runs/{run_id:str}", responses=problems(s404="no such run"))
async def one_run(run_id: FromPath[str], training: NamedDependency[RunService]) -> Run:
    """One run."""
    return await training.run(checked_id("run", run_id))


@get("/api/runs/{run_id:str}/design", responses=problems(s404="no such run, or its design can no longer be read"))
async def design_of_run(run_id: FromPath[str], training: NamedDependency[RunService]) -> ModelArchitecture:
    """The design as it was when the run began, in the newest schema version."""
    folder = RunFolder(await training.folder(checked_id("run", run_id)))
    try:
        return decode_design(await asyncio.to_thread(folder.design.read_bytes))
    except (OSError, msgspec.DecodeError, DesignError, RecursionError) as error:
        raise NotFound("The design of this run can no longer be read") from error


@delete("/api/runs/{run_id:str}", responses=problems(s404="no such run", s409="it has not ended yet"))
async def drop_run(run_id: FromPath[str], store: NamedDependency[Store], training: NamedDependency[RunService]) -> None:
    """Delete a run that has ended, with its checkpoints, exports and metrics."""
    await delete_run(store, training, checked_id("run", run_id))


@patch(
    "/api/runs/{run_id:str}",
    operation_class=json_body(some_of(RunLabels)),
    responses=problems(s404="no such run", s409="its files cannot be used", s422="unknown or too long"),
)
async def label_run(
    run_id: FromPath[str], request: AnyRequest, store: NamedDependency[Store], training: NamedDependency[RunService]
) -> Run:
    """Change the name, the note or the tags of a run; what is left out stays."""
    changes = read_fields(await request.body(), RunLabels)
    run = await training.label(checked_id("run", run_id), changes)
    await store.call(append_unless_deleted, RunLabelled(0, run.id, run.design_id, run.name, run.note, run.tags))
    return run


@post("/api/runs/{run_id:str}/stop", status_code=202, responses=problems(s404="no such run", s409="it has ended already"))
async def stop_run(run_id: FromPath[str], training: NamedDependency[RunService]) -> Run:
    """Ask a run to write a checkpoint and end."""
    return await training.stop(checked_id("run", run_id))


@post("/api/runs/{run_id:str}/pause", status_code=202, responses=problems(s404="no such run", s409="it is not running"))
async def pause_run(run_id: FromPath[str], training: NamedDependency[RunService]) -> Run:
    """Ask a run to pause."""
    return await training.pause(checked_id("run", run_id))


@post(
    "/api/runs/{run_id:str}/resume",
    operation_class=json_body(Continuation, required=False),
    status_code=202,
    responses=problems(s404="no such run", s409="it cannot go on", s422="not a number of moves"),
)
async def resume_run(run_id: FromPath[str], request: AnyRequest, training: NamedDependency[RunService]) -> Run:
    """Continue a paused run, or one that has ended from its checkpoint; one that made all of its moves is given more."""
    body = await request.body()
    more = read_struct(body, Continuation) if body else Continuation()
    return await training.resume(checked_id("run", run_id), more.total_steps)


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
) -> Response[list[LiveMessage]]:
    """The numbered messages of a run after a number, oldest first; of several metrics for one step, the newest.

    Old charts are thinned: `X-Thinned` says whether points of this run were removed, and from `X-First-Seq` on every message of
    the server is stored, so that gaps in lower numbers need not be fetched.
    """
    run = await training.run(checked_id("run", run_id))
    page = await store.call(messages_of_run, run.id, after, limit)
    removed = await store.call(removed_messages, run.id)
    # joined as they are stored: to decode and encode thousands of messages would take ten times as long
    content: Any = b"[" + b",".join(message.payload for message in page if message.payload is not None) + b"]"
    headers = {"x-first-seq": str(removed.first_seq), "x-thinned": "true" if removed.of_run else "false"}
    return Response(
        content, media_type=MediaType.JSON, headers=headers
    )  # bytes are sent as they are; the annotation is for OpenAPI
