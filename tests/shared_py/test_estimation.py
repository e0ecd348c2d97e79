"""Memory, the most boards that fit, and time: sums that agree with themselves."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.chain_designs import chain
from support.designs import template
from support.strategies import configs, valid_designs

from shared_py.analysis import analyse
from shared_py.blocks.base import Sizes
from shared_py.design import Component, ModelArchitecture
from shared_py.estimation import boards_at_once, estimate_memory, games_at_once, largest_microbatch, least_training_bytes
from shared_py.forecasting import cost_per_move, forecast
from shared_py.protocol import Machine
from shared_py.training_config import TrainConfig

CONFIG = TrainConfig()


def sizes_of(name: str) -> Sizes:
    return analyse(template(name)).sizes


def with_boards(config: TrainConfig, boards: int) -> TrainConfig:
    return msgspec.structs.replace(config, microbatch_size=boards)


@given(valid_designs(), configs)
def test_the_parts_add_up_and_none_is_negative(design: ModelArchitecture, config: TrainConfig) -> None:
    memory = estimate_memory(analyse(design).sizes, config)
    assert min(msgspec.structs.astuple(memory)) >= 0
    parts = (memory.weights, memory.gradients, memory.optimizer, memory.activations, memory.rollout, memory.workspace)
    assert memory.training == sum(parts)
    assert memory.running <= memory.training


@given(valid_designs(), configs)
def test_more_boards_at_once_never_take_less(design: ModelArchitecture, config: TrainConfig) -> None:
    sizes = analyse(design).sizes
    taken = [estimate_memory(sizes, with_boards(config, boards)).training for boards in (1, 2, 3, 50, 51, 1000, 100_000)]
    assert taken == sorted(taken)


@given(valid_designs(), configs, st.integers(0, 200_000_000))
def test_the_most_boards_are_those_that_just_fit(design: ModelArchitecture, config: TrainConfig, memory: int) -> None:
    sizes = analyse(design).sizes
    most = largest_microbatch(sizes, config, memory)
    limit = boards_at_once(with_boards(config, 1_048_576))
    assert 0 <= most <= limit
    if most > 0:
        assert estimate_memory(sizes, with_boards(config, most), compact=True).training <= memory
    if most < limit:
        assert estimate_memory(sizes, with_boards(config, most + 1), compact=True).training > memory


@pytest.mark.parametrize("boards", [1, 2, 77, 256, 1024])
def test_what_a_number_of_boards_takes_is_what_allows_it(boards: int) -> None:
    sizes = sizes_of("cell_experts")
    config = TrainConfig(n_envs=1, n_steps=4096, minibatch_size=1024)
    taken = estimate_memory(sizes, with_boards(config, boards), compact=True).training
    assert largest_microbatch(sizes, config, taken) == boards
    assert largest_microbatch(sizes, config, taken - 1) == boards - 1


def test_playing_many_games_side_by_side_can_take_more_than_learning() -> None:
    sizes = sizes_of("small_transformer")
    few, many = (estimate_memory(sizes, TrainConfig(n_envs=n, n_steps=1, microbatch_size=1)) for n in (1, 10_000))
    assert many.training - few.training > 9_000 * sizes.inference_bytes


def test_views_at_play_cost_a_run_no_memory_where_it_plays_as_many_games() -> None:
    sizes = sizes_of("tiny_mlp")
    one, eight = (TrainConfig(algorithm="afterstate_td", n_envs=64, microbatch_size=1, play_views=n) for n in (1, 8))
    assert (games_at_once(one), games_at_once(eight)) == (64, 8)
    assert estimate_memory(sizes, one).training == estimate_memory(sizes, eight).training
    seen = [estimate_memory(sizes, config).running - 4 * sizes.parameters for config in (TrainConfig(), one, eight)]
    assert seen == [sizes.inference_bytes * boards for boards in (1, 4, 32)]


def test_memory_grows_by_the_same_for_each_board() -> None:
    sizes = sizes_of("small_transformer")
    taken = [estimate_memory(sizes, with_boards(CONFIG, boards)).training for boards in (300, 301, 302, 303)]
    assert len({after - before for before, after in pairwise(taken)}) == 1


def test_recomputation_takes_memory_away() -> None:
    memory = estimate_memory(sizes_of("deep_checkpointed"), CONFIG)
    assert memory.activations < memory.activations_without_checkpoints / 2


def test_what_is_recomputed_goes_forward_once_more() -> None:
    layer, again = Component("t", "transformer_layer"), Component("g", "grad_checkpoint")
    plain, checkpointed = (analyse(chain(*blocks)).sizes for blocks in ((layer,), (layer, again)))
    of_layer = analyse(chain(layer)).nodes["t"].sizes.flops
    assert (plain.recomputed_flops, checkpointed.recomputed_flops) == (0, of_layer)
    assert cost_per_move(checkpointed, CONFIG) > cost_per_move(plain, CONFIG)
    thrice = Component("r", "repeat", {"times": 3})
    inside = [msgspec.structs.replace(part, inside="r") for part in (layer, again)]
    repeated = msgspec.structs.replace(chain(thrice), components=[*chain(thrice).components, *inside])
    repeated = msgspec.structs.replace(repeated, edges=[*repeated.edges, ("t", "g")])
    assert analyse(repeated).sizes.recomputed_flops == 3 * of_layer


def test_the_least_is_that_of_the_narrower_numbers() -> None:
    sizes = sizes_of("cell_experts")
    memory = estimate_memory(sizes, TrainConfig(), compact=True)
    assert least_training_bytes(sizes, TrainConfig(precision="float32")) == memory.training
    least = least_training_bytes(sizes, TrainConfig())
    assert least == memory.training - round(0.4 * memory.activations)
    assert least == least_training_bytes(sizes, TrainConfig(precision="bfloat16"))


def test_a_forecast_tells_what_is_known() -> None:
    sizes = sizes_of("small_transformer")
    training = estimate_memory(sizes, CONFIG).training
    least = estimate_memory(sizes, CONFIG, compact=True).training
    told = forecast(sizes, CONFIG, None)
    assert (told.training_bytes, told.memory) == (training, estimate_memory(sizes, CONFIG))
    assert (told.fits, told.largest_microbatch, told.seconds) == (None, None, None)
    unmeasured = forecast(sizes, CONFIG, Machine(2, 4 * training))
    assert (unmeasured.training_bytes, unmeasured.fits, unmeasured.seconds) == (training, True, None)
    assert unmeasured.largest_microbatch == CONFIG.minibatch_size
    assert forecast(sizes, CONFIG, Machine(2, least)).fits is True
    assert forecast(sizes, CONFIG, Machine(2, least - 1)).fits is False
    assert forecast(sizes, CONFIG, Machine(2, 1)).largest_microbatch == 0
    assert forecast(sizes, CONFIG, Machine(2, 2 * training, run_memory_bytes=least - 1)).fits is False
    assert forecast(sizes, CONFIG, Machine(2, 2 * training, run_memory_bytes=least)).fits is True


def test_where_memory_is_short_the_heap_has_no_holes_and_less_is_told() -> None:
    sizes = sizes_of("small_transformer")
    plentiful, compact = (estimate_memory(sizes, CONFIG, compact=compact).training for compact in (False, True))
    assert plentiful > 1.1 * compact
    assert forecast(sizes, CONFIG, Machine(2, 4 * plentiful)).training_bytes == plentiful
    assert forecast(sizes, CONFIG, Machine(2, 4 * plentiful - 4)).training_bytes == compact


def test_a_machine_that_computes_in_bfloat16_is_told_less_memory() -> None:
    sizes = sizes_of("small_transformer")
    wide, narrow = (estimate_memory(sizes, CONFIG, Machine(2, 10**12, bfloat16=is_narrow)) for is_narrow in (False, True))
    assert narrow.activations == round(0.6 * wide.activations)
    assert narrow.training < wide.training
    float32 = msgspec.structs.replace(CONFIG, precision="float32")
    assert estimate_memory(sizes, float32, Machine(2, 10**12, bfloat16=True)) == wide
    assert estimate_memory(sizes, float32) == wide


def test_each_process_of_a_run_has_all_of_the_network() -> None:
    sizes = analyse(template("small_transformer")).sizes
    whole = TrainConfig()
    half = msgspec.structs.replace(whole, n_envs=whole.n_envs // 2, minibatch_size=whole.minibatch_size // 2)
    one = estimate_memory(sizes, half)
    two = estimate_memory(sizes, msgspec.structs.replace(whole, workers=2))
    assert (two.weights, two.optimizer, two.activations) == (2 * one.weights, 2 * one.optimizer, 2 * one.activations)
    assert two.gradients == 4 * one.gradients, "once more to average them"
    assert two.training == 2 * (one.training + one.gradients)
    assert two.running == one.running
