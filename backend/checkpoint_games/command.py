"""`model-studio evaluate`: test games of a checkpoint in a data folder."""

from pathlib import Path

import msgspec

from backend.checkpoint_games.evaluation import evaluate_checkpoint
from backend.errors import InvalidRequest, NotFound
from backend.ids import checked_id
from shared_py.protocol import CheckpointEvaluation, EvaluationRequest


def evaluate_run(data_dir: Path, run_id: str, checkpoint: str | None, depth: int, games: int) -> CheckpointEvaluation:
    """Play the games; NotFound for an unknown run, InvalidRequest for what cannot be asked, else as `evaluate_checkpoint`."""
    asked = {"checkpoint": checkpoint, "play_depth": depth, "games": games}
    try:
        request = msgspec.convert(asked, EvaluationRequest)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error)) from error
    folder = data_dir / "runs" / checked_id("run", run_id)
    if not folder.is_dir():
        raise NotFound(f"There is no run {run_id} in {data_dir}")
    return evaluate_checkpoint(folder.resolve(), request)


def as_json(evaluation: CheckpointEvaluation) -> str:
    """One JSON object."""
    return msgspec.json.encode(evaluation).decode()


def as_text(evaluation: CheckpointEvaluation) -> str:
    """A few lines for people; the first says how the moves were chosen."""
    error = f" ± {evaluation.standard_error:,.0f}" if evaluation.standard_error is not None else ""
    low, high = evaluation.quartiles
    tiles = ", ".join(f"{tile} in {share:.0%}" for tile, share in evaluation.max_tile_frequency.items())
    return "\n".join(
        [
            f"{evaluation.games} games, {evaluation.label}",
            f"  run {evaluation.run_id}, {evaluation.checkpoint}, after {evaluation.steps:,} moves of training",
            f"  mean score {evaluation.mean_score:,.0f}{error}, median {evaluation.median_score:,.0f},"
            f" middle half {low:,.0f} to {high:,.0f}",
            f"  largest tile: {tiles}",
            f"  {evaluation.moves:,} moves in {evaluation.seconds:,.0f} s",
        ]
    )
