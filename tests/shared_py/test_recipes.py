"""Recipes: settings within their bounds, that last as long as they say."""

import csv
from pathlib import Path
from statistics import mean

import msgspec
import pytest
from support.designs import template

from shared_py import pyodide_api
from shared_py.algorithms import ALGORITHMS
from shared_py.analysis import analyse
from shared_py.blocks.base import Sizes
from shared_py.estimation import estimate_memory
from shared_py.forecasting import forecast, forecast_seconds
from shared_py.presets import (
    ASSUMED,
    AVERAGE_SERVER,
    FLOPS_OF_LARGE,
    FLOPS_OF_SMALL,
    MIN_MOVES,
    RECIPES,
    Recipe,
    apply_recipe,
    fill_defaults,
    preset,
    with_budget,
)
from shared_py.properties import properties_of
from shared_py.protocol import Forecast, Machine, RecipeOffer
from shared_py.templates import load_templates
from shared_py.training_config import AlgorithmName, TrainConfig, run_settings

MINUTES = {"quick_look": 2, "standard": 15, "long": 120}
MACHINE = Machine(2, 8_000_000_000, multiply_adds_per_second=2e10, step_overhead_s=2e-5)
each_algorithm = pytest.mark.parametrize("algorithm", [algorithm.name for algorithm in ALGORITHMS])


@each_algorithm
@pytest.mark.parametrize("name", list(RECIPES))
def test_a_recipe_lasts_as_long_as_it_says(name: str, algorithm: AlgorithmName) -> None:
    for design in load_templates():
        sizes = analyse(design).sizes
        settings = preset(algorithm, sizes)
        config = apply_recipe(RECIPES[name], settings, sizes, MACHINE)
        seconds = forecast_seconds(sizes, config, MACHINE)
        assert seconds is not None
        if config.total_steps > MIN_MOVES:
            assert seconds == pytest.approx(60 * MINUTES[name], rel=0.1)


@each_algorithm
@pytest.mark.parametrize("recipe", RECIPES.values())
def test_a_recipe_is_within_bounds_also_where_nothing_is_known(recipe: Recipe, algorithm: AlgorithmName) -> None:
    config = recipe(preset(algorithm), None)
    assert config.algorithm == algorithm
    assert msgspec.convert(msgspec.to_builtins(config), TrainConfig) == config
    assert config.total_steps % (config.n_envs * config.n_steps) == 0
    assert recipe(preset(algorithm), 1e9).total_steps == MIN_MOVES


@each_algorithm
def test_what_is_not_said_is_as_the_recipe_of_the_algorithm_and_the_network_has_it(algorithm: AlgorithmName) -> None:
    for design in load_templates():
        sizes = analyse(design).sizes
        moves = TrainConfig().total_steps
        usual = msgspec.structs.replace(with_budget(preset(algorithm, sizes), moves), total_steps=moves)
        assert fill_defaults({"algorithm": algorithm}, sizes) == usual
        said = {"algorithm": algorithm, "n_envs": 7, "total_steps": 70, "gamma": 0.5}
        told = fill_defaults(said, sizes)
        assert msgspec.to_builtins(told) == msgspec.to_builtins(with_budget(preset(algorithm, sizes), 70)) | said
    assert fill_defaults({}, sizes).algorithm == "ppo"
    with pytest.raises(msgspec.ValidationError):
        fill_defaults({"gama": 1}, sizes)


def test_small_and_large_networks_have_settings_of_their_own() -> None:
    sizes = {name: analyse(template(name)).sizes for name in ("tiny_mlp", "small_transformer", "deep_checkpointed")}
    small, usual, large = (preset("afterstate_td", size) for size in sizes.values())
    assert small.play_views > usual.play_views
    assert usual == preset("afterstate_td")
    assert large.minibatch_size > usual.minibatch_size
    small, usual, large = (preset("ppo", size) for size in sizes.values())
    assert small == TrainConfig()
    assert usual == large == preset("ppo")
    assert usual.learning_rate < small.learning_rate
    assert usual.minibatch_size < small.minibatch_size


@each_algorithm
@pytest.mark.parametrize(
    ("name", "flops"),
    [("conv_stem", FLOPS_OF_SMALL + 1), ("side_tasks", FLOPS_OF_SMALL + 1), ("cell_experts", FLOPS_OF_LARGE)],
)
def test_the_bounds_between_sizes_lie_between_templates(algorithm: AlgorithmName, name: str, flops: int) -> None:
    assert preset(algorithm, analyse(template(name)).sizes) == preset(algorithm, Sizes(flops=flops))


@pytest.mark.parametrize(("moves", "games"), [(1, 32), (380_000, 32), (390_000, 64), (770_000, 128), (10**9, 128)])
def test_afterstate_td_plays_no_more_games_than_get_far(moves: int, games: int) -> None:
    config = with_budget(preset("afterstate_td"), moves)
    assert config.n_envs == games
    assert config.minibatch_size == (64 if games == 32 else 128)
    of_large = with_budget(preset("afterstate_td", Sizes(flops=FLOPS_OF_LARGE)), moves)
    assert (of_large.n_envs, of_large.minibatch_size) == (games, 2 * games)
    of_small = with_budget(preset("afterstate_td", Sizes(flops=FLOPS_OF_SMALL)), moves)
    assert of_small.minibatch_size == (512 if of_small.n_envs > 64 else 256)
    assert config.total_steps == pytest.approx(moves, abs=MIN_MOVES)
    assert with_budget(preset("ppo"), moves).n_envs == preset("ppo").n_envs
    few = msgspec.structs.replace(preset("afterstate_td"), n_envs=48)
    assert with_budget(few, moves).n_envs == 48


