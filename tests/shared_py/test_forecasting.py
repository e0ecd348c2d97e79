"""How long a run takes: moves, learning, test games, checkpoints and its start, each of which counts."""

import msgspec
import pytest
from hypothesis import given
from support.designs import template
from support.strategies import configs, valid_designs

from shared_py import forecasting
from shared_py.algorithms import ALGORITHMS
from shared_py.analysis import analyse
from shared_py.blocks.base import Sizes
from shared_py.design import ModelArchitecture
from shared_py.estimation import games_at_once
from shared_py.forecasting import (
    EVALUATION_EVERY_S,
    EVALUATION_SHARE,
    FIRST_EVALUATION_S,
    MAX_FOLLOWED,
    cost_per_move,
    forecast_seconds,
    moves_a_game,
    overhead_per_move,
    seconds_of_evaluation,
    seconds_per_move,
)
from shared_py.presets import preset
from shared_py.protocol import Machine
from shared_py.training_config import AlgorithmName, TrainConfig

MACHINE = Machine(2, 10**9, 1e10, 1e-4)
CONFIG = TrainConfig()


def sizes_of(name: str) -> Sizes:
    return analyse(template(name)).sizes


def seconds_of(sizes: Sizes, config: TrainConfig, **changes: float) -> float:
    found = forecast_seconds(sizes, msgspec.structs.replace(config, **changes), MACHINE)
    assert found is not None
    return found


def test_a_move_is_that_of_the_measurement_where_settings_are_those_of_the_measurement() -> None:
    assert overhead_per_move(CONFIG) == pytest.approx(1)
    sizes = sizes_of("tiny_mlp")
    a_move = seconds_per_move(sizes, CONFIG, MACHINE)
    assert a_move == pytest.approx(cost_per_move(sizes, CONFIG) / 1e10 + 1e-4)
    assert seconds_per_move(sizes, CONFIG, Machine(2, 10**9)) is None


def test_the_forecast_holds_whole_rollouts() -> None:
    sizes, rollout = sizes_of("tiny_mlp"), CONFIG.n_envs * CONFIG.n_steps
    one, two = (seconds_of(sizes, CONFIG, total_steps=rollout + more) for more in (0, 1))
    assert one == seconds_of(sizes, CONFIG, total_steps=1)
    assert two == seconds_of(sizes, CONFIG, total_steps=2 * rollout) > one


def test_the_forecast_holds_the_test_games_of_every_policy_and_the_checkpoints() -> None:
    sizes, config = sizes_of("small_transformer"), preset("ppo")
    a_move = seconds_per_move(sizes, config, MACHINE)
    assert a_move is not None
    rollout = config.n_envs * config.n_steps
    short, long = (round(wanted / a_move / rollout) * rollout for wanted in (FIRST_EVALUATION_S - 5, FIRST_EVALUATION_S + 5))
    last = seconds_of_evaluation(sizes, config, MACHINE, short)
    assert seconds_of(sizes, config, total_steps=short) > short * a_move + last
    both = last + seconds_of_evaluation(sizes, config, MACHINE, long)
    assert seconds_of(sizes, config, total_steps=long) - seconds_of(sizes, config, total_steps=short) > (long - short) * a_move
    assert seconds_of(sizes, config, total_steps=long) > long * a_move + 0.9 * both
    assert seconds_of(sizes, config, checkpoint_every_s=1.0) > seconds_of(sizes, config)


def test_test_games_take_a_small_share_of_a_long_run() -> None:
    sizes, config = sizes_of("tiny_mlp"), preset("afterstate_td", sizes_of("tiny_mlp"))
    a_move = seconds_per_move(sizes, config, MACHINE)
    assert a_move is not None
    for hours in (10, 1000):
        moves = round(3600 * hours / a_move)
        rest = seconds_of(sizes, config, total_steps=moves) / (moves * a_move) - 1
        assert 0 < rest < 1.5 * EVALUATION_SHARE
    assert MAX_FOLLOWED * EVALUATION_EVERY_S < 10 * 3600


@pytest.mark.parametrize("algorithm", [algorithm.name for algorithm in ALGORITHMS])
def test_games_grow_with_what_was_learned(algorithm: AlgorithmName) -> None:
    config = preset(algorithm)
    lengths = [moves_a_game(sizes_of("tiny_mlp"), config, moves) for moves in (0, 10_000, 100_000, 10**6, 10**8)]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[-1]


def test_views_at_play_make_test_games_longer() -> None:
    sizes = sizes_of("tiny_mlp")
    one, eight = (TrainConfig(algorithm="afterstate_td", n_envs=64, play_views=views) for views in (1, 8))
    assert games_at_once(one) > games_at_once(eight)
    assert seconds_of_evaluation(sizes, eight, MACHINE, 10**6) > 2 * seconds_of_evaluation(sizes, one, MACHINE, 10**6)


@given(valid_designs(), configs)
def test_more_work_takes_longer(design: ModelArchitecture, config: TrainConfig) -> None:
    sizes = analyse(design).sizes
    rollout = config.n_envs * config.n_steps
    seconds = seconds_of(sizes, config)
    assert seconds < seconds_of(sizes, config, total_steps=config.total_steps + rollout)
    assert seconds < seconds_of(sizes, config, update_epochs=config.update_epochs + 1)
    if rollout >= 2 * config.minibatch_size:  # else half of a rollout takes as many steps as the whole of it
        assert seconds_of(sizes, config, update_share=0.5) < seconds_of(sizes, config, update_share=1.0)


@pytest.mark.parametrize(
    ("rollouts", "seconds_each", "rounds"),
    [
        (10, 2.5, 1),  # it ends before the first round is due
        (2, 20, 1),  # due during the last rollout, after which there are only the games of the end
        (3, 20, 2),  # after the second rollout
        (1000, 0.04, 2),
        (1000, 0.1, 3),
        (4, 40, 3),  # after the first rollout and the third
    ],
)
def test_test_games_are_played_between_rollouts(
    rollouts: int, seconds_each: float, rounds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rounds_of(rollouts, seconds_each, monkeypatch) == rounds


def test_a_round_of_test_games_that_is_due_when_training_ends_counts_by_its_probability(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the error of the forecast, so that none is off by a whole round."""
    rounds = [rounds_of(10_000, seconds / 10_000, monkeypatch) for seconds in (26.9, 28.5, 30.0, 31.5, 33.1)]
    assert rounds == pytest.approx([1, 1.25, 1.5, 1.75, 2], abs=0.01)


def rounds_of(rollouts: int, seconds_each: float, monkeypatch: pytest.MonkeyPatch) -> float:
    """The rounds of test games in the forecast of a run."""
    monkeypatch.setattr(forecasting, "seconds_of_evaluation", lambda *_: 1.0)
    moves = rollouts * CONFIG.n_envs * CONFIG.n_steps
    return forecasting._seconds_of_evaluations(Sizes(), CONFIG, MACHINE, moves, rollouts * seconds_each)


def test_several_processes_are_forecast_as_one() -> None:
    sizes, config = sizes_of("small_transformer"), preset("ppo", sizes_of("small_transformer"))
    shared = msgspec.structs.replace(config, workers=2)
    assert seconds_per_move(sizes, shared, MACHINE) == seconds_per_move(sizes, config, MACHINE)
