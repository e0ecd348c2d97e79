"""Ranks the designs of a server by the test games of their runs within a budget of processor time.

Runs of versions that did not measure it are counted, not ranked: elapsed time times threads would favour runs on a quiet machine.
"""

import asyncio
from contextlib import suppress

from backend.errors import NotFound
from backend.export.listing import facts_of
from backend.runs.run_folder import RunFolder
from backend.runs.service import RunService
from backend.store.database import Store
from backend.store.designs import living_names
from backend.store.evaluations import tested_within
from shared_py.protocol import Evaluation, Leaderboard, LeaderboardEntry, Run
from shared_py.training_config import TrainConfig

DEFAULT_ALGORITHM = TrainConfig().algorithm


async def rank(store: Store, training: RunService, processor_minutes: int, max_parameters: int | None) -> Leaderboard:
    """The best run of each design, the one with the highest score first; of equal ones that with less processor time."""
    tested = await store.call(tested_within, 60.0 * processor_minutes)
    names = await store.call(living_names)
    runs = {run.id: run for run in await training.runs() if run.design_id in names}
    sizes = _Sizes(training)
    entries: dict[str, LeaderboardEntry] = {}
    for evaluation in sorted((tested.within[run_id] for run_id in runs if run_id in tested.within), key=_place):
        run = runs[evaluation.run_id]
        if run.design_id in entries:
            continue
        parameters = await sizes.parameters_of(run)
        if max_parameters is None or (parameters is not None and parameters <= max_parameters):
            entries[run.design_id] = _entry(run, evaluation, names[run.design_id], parameters)
    unmeasured = sum(run_id in tested.unmeasured for run_id in runs)
    return Leaderboard(processor_minutes, max_parameters, list(entries.values()), unmeasured)


class _Sizes:
    """Counts parameters once for all runs that trained the same network."""

    def __init__(self, training: RunService) -> None:
        self._training = training
        self._known: dict[str, int] = {}

    async def parameters_of(self, run: Run) -> int | None:
        """The parameters of a run's network; None where its design can no longer be read."""
        if run.design_hash not in self._known:
            with suppress(NotFound, OSError):
                facts = await asyncio.to_thread(facts_of, RunFolder(await self._training.folder(run.id)))
                if facts.is_readable:
                    self._known[run.design_hash] = facts.parameters
        return self._known.get(run.design_hash)


def _place(evaluation: Evaluation) -> tuple[float, float, str]:
    return -evaluation.mean_score, evaluation.processor_s or 0.0, evaluation.run_id


def _entry(run: Run, evaluation: Evaluation, design_name: str, parameters: int | None) -> LeaderboardEntry:
    return LeaderboardEntry(
        design_id=run.design_id,
        design_name=design_name,
        run_id=run.id,
        run_name=run.name,
        algorithm=run.config.get("algorithm", DEFAULT_ALGORITHM),
        design_hash=run.design_hash,
        score=evaluation.mean_score,
        median_score=evaluation.median_score,
        quartiles=evaluation.quartiles,
        games=evaluation.games,
        policy=evaluation.policy,
        steps=evaluation.steps,
        processor_s=evaluation.processor_s or 0.0,
        parameters=parameters,
    )
