"""Deleting a run: its folder, its messages, then its files; every step can be taken again after a crash."""

import logging

from backend.store.database import Store
from backend.store.messages import delete_messages_of_run
from backend.training.desk import TrainingDesk

_log = logging.getLogger(__name__)


async def delete_run(store: Store, training: TrainingDesk, run_id: str) -> None:
    """Delete a run that has ended, with its checkpoints, exports and messages; RunActive, NotFound.

    Once its folder has another name the run is gone; what is left after a crash is removed at the next start.
    """
    design_id = await training.delete(run_id)
    await _remove_traces(store, training, run_id, design_id)


async def finish_deletions(store: Store, training: TrainingDesk) -> None:
    """Remove what a crash has left of deleted runs."""
    for run_id, design_id in await training.deleted_runs():
        await _remove_traces(store, training, run_id, design_id)


async def _remove_traces(store: Store, training: TrainingDesk, run_id: str, design_id: str) -> None:
    while await store.call(delete_messages_of_run, run_id, design_id):
        pass
    try:
        await training.remove_deleted(run_id)
    except OSError:
        _log.exception("the files of the deleted run %s cannot be removed; the next start tries again", run_id)
