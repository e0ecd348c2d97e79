"""Finds a checkpoint of a run and lets it play test games in another process; nothing of it is stored."""

from functools import partial
from pathlib import Path

import msgspec

from backend.errors import NotFound, NothingTrained, RunUnusable
from backend.export.exporter import BEST, LAST
from backend.process.process import run_in_process
from backend.process.threads import run_detached
from backend.runs.run_folder import RunFolder
from backend.turns import Turns
from shared_py.protocol import CheckpointEvaluation, EvaluationRequest

TIMEOUT_S = 3600.0
NICENESS = 10
"""training and exports come first"""


def evaluate_checkpoint(run_folder: Path, request: EvaluationRequest) -> CheckpointEvaluation:
    """Play the games that were asked for; blocks until they are over.

    NothingTrained and NotFound where there is no such checkpoint, RunUnusable where the run's files are damaged or its network
    cannot search, DamagedCheckpoint, ProcessFailed, also after an hour.
    """
    folder = RunFolder(run_folder)
    name, path = _checkpoint(folder, request.checkpoint)
    try:
        algorithm = folder.request.built_in_algorithm
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        raise RunUnusable("run.json of this run cannot be read, so no games can be played with its checkpoints") from None
    if request.play_depth > 0 and algorithm is None:
        raise RunUnusable(
            "This run has a trainer of its own, and how its values and the points of moves add up is not known:"
            " there is no search over them, so play_depth has to be 0"
        )
    if request.play_depth > 0 and algorithm is not None and not algorithm.evaluates_afterstates:
        raise RunUnusable(
            f"This network was trained by {algorithm.term} to choose moves, not to value the boards after them, and plays worse"
            " with search: play_depth has to be 0"
        )
    if not folder.model.is_file():
        raise RunUnusable("model.py of this run cannot be read, so no games can be played with its checkpoints")
    play = "backend.checkpoint_games.games:play_checkpoint"
    asked = (str(run_folder), str(path), name, request.games, request.play_depth)
    evaluation: CheckpointEvaluation = run_in_process(play, *asked, timeout_s=TIMEOUT_S, niceness=NICENESS)
    return evaluation


def _checkpoint(folder: RunFolder, requested: str | None) -> tuple[str, Path]:
    """The best checkpoint or the one that was asked for, and its name; without any best one, the newest."""
    there = folder.checkpoints()
    if not there:
        raise NothingTrained("the run has no checkpoint yet; its first update brings one")
    if requested is None:
        return (BEST, folder.best) if folder.best.exists() else (LAST, there[0])
    if requested in (BEST, LAST):
        path = folder.best if requested == BEST else folder.checkpoint
        if not path.exists():
            raise NotFound(f"The run has no {requested} checkpoint")
        return requested, path
    for path in there:
        if (summary := folder.summary(path)) is not None and summary.steps == int(requested):
            return requested, path
    raise NotFound(f"The run has no checkpoint after {int(requested):,} moves")


class CheckpointGames:
    """The test games that clients ask for, one client after the other."""

    def __init__(self) -> None:
        self._turns = Turns(1)

    async def evaluate(self, run_folder: Path, request: EvaluationRequest, client: str) -> CheckpointEvaluation:
        """As `evaluate_checkpoint`; cancelling it ends the games."""
        async with self._turns.turn(client, run_folder.name):
            return await run_detached(partial(evaluate_checkpoint, run_folder, request))
