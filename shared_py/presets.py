"""Settings to start a run with: the presets of its algorithm, with as many moves as fit into a given duration."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from shared_py.algorithms import ALGORITHMS, algorithm_named
from shared_py.blocks.base import Sizes
from shared_py.forecasting import forecast, forecast_seconds, seconds_per_move
from shared_py.protocol import Machine, RecipeOffer
from shared_py.training_config import AlgorithmName, TrainConfig, algorithm_of

FLOPS_OF_SMALL, FLOPS_OF_LARGE = 200_000, 2_000_000
"""multiply-adds a board. A small network plays millions of moves where a usual one plays hundreds of thousands, so it may step
less often and change more, and its test games stay short also when each board is seen from all sides; of all others PPO learns
from a part of what is played, and so does TD of a large one, whose steps come after more boards"""
MIN_GAMES = 32
"""the minimum number of parallel games"""
FEW_MOVES_BOARDS_BY_RATE = 64_000
"""where that leaves a quarter of the games, a minibatch has no more boards than this times the rate, and where it leaves half of
them no more than twice as many: few steps may be noisier"""
ASSUMED_MOVES_PER_SECOND, MIN_MOVES = 500.0, 20_480
"""where neither network nor machine are known; and a run is never shorter than these moves"""
ASSUMED = Machine(cores=1, memory_bytes=0, multiply_adds_per_second=1e10, step_overhead_s=1e-4)
"""speeds of a machine that has not measured its own: a slow one"""
AVERAGE_SERVER = Machine(cores=2, memory_bytes=0, multiply_adds_per_second=7.3e10, step_overhead_s=24e-6)
"""what a phone that never reached a server estimates with: the mean of the machines in docs/experiments/machine-speed.csv; its
memory is not known, so that nothing is said of what fits"""

ROUNDS_TO_FIT = 4
"""evaluations take a part of the time that depends on the moves, so moves are found in rounds"""

MINUTE = 60

Recipe = Callable[[TrainConfig, float | None], TrainConfig]
"""the settings of an algorithm and the seconds a move takes on the machine, if known, to settings with a length"""


def preset(algorithm: AlgorithmName, sizes: Sizes | None = None) -> TrainConfig:
    """The settings of an algorithm to start from, whatever the time; of a network, if its sizes are known."""
    presets = algorithm_named(algorithm).presets
    settings = presets.usual
    if sizes is not None and sizes.sums_tables and presets.tables is not None:
        settings = presets.tables
    elif sizes is not None and sizes.flops <= FLOPS_OF_SMALL:
        settings = presets.small
    elif sizes is not None and sizes.flops >= FLOPS_OF_LARGE:
        settings = presets.large
    return msgspec.convert({"algorithm": algorithm, **settings}, TrainConfig)


DEFAULT_SETTINGS = preset(ALGORITHMS[0].name)


def fill_defaults(given: Mapping[str, Any], sizes: Sizes, default: AlgorithmName = ALGORITHMS[0].name) -> TrainConfig:
    """Settings of which only some are set: the others are those to start from, of the algorithm, the network and the moves.

    `default` is the algorithm where none is given. msgspec.ValidationError where one is unknown or out of bounds.
    """
    requested = msgspec.convert({"algorithm": default, **given}, TrainConfig)
    defaults = _for_steps(preset(requested.algorithm, sizes), requested.total_steps)
    return msgspec.structs.replace(defaults, **{name: getattr(requested, name) for name in given})


def with_budget(settings: TrainConfig, moves: float) -> TrainConfig:
    """The settings for a run with this number of moves: some algorithms play fewer games in parallel in a short one."""
    games, quarter = settings.n_envs, settings.n_envs / 4
    minibatch = settings.minibatch_size
    while games >= 2 * MIN_GAMES and games * algorithm_of(settings).min_moves_per_game > moves:
        games //= 2
    if games < settings.n_envs:
        minibatch = min(minibatch, round(FEW_MOVES_BOARDS_BY_RATE * settings.learning_rate * max(1, games / quarter)))
    rollout = games * settings.n_steps
    return msgspec.structs.replace(
        settings,
        n_envs=games,
        minibatch_size=minibatch,
        total_steps=max(MIN_MOVES, round(moves / rollout) * rollout),
    )


def quick_look(settings: TrainConfig = DEFAULT_SETTINGS, a_move_s: float | None = None) -> TrainConfig:
    """A recipe of two minutes."""
    return _within(2 * MINUTE, settings, a_move_s)


def standard(settings: TrainConfig = DEFAULT_SETTINGS, a_move_s: float | None = None) -> TrainConfig:
    """A recipe of fifteen minutes."""
    return _within(15 * MINUTE, settings, a_move_s)


def long(settings: TrainConfig = DEFAULT_SETTINGS, a_move_s: float | None = None) -> TrainConfig:
    """A recipe of two hours."""
    return _within(120 * MINUTE, settings, a_move_s)


RECIPES: dict[str, Recipe] = {"quick_look": quick_look, "standard": standard, "long": long}
TITLES = {"quick_look": "2 minutes", "standard": "15 minutes", "long": "2 hours", "own_length": "Own length"}
HELP = {
    "quick_look": "Shows whether a network reads the board and learns to merge.",
    "standard": "Most of what a small network learns.",
    "long": "For the last of it: scores still rise, by less and less.",
}
OWN_LENGTH = "own_length"
OWN_LENGTH_HELP = "As many moves as set below, with rates and games for such a run."


def offer_recipes(
    algorithm: AlgorithmName, sizes: Sizes | None = None, machine: Machine | None = None, own_moves: int | None = None
) -> list[RecipeOffer]:
    """Every recipe, the shortest first, made for a design and a machine where they are known; then one of `own_moves`."""
    settings = preset(algorithm, sizes)
    offers = [
        _offer(name, HELP[name], apply_recipe(recipe, settings, sizes, machine), sizes, machine)
        for name, recipe in RECIPES.items()
    ]
    if own_moves is not None:
        offers.append(_offer(OWN_LENGTH, OWN_LENGTH_HELP, _for_steps(settings, own_moves), sizes, machine))
    return offers


def apply_recipe(recipe: Recipe, settings: TrainConfig, sizes: Sizes | None, machine: Machine | None) -> TrainConfig:
    """The settings of a recipe for a design and a machine; evaluations and checkpoints are included in its duration."""
    if sizes is None:
        return recipe(settings, None)
    known = machine if machine is not None and machine.multiply_adds_per_second is not None else ASSUMED
    config = recipe(settings, seconds_per_move(sizes, settings, known))
    for _ in range(ROUNDS_TO_FIT):
        seconds = forecast_seconds(sizes, config, known)
        assert seconds is not None
        config = recipe(settings, seconds / config.total_steps)
    return config


def _offer(name: str, help_text: str, config: TrainConfig, sizes: Sizes | None, machine: Machine | None) -> RecipeOffer:
    return RecipeOffer(name, TITLES[name], help_text, config, forecast(sizes, config, machine) if sizes else None)


def _for_steps(settings: TrainConfig, moves: int) -> TrainConfig:
    """The settings for a run of exactly this number of moves."""
    return msgspec.structs.replace(with_budget(settings, moves), total_steps=moves)


def _within(seconds: int, settings: TrainConfig, a_move_s: float | None) -> TrainConfig:
    """The settings with as many moves as fit."""
    return with_budget(settings, seconds * ASSUMED_MOVES_PER_SECOND if a_move_s is None else seconds / a_move_s)
