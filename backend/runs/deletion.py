"""Deletes a run: renames its folder, then removes the files, the messages and the folder.

Each step can be repeated after a crash or an error.
"""

import logging

from backend.runs.service import RunService
from backend.store.database import Store, Transaction
from backend.store.messages import delete_messages_of_run

_log = logging.getLogger(__name__)


async def delete_run(store: Store, training: RunService, run_id: str) -> None:
    """Delete a run that has ended, with its checkpoints, exports and messages.

    RunActive, RunEnding, NotFound, or what `Transaction.require_storing` raises. Once its folder is renamed the run is
    deleted; what could not be removed is tried again by `finish_deletions`.
    """
    await store.call(Transaction.require_storing)  # the messages of the run have to be deleted as well
    design_id = await training.delete(run_id)
    await _remove_traces(store, training, run_id, design_id)


async def finish_deletions(store: Store, training: RunService) -> None:
    """Remove what a crash or an error has left of deleted runs; what cannot be removed now is logged and kept.

    It is kept too while the database file is replaced: the next start may read a database that still has the messages.
    """
    if store.condition == "replaced":
        return
    for run_id, design_id in await training.deleted_runs():
        await _remove_traces(store, training, run_id, design_id)


async def _remove_traces(store: Store, training: RunService, run_id: str, design_id: str) -> None:
    """Remove files, messages and folder; files first, since on a full disk no message can be deleted before."""
    try:
        await training.empty_deleted(run_id)
        while await store.call(delete_messages_of_run, run_id, design_id):
            pass
        await training.remove_deleted(run_id)
    except Exception:
        _log.exception("not everything of the deleted run %s could be removed; it is tried again later", run_id)
