"""Search at play: scores of one trained network without search and looking one and two moves ahead (expectimax).

The template "N-tuple classic" is trained for 60 processor seconds on one thread, then plays 64 games at each depth, on one
thread. `standard_error` is that of the mean; `times` is the mean relative to that without search. `BENCH_SEARCH_SECONDS` and
`BENCH_SEARCH_GAMES` change both numbers.
"""

import math
import os
import time
from typing import NamedTuple

import numpy as np
import torch

from backend.evaluation.expectimax import searching_player, values_of
from backend.evaluation.play import SelectAction, network_player, play_games
from backend.models import GameTransformer
from backend.runs.malloc import Heap
from backend.training import loop
from backend.training.trainers import TRAINERS
from benchmarks.learning import Watch, config_of, design_of
from shared_py.algorithms import AFTERSTATE_TD
from shared_py.estimation import games_at_once
from shared_py.training_config import TrainConfig

SECONDS = float(os.environ.get("BENCH_SEARCH_SECONDS", "60"))
GAMES, GAMES_SEED = int(os.environ.get("BENCH_SEARCH_GAMES", "64")), 2026
TEMPLATE, SEED = "n_tuple", 1
DEPTHS = (0, 1, 2)
LEAST_TIMES = 1.5
"""of the deepest search"""


class Trained(NamedTuple):
    """A network that plays."""

    player: loop.Player
    config: TrainConfig
    moves: int


def run() -> list[dict[str, object]]:
    """Train once, then play at each depth."""
    torch.set_num_threads(1)
    Heap(0, compact=False)
    trained = train()
    rows: list[dict[str, object]] = []
    plain = 0.0
    for depth in DEPTHS:
        row, mean = played(trained, depth)
        plain = plain or mean
        rows.append(row | {"times": round(mean / plain, 2), "least": LEAST_TIMES if depth == DEPTHS[-1] else ""})
        print(rows[-1], flush=True)
    return rows


def train() -> Trained:
    """The template after some processor seconds of training."""
    loop.FIRST_EVALUATION_S = loop.EVALUATION_EVERY_S = math.inf
    config, watch = config_of("afterstate_td", TEMPLATE, SEED, {}), Watch(SECONDS)
    torch.manual_seed(SEED)
    model, trainer = GameTransformer.from_architecture(design_of(TEMPLATE)), TRAINERS[AFTERSTATE_TD.name]()
    trainer.train(model, config, watch, watch)
    return Trained(trainer.player_of(model, config), config, trainer.steps)


def player_at(trained: Trained, depth: int) -> SelectAction:
    """What selects moves at a depth."""
    player, config = trained.player, trained.config
    if depth == 0:
        return network_player(player, "greedy", GAMES_SEED, config.precision)
    values = values_of(player, config.gamma, config.reward, config.precision, games_at_once(config))
    return searching_player(values, depth)


def played(trained: Trained, depth: int) -> tuple[dict[str, object], float]:
    """Play the games of one depth; the row, and the mean score."""
    began = time.process_time()
    games = play_games(player_at(trained, depth), GAMES, GAMES_SEED)
    seconds = time.process_time() - began
    assert games is not None
    mean = float(games.scores.mean())
    row: dict[str, object] = {"moves_ahead": depth, "games": GAMES, "trained_moves": trained.moves}
    row |= {"mean_score": round(mean), "standard_error": round(float(games.scores.std(ddof=1)) / math.sqrt(GAMES))}
    row |= {"median_score": round(float(np.median(games.scores))), "reached_2048": f"{(games.largest >= 11).mean():.0%}"}
    moves = int(games.lengths.sum())
    row |= {"moves": moves, "moves_per_s": round(moves / seconds), "seconds": round(seconds)}
    return row, mean
