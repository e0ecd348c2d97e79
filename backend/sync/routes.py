"""`POST /api/sync`: push and pull in one call."""

from collections.abc import Mapping

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.errors import StudioError
from backend.store.database import Store
from backend.store.designs import design_cursor
from backend.sync.apply import settle
from backend.sync.commands import CommandService
from backend.sync.reconcile import Push
from backend.sync.request import RawSyncRequest, read_command, read_push, read_sync_request
from backend.web.clients import AnyRequest, ClientId, client_of
from backend.web.litestar_adapters import body_reader, problems
from backend.web.problem_details import details_of
from shared_py.protocol import ProblemDetails, PushedCommand, Rejection, SyncedCommand, SyncRequest, SyncResponse


@post(
    "/api/sync",
    dto=body_reader(read_sync_request, SyncRequest),
    return_dto=None,
    status_code=200,
    responses=problems(s400="not JSON", s413="too large", s422="not a sync call"),
)
async def sync(
    request: AnyRequest,
    data: JSONBody[RawSyncRequest],
    store: NamedDependency[Store],
    commands: NamedDependency[CommandService],
    client_id: ClientId = None,
) -> SyncResponse:
    """Settle what the phone sends, tell it what others changed, and take its commands."""
    if data.epoch == store.epoch and store.condition == "ok" and data.cursor > await store.call(design_cursor):
        await store.renew_epoch()
    same_history = data.epoch == store.epoch
    read = [read_push(entry) for entry in data.designs]
    pushes = [push for push in read if isinstance(push, Push)]
    settled = await store.call(settle, pushes, data.cursor if same_history else 0, base_is_known=same_history)
    rejected = [*(push for push in read if isinstance(push, Rejection)), *settled.rejected]
    refusals = {rejection.id: rejection.problem for rejection in rejected}
    # a phone of another history sends all its designs again, and commands with them: now they would run on what a backup held
    asked = data.commands if same_history or data.epoch is None else []
    client = client_of(request, data.client_id, client_id)
    return SyncResponse(
        epoch=store.epoch,
        cursor=settled.cursor,
        designs=settled.designs,
        commands=[await _answer(commands, read_command(entry), refusals, client) for entry in asked],
        rejected=rejected,
        unreadable=settled.unreadable,
    )


async def _answer(
    commands: CommandService, command: PushedCommand | SyncedCommand, refusals: Mapping[str, ProblemDetails], client: str
) -> SyncedCommand:
    """One command's answer; its error is its own, since the designs of the call are stored already."""
    if not isinstance(command, PushedCommand):
        return command
    try:
        return await commands.answer(command, refusals.get(command.design_id), client)
    except StudioError as error:
        return SyncedCommand(command.id, "failed", problem=details_of(error))