def test_longer_recipes_play_more() -> None:
    moves = [RECIPES[name](preset("ppo"), 1e-3).total_steps for name in MINUTES]
    assert moves == sorted(set(moves))


@each_algorithm
def test_the_phone_is_offered_every_recipe_with_what_it_would_take(algorithm: AlgorithmName) -> None:
    machine_json = msgspec.json.encode(MACHINE).decode()
    for design in load_templates():
        text = msgspec.json.encode(design).decode()
        said = pyodide_api.recipes(text, algorithm, machine_json, "null")
        offers = msgspec.json.decode(said, type=list[RecipeOffer])
        assert said == msgspec.json.encode(offers)
        assert [offer.name for offer in offers] == list(MINUTES)
        sizes = analyse(design).sizes
        settings = preset(algorithm, sizes)
        for offer in offers:
            assert offer.config == apply_recipe(RECIPES[offer.name], settings, sizes, MACHINE)
            told = pyodide_api.forecast(text, msgspec.json.encode(offer.config).decode(), machine_json)
            assert offer.forecast == msgspec.json.decode(told, type=Forecast)
            assert offer.forecast.memory == estimate_memory(sizes, offer.config, MACHINE)
            assert offer.forecast.memory.training == offer.forecast.training_bytes


def test_a_recipe_is_offered_in_words_also_where_no_machine_is_known() -> None:
    text = msgspec.json.encode(load_templates()[0]).decode()
    offers = msgspec.json.decode(pyodide_api.recipes(text, "ppo", "null", "null"), type=list[RecipeOffer])
    assert [offer.title for offer in offers] == ["2 minutes", "15 minutes", "2 hours"]
    assert all(offer.help for offer in offers)
    sizes = analyse(load_templates()[0]).sizes
    settings = preset("ppo", sizes)
    for offer in offers:
        assert offer.config == apply_recipe(RECIPES[offer.name], settings, sizes, ASSUMED)
        assert offer.config.total_steps > 10 * RECIPES[offer.name](settings, None).total_steps
        assert offer.forecast is not None
        assert offer.forecast.seconds is None


def test_the_average_server_is_the_mean_of_the_measured_machines() -> None:
    path = Path(__file__).parents[2] / "docs" / "experiments" / "machine-speed.csv"
    machines = list(csv.DictReader(path.read_text().splitlines()))
    assert len(machines) >= 2
    speed, overhead = AVERAGE_SERVER.multiply_adds_per_second, AVERAGE_SERVER.step_overhead_s
    assert speed is not None
    assert 1 / speed == pytest.approx(mean(1 / float(row["multiply_adds_per_second"]) for row in machines), rel=0.25)
    assert overhead == pytest.approx(mean(float(row["step_overhead_us"]) * 1e-6 for row in machines), rel=0.25)


@each_algorithm
def test_on_the_average_server_the_time_of_a_run_is_told_and_nothing_of_what_fits(algorithm: AlgorithmName) -> None:
    machine_json = msgspec.json.encode(AVERAGE_SERVER).decode()
    for design in load_templates():
        text = msgspec.json.encode(design).decode()
        offers = msgspec.json.decode(pyodide_api.recipes(text, algorithm, machine_json, "null"), type=list[RecipeOffer])
        for offer in offers:
            assert offer.forecast is not None
            assert offer.forecast.seconds == pytest.approx(60 * MINUTES[offer.name], rel=0.05)
            assert offer.forecast.training_bytes > 0
            assert (offer.forecast.fits, offer.forecast.largest_microbatch) == (None, None)


@each_algorithm
@pytest.mark.parametrize("moves", [1, 50_001, 10_000_000])
def test_a_length_of_its_own_is_offered_last_with_what_suits_it(algorithm: AlgorithmName, moves: int) -> None:
    machine_json = msgspec.json.encode(MACHINE).decode()
    for design in load_templates():
        text = msgspec.json.encode(design).decode()
        offers, of_recipes = (
            msgspec.json.decode(pyodide_api.recipes(text, algorithm, machine_json, own), type=list[RecipeOffer])
            for own in (str(moves), "null")
        )
        assert offers[:-1] == of_recipes
        own = offers[-1]
        assert (own.name, own.title) == ("own_length", "Own length")
        sizes = analyse(design).sizes
        assert own.config == fill_defaults({"algorithm": algorithm, "total_steps": moves}, sizes)
        assert own.config.total_steps == moves
        assert own.forecast == forecast(sizes, own.config, MACHINE)


def test_a_setting_names_the_algorithms_that_read_it_where_not_all_do() -> None:
    only_for = {setting.name: setting.only_for for setting in run_settings()}
    assert only_for["learning_rate"] is None
    assert (only_for["clip_coef"], only_for["play_views"]) == (("ppo",), ("afterstate_td",))
    for algorithm in ALGORITHMS:
        assert set(algorithm.own_settings) == {name for name, readers in only_for.items() if algorithm.name in (readers or ())}


def test_every_setting_has_words_and_bounds_that_a_phone_can_hold_to() -> None:
    for rule in properties_of(TrainConfig).values():
        assert rule.title, rule.name
        assert rule.help, rule.name
        if rule.type in ("integer", "number"):
            for bound in (rule.minimum, rule.maximum):
                assert bound is not None, rule.name
                value = int(bound) if rule.type == "integer" else bound
                assert msgspec.convert({rule.name: value}, TrainConfig), rule.name
