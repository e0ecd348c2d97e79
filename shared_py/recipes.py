"""Settings to start from, found by experiments (docs/experiments.md): for each algorithm, and for the time a person has."""

from collections.abc import Callable
from typing import Literal

import msgspec

from shared_py.training_config import TrainConfig

Algorithm = Literal["ppo", "afterstate_td"]

PPO = TrainConfig()
AFTERSTATE_TD = TrainConfig(
    algorithm="afterstate_td",
    minibatch_size=256,
    update_epochs=1,
    learning_rate=2e-3,
    final_learning_rate=3e-4,
    gae_lambda=0.7,
    max_grad_norm=1.0,
    symmetries=True,
)
SLOWEST_MOVES, FEWEST_MOVES = 500.0, 20_480
"""moves a second that are taken for granted where the machine's speed is not known; a run is never shorter than these moves"""

Recipe = Callable[[Algorithm, float | None], TrainConfig]
"""an algorithm and the seconds a move takes on the machine, if known, to settings"""


def settings_of(algorithm: Algorithm) -> TrainConfig:
    """The best settings known for an algorithm, whatever the time."""
    return PPO if algorithm == "ppo" else AFTERSTATE_TD


def quick_look(algorithm: Algorithm = "ppo", seconds_per_move: float | None = None) -> TrainConfig:
    """Two minutes: enough to see a network learn to merge, and whether it reads the board."""
    return _lasting(120, algorithm, seconds_per_move)


def standard(algorithm: Algorithm = "ppo", seconds_per_move: float | None = None) -> TrainConfig:
    """Fifteen minutes: most of what a small network learns."""
    return _lasting(900, algorithm, seconds_per_move)


def long(algorithm: Algorithm = "ppo", seconds_per_move: float | None = None) -> TrainConfig:
    """Two hours: scores still rise, by less and less."""
    return _lasting(7200, algorithm, seconds_per_move)


RECIPES: dict[str, Recipe] = {"quick_look": quick_look, "standard": standard, "long": long}


def _lasting(seconds: int, algorithm: Algorithm, seconds_per_move: float | None) -> TrainConfig:
    """The settings of an algorithm, with as many moves as fit."""
    settings = settings_of(algorithm)
    rollout = settings.n_envs * settings.n_steps
    moves = seconds * SLOWEST_MOVES if seconds_per_move is None else seconds / seconds_per_move
    return msgspec.structs.replace(settings, total_steps=max(FEWEST_MOVES, round(moves / rollout) * rollout))
