"""Games played to the end, their metrics, and the running statistics of games being played."""

import numpy as np
import pytest
import torch
from support.boards import random_boards
from support.designs import small_design

from backend.environment.game_2048 import Games, legal_moves
from backend.evaluation import play
from backend.evaluation.episode_statistics import GameStatistics
from backend.models import AfterstatePlayer, GameTransformer
from backend.models.bucketing import bucket_size
from shared_py.estimation import games_at_once
from shared_py.training_config import TrainConfig


def test_baselines() -> None:
    at_random, greedily = play.baselines()["random"], play.baselines()["greedy"]
    assert 950 < at_random.mean_score < 1250
    assert 1800 < greedily.mean_score < 2300
    for played in (at_random, greedily):
        assert played.games == play.BASELINE_GAMES
        assert played.quartiles[0] < played.median_score < played.quartiles[1]
        assert sum(played.max_tile_frequency.values()) == pytest.approx(1)
    assert play.baselines() is play.baselines()


@pytest.mark.parametrize("policy", ["sampled", "greedy"])
def test_seeded_evaluations_repeat(policy: play.Policy) -> None:
    torch.manual_seed(1)
    model = GameTransformer.from_architecture(small_design())
    played = [play.play_games(play.network_player(model, policy, 3), 8, 3) for _ in range(2)]
    assert played[0] is not None
    assert played[1] is not None
    assert played[0].scores.tolist() == played[1].scores.tolist()
    assert (played[0].scores > 0).all()
    evaluation = play.evaluation_of(played[0], policy, 77, 0.25)
    assert evaluation.board_reading == 0.25
    assert evaluation.baselines == play.baselines()
    assert evaluation.random_score == evaluation.baselines["random"].mean_score
    assert evaluation.games == 8
    assert evaluation.steps == 77
    assert sum(evaluation.max_tile_frequency.values()) == pytest.approx(1)
    assert evaluation.quartiles[0] <= evaluation.median_score <= evaluation.quartiles[1]


@pytest.mark.parametrize("views", [1, 8])
@pytest.mark.parametrize("games", [16, 19])
def test_test_games_show_a_network_no_more_boards_at_once_than_a_rollout_step(views: int, games: int) -> None:
    config = TrainConfig(algorithm="afterstate_td", n_envs=games, play_views=views, precision="float32")
    model = GameTransformer.from_architecture(small_design())
    seen = []
    compute = model.compute
    model.compute = lambda boards: seen.append(len(boards)) or compute(boards)  # type: ignore[method-assign]  # watched
    player = AfterstatePlayer(model, config.gamma, config.reward, views)
    boards = random_boards(20, 5).numpy().astype(np.uint8)
    moves = [
        play.network_player(player, "greedy", 3, "float32", at_once)(boards, legal_moves(boards))
        for at_once in (games_at_once(config), len(boards))
    ]
    in_pieces, together = seen[:-1], seen[-1]
    assert max(in_pieces) == 4 * views * games_at_once(config) <= 4 * config.n_envs
    at_once = games_at_once(config)
    whole, rest = divmod(20, at_once)
    assert sum(in_pieces) == 4 * views * (whole * at_once + min(bucket_size(rest), at_once))
    assert together == 4 * views * 20
    assert moves[0].tolist() == moves[1].tolist()


def test_an_evaluation_can_be_stopped() -> None:
    boards = []
    assert play.play_games(play.random_player(1), 4, 1, lambda board, _: bool(boards.append(board)) or len(boards) == 5) is None
    assert len(boards) == 5


def test_statistics_follow_the_games() -> None:
    games, statistics = Games(16, np.random.default_rng(1)), GameStatistics(16)
    assert statistics.score is None
    assert statistics.max_tile_frequency == {}
    scores = np.zeros(16)
    finished = []
    while statistics.episode < 20:
        step = games.step(games.legal.argmax(axis=1))
        scores += step.points
        largest = step.final_boards.max(axis=1)
        statistics.add(step.points[None], step.over[None], largest[None])
        finished += scores[step.over].tolist()
        scores[step.over] = 0
    assert statistics.score == pytest.approx(np.mean(finished))
    assert sum(statistics.max_tile_frequency.values()) == pytest.approx(1)
    assert max(map(int, statistics.max_tile_frequency)) == 2 ** max(game[2] for game in statistics.recent)
    copied = GameStatistics(16)
    copied.load_state_dict(statistics.state_dict())
    assert copied.state_dict() == statistics.state_dict()
