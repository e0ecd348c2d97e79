"""`POST /api/sync`: push and pull in one call."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from litestar import post
from litestar.di import NamedDependency
from msgspec import Raw

from backend.errors import StudioError
from backend.store.database import Store
from backend.sync.commands import CommandService
from backend.sync.reconcile import Push
from backend.sync.request import read_command, read_push, read_sync_request
from backend.sync.service import SyncService
from backend.web.changes import note_change
from backend.web.clients import AnyRequest, ClientId, client_of
from backend.web.litestar_adapters import json_body, problems
from backend.web.problem_details import details_of
from shared_py.protocol import ProblemDetails, PushedCommand, SyncedCommand, SyncRequest, SyncResponse

_WORDS = {"compile": "design compiled", "train": "training started", "resume": "run resumed"}
"""descriptions of commands in the audit log"""


@post(
    "/api/sync",
    operation_class=json_body(SyncRequest),
    status_code=200,
    responses=problems(s400="not JSON", s413="too large", s422="not a sync call"),
)
async def sync(
    request: AnyRequest,
    store: NamedDependency[Store],
    syncing: NamedDependency[SyncService],
    commands: NamedDependency[CommandService],
    client_id: ClientId = None,
) -> SyncResponse:
    """Apply what the phone sends, return what others changed, and run its commands."""
    call = read_sync_request(await request.body())
    entries = [read_push(entry) for entry in call.designs]
    applied = await syncing.apply(call, entries)
    refusals = {rejection.id: rejection.problem for rejection in applied.rejected}
    # a phone that knows another history sends its designs and commands again; run now, commands would use designs of a backup
    pushed = call.commands if applied.same_history or call.epoch is None else []
    for entry in entries:
        if isinstance(entry, Push) and entry.id not in refusals:
            note_change(request.scope, "design changed" if entry.work is not None else "design deleted", entry.id)
    forked = {design.id for design in applied.designs if design.forked}
    client = client_of(request, call.client_id, client_id)
    return SyncResponse(
        epoch=store.epoch,
        cursor=applied.cursor,
        cursor_token=applied.cursor_token,
        history="same" if applied.same_history else "other",
        designs=applied.designs,
        commands=[await _run(commands, command, refusals, client, request.scope) for command in _ready(pushed, forked)],
        rejected=applied.rejected,
        unreadable=applied.unreadable,
        conflicts=applied.conflicts,
        for_others=applied.for_others,
    )


def _ready(entries: Sequence[Raw], forked: Collection[str]) -> list[PushedCommand | SyncedCommand]:
    """The commands, without those for designs of which nothing was applied: the phone sends both again."""
    commands = [read_command(entry) for entry in entries]
    return [command for command in commands if not (isinstance(command, PushedCommand) and command.design_id in forked)]


async def _run(
    commands: CommandService,
    command: PushedCommand | SyncedCommand,
    refusals: Mapping[str, ProblemDetails],
    client: str,
    scope: Any,
) -> SyncedCommand:
    """Run one command; an error fails this command alone, since the designs of the call are stored already."""
    if not isinstance(command, PushedCommand):
        return command
    try:
        subject = command.run_id or command.design_id
        on_new = partial(note_change, scope, _WORDS[command.kind], subject)
        return await commands.run(command, refusals.get(command.design_id), client, on_new)
    except StudioError as error:
        return SyncedCommand(command.id, "failed", problem=details_of(error))
