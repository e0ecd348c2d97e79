"""Test games of a stored checkpoint, with or without search; needs torch, so it runs in a process of its own."""

import math
import time
from pathlib import Path

import torch

from backend.evaluation.expectimax import searching_player, values_of
from backend.evaluation.play import EVALUATION_SEED, SelectAction, network_player, play_games, score_summary
from backend.export.model_files import checkpoint_summary, load_player
from backend.runs.checkpoint_files import read_summary
from backend.training.loop import Player
from shared_py.estimation import games_at_once
from shared_py.protocol import CheckpointEvaluation, PlayDepth
from shared_py.training_config import TrainConfig

SEARCH_LABELS: dict[PlayDepth, str] = {
    0: "without search",
    1: "with search, 1 move ahead",
    2: "with search, 2 moves ahead",
}


def play_checkpoint(run_folder: str, checkpoint: str, name: str, games: int, depth: PlayDepth) -> CheckpointEvaluation:
    """Play seeded games with a checkpoint on one thread; `name` is how it was asked for. DamagedCheckpoint."""
    torch.set_num_threads(1)
    player, request = load_player(Path(run_folder), Path(checkpoint))
    began = time.monotonic()
    ended = play_games(_select_action(player, request.config, depth), games, EVALUATION_SEED)
    assert ended is not None
    error = float(ended.scores.std(ddof=1)) / math.sqrt(games) if games > 1 else None
    summary = score_summary(ended)
    return CheckpointEvaluation(
        run_id=request.id,
        checkpoint=name,
        steps=(read_summary(Path(checkpoint)) or checkpoint_summary(checkpoint)).steps,
        play_depth=depth,
        label=SEARCH_LABELS[depth],
        games=games,
        mean_score=summary.mean_score,
        standard_error=error,
        median_score=summary.median_score,
        quartiles=summary.quartiles,
        max_tile_frequency=summary.max_tile_frequency,
        moves=int(ended.lengths.sum()),
        seconds=time.monotonic() - began,
    )


def _select_action(player: Player, config: TrainConfig, depth: PlayDepth) -> SelectAction:
    at_once = games_at_once(config)
    if depth == 0:
        return network_player(player, "greedy", EVALUATION_SEED, config.precision, at_once)
    return searching_player(values_of(player, config.gamma, config.reward, config.precision, at_once), depth)
