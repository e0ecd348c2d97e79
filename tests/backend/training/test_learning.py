"""Every algorithm teaches a template's network within seconds to play far better than chance, by more than luck can give."""

from typing import Any, get_args

import msgspec
import numpy as np
import pytest
import torch
from support.designs import template
from support.report_recorder import Recorder

from backend.evaluation.play import EndedGames, network_player, play_games, random_player
from backend.models import GameTransformer
from backend.training import loop
from backend.training.trainers import TRAINERS
from shared_py.presets import preset, with_budget
from shared_py.training_config import AlgorithmName

MOVES = {"afterstate_td": 10_240}
USUAL_MOVES = 28_672
GAMES, SEED = 48, 7
STANDARD_ERRORS = 4.0
"""of a difference of two means: chance alone passes it once in thirty thousand; three seeds measured 6 to 10"""


@pytest.mark.parametrize("algorithm", get_args(AlgorithmName))
def test_after_seconds_it_plays_far_better_than_chance(algorithm: AlgorithmName, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)
    torch.manual_seed(SEED)
    model, trainer = GameTransformer.from_architecture(template("small_transformer")), TRAINERS[algorithm]()
    moves = MOVES.get(algorithm, USUAL_MOVES)
    settings = with_budget(preset(algorithm), moves)
    config = msgspec.structs.replace(settings, total_steps=moves, seed=SEED)
    recorder = Recorder(trainer, model)
    trainer.train(model, config, recorder, recorder)
    learned = scores_of(network_player(trainer.player_of(model, config), "greedy", SEED))
    chance = scores_of(random_player(SEED))
    error = np.hypot(*(scores.std(ddof=1) / np.sqrt(GAMES) for scores in (learned, chance)))
    assert learned.mean() - chance.mean() > STANDARD_ERRORS * error


def scores_of(player: Any) -> Any:
    games = play_games(player, GAMES, SEED)
    assert isinstance(games, EndedGames)
    return games.scores
