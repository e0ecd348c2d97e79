"""How experts are used: told by component, against the definitions of the entropies, and which of them are dead."""

import math

import numpy as np
import pytest
import torch
from support.designs import small_design

from backend.evaluation.expert_usage import DEAD_AFTER_ROLLOUTS, MixtureStatistics, load_entropy, router_entropy
from backend.models import GameTransformer, ModelOutput
from backend.models.outputs import Routing


def routing_with(probabilities: list[list[float]], taken: list[int]) -> Routing:
    """A routing of one board, one token a row, each to one expert."""
    given = torch.tensor([probabilities])
    experts = torch.tensor(taken)[None, :, None]
    return Routing(torch.zeros(1, len(taken), 1), given.log(), given, torch.ones_like(experts).float(), experts, 0.01, 0.0)


def output_with(**routings: Routing) -> ModelOutput:
    return ModelOutput(torch.zeros(1, 4), torch.zeros(1), {path.replace("_", "."): routings[path] for path in routings}, {})


@pytest.fixture
def model() -> GameTransformer:
    return GameTransformer.from_architecture(small_design())


SURE_AND_EVEN = routing_with([[1.0, 0.0], [0.0, 1.0]], [0, 1])
UNDECIDED = routing_with([[0.5, 0.5], [0.5, 0.5]], [0, 0])
MIXED = routing_with([[0.5, 0.5], [1.0, 0.0], [0.9, 0.1], [1.0, 0.0]], [1, 0, 0, 0])


def test_the_two_entropies_tell_different_things() -> None:
    assert router_entropy(SURE_AND_EVEN).item() == pytest.approx(0)
    assert load_entropy(np.array([0.5, 0.5])) == pytest.approx(1)
    assert router_entropy(UNDECIDED).item() == pytest.approx(1)
    assert load_entropy(np.array([1.0, 0.0])) == 0


def test_entropies_equal_their_definitions() -> None:
    of_third = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1))
    assert router_entropy(MIXED).item() == pytest.approx((math.log(2) + of_third) / 4 / math.log(2))
    shares = [0.25, 0.25, 0.5]
    assert load_entropy(np.array(shares)) == pytest.approx(-sum(p * math.log(p) for p in shares) / math.log(3))
    assert router_entropy(routing_with([[1.0]], [0])).item() == load_entropy(np.array([1.0])) == 0


def test_the_rounds_of_a_component_are_averaged(model: GameTransformer) -> None:
    statistics = MixtureStatistics()
    assert statistics.usage() is None
    statistics.add(model, output_with(c5_0_c8=MIXED, c5_1_c8=SURE_AND_EVEN, c9=UNDECIDED))
    usage = statistics.usage()
    assert usage is not None
    assert usage.layers == {"c8": [0.625, 0.375], "c9": [1.0, 0.0]}
    assert usage.expert_usage == [0.8125, 0.1875]
    assert usage.router_entropy["c8"] == pytest.approx(router_entropy(MIXED).item() / 2)
    assert usage.load_entropy == {"c8": pytest.approx(load_entropy(np.array([0.625, 0.375]))), "c9": 0.0}
    statistics.begin_rollout()
    assert statistics.usage() is None


def test_usage_sums_to_one_over_mixtures_of_different_sizes_and_many_moves(model: GameTransformer) -> None:
    statistics = MixtureStatistics()
    of_three = routing_with([[0.2, 0.3, 0.5]] * 4, [0, 1, 2, 2])
    for _ in range(3):
        statistics.add(model, output_with(c1=MIXED, c2=of_three))
    usage = statistics.usage()
    assert usage is not None
    assert usage.layers == {"c1": [0.75, 0.25], "c2": [0.25, 0.25, 0.5]}
    assert usage.expert_usage == [0.5, 0.25, 0.25]
    routings = output_with(c1=MIXED, c2=of_three).routings
    assert usage.lb_reward == pytest.approx(model.calculate_load_balancing_reward(routings).item())


def test_without_experts_there_is_no_usage(model: GameTransformer) -> None:
    statistics = MixtureStatistics()
    statistics.add(model, output_with())
    statistics.end_rollout()
    assert statistics.usage() is None
    assert statistics.dead_experts() == {}


def play_rollouts(statistics: MixtureStatistics, model: GameTransformer, output: ModelOutput, count: int) -> None:
    for _ in range(count):
        statistics.begin_rollout()
        statistics.add(model, output)
        statistics.end_rollout()


def test_an_expert_is_dead_after_so_many_rollouts_and_alive_again_when_it_is_used(model: GameTransformer) -> None:
    statistics = MixtureStatistics()
    output = output_with(c5=UNDECIDED, c6=SURE_AND_EVEN)
    play_rollouts(statistics, model, output, DEAD_AFTER_ROLLOUTS - 1)
    assert statistics.dead_experts() == {}
    play_rollouts(statistics, model, output, 1)
    usage = statistics.usage()
    assert usage is not None
    assert usage.dead_experts == {"c5": [1]}
    resumed = MixtureStatistics()
    resumed.load_state_dict(statistics.state_dict())
    assert resumed.dead_experts() == {"c5": [1]}
    play_rollouts(resumed, model, output_with(c5=SURE_AND_EVEN, c6=SURE_AND_EVEN), 2)
    assert resumed.dead_experts() == {}
    assert len(resumed.recent["c5"]) == DEAD_AFTER_ROLLOUTS


def test_only_little_of_an_even_share_is_dead(model: GameTransformer) -> None:
    statistics = MixtureStatistics()
    tokens = [[0.5, 0.5]] * 100
    for few, dead in ((4, {"c5": [1]}), (6, {})):
        play_rollouts(statistics, model, output_with(c5=routing_with(tokens, [1] * few + [0] * (100 - few))), DEAD_AFTER_ROLLOUTS)
        assert statistics.dead_experts() == dead
