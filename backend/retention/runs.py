"""Deletes the oldest runs above a limit and thins the charts of ended runs, in the background."""

import logging
from collections.abc import Iterable

from backend.errors import NotFound, StudioError
from backend.process.periodic_task import PeriodicTask, Schedule
from backend.runs.deletion import delete_run
from backend.runs.run_folder import ACTIVE
from backend.runs.service import RunService
from backend.store.database import Store
from backend.store.messages import set_offsets
from shared_py.protocol import Run

_log = logging.getLogger(__name__)
EVERY_S = 3600.0


class RunRetention(PeriodicTask):
    """The background task."""

    def __init__(
        self, store: Store, training: RunService, first_after_s: float | None, *, keep_runs: int, points_per_run: int
    ) -> None:
        """`first_after_s` is the time from the start to the first pass; None disables the task."""
        failure = "old runs could not be cleaned up; it is tried again later"
        super().__init__(self.clean_up, Schedule(first_after_s, EVERY_S), _log, failure)
        self._store, self._training = store, training
        self._keep_runs, self._points_per_run = keep_runs, points_per_run
        self._thinned: set[str] = set()
        """runs whose files were checked since they ended"""

    async def clean_up(self) -> None:
        """Run one pass, unless the database refuses changes."""
        if self._store.condition != "ok":
            return
        runs = await self._training.runs()
        for run in runs_to_delete(runs, self._keep_runs):
            _log.info("run %s is deleted, since more than %d runs are kept (--keep-runs)", run.id, self._keep_runs)
            try:
                await delete_run(self._store, self._training, run.id)
            except StudioError as error:
                _log.warning("run %s cannot be deleted now: %s", run.id, error.detail)
        self._thinned &= {run.id for run in runs if run.status not in ACTIVE}
        for run in runs:
            if run.status not in ACTIVE and run.id not in self._thinned:
                await self._thin(run.id)

    async def _thin(self, run_id: str) -> None:
        try:
            offset = await self._training.thin_metrics(run_id, self._points_per_run)
        except NotFound:
            return
        except OSError as error:
            _log.warning("the metrics of run %s cannot be thinned: %s", run_id, error)
            return
        self._thinned.add(run_id)
        if offset is not None:
            await self._store.call(set_offsets, {run_id: offset})


def runs_to_delete(runs: Iterable[Run], limit: int) -> list[Run]:
    """The oldest runs above a limit; `runs` are sorted from the newest to the oldest.

    Active runs, runs with a name, note or tags, and the best run of each design are kept.
    """
    all_runs = list(runs)
    best: dict[str, Run] = {}
    for run in all_runs:
        known = best.get(run.design_id)
        if run.best_score is not None and (known is None or run.best_score > (known.best_score or 0)):
            best[run.design_id] = run
    kept = {run.id for run in best.values()}
    removable = [
        run
        for run in reversed(all_runs)
        if run.status not in ACTIVE and run.id not in kept and not (run.name or run.note or run.tags)
    ]
    return removable[: max(0, len(all_runs) - limit)]
