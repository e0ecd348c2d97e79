"""Recipes: settings within their bounds, that last as long as they say."""

import msgspec
import pytest

from shared_py.analysis import analyse
from shared_py.estimation import forecast_seconds, seconds_per_move
from shared_py.protocol import Machine
from shared_py.recipes import FEWEST_MOVES, RECIPES, Algorithm, Recipe, settings_of
from shared_py.templates import load_templates
from shared_py.training_config import TrainConfig

MINUTES = {"quick_look": 2, "standard": 15, "long": 120}
MACHINE = Machine(2, 8_000_000_000, multiply_adds_per_second=2e10, step_overhead_s=2e-5)
ALGORITHMS: tuple[Algorithm, ...] = ("ppo", "afterstate_td")
each_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS)


@each_algorithm
@pytest.mark.parametrize("name", list(RECIPES))
def test_a_recipe_lasts_as_long_as_it_says(name: str, algorithm: Algorithm) -> None:
    for design in load_templates():
        sizes = analyse(design).sizes
        config = RECIPES[name](algorithm, seconds_per_move(sizes, settings_of(algorithm), MACHINE))
        seconds = forecast_seconds(sizes, config, MACHINE)
        assert seconds is not None
        if config.total_steps > FEWEST_MOVES:
            assert seconds == pytest.approx(60 * MINUTES[name], rel=0.1)


@each_algorithm
@pytest.mark.parametrize("recipe", RECIPES.values())
def test_a_recipe_is_within_bounds_also_where_nothing_is_known(recipe: Recipe, algorithm: Algorithm) -> None:
    config = recipe(algorithm, None)
    assert config.algorithm == algorithm
    assert msgspec.convert(msgspec.to_builtins(config), TrainConfig) == config
    assert config.total_steps % (config.n_envs * config.n_steps) == 0
    assert recipe(algorithm, 1e9).total_steps == FEWEST_MOVES
    assert recipe.__doc__


def test_longer_recipes_play_more() -> None:
    moves = [RECIPES[name]("ppo", 1e-3).total_steps for name in MINUTES]
    assert moves == sorted(set(moves))
