"""Experts by phase of the game: counted by the largest tile, against routings computed here, and which of them are dead."""

import numpy as np
import pytest
import torch
from support.designs import board_mixture_design, plain_design, small_design

from backend.environment.game_2048 import Boards, slide
from backend.evaluation import play
from backend.evaluation.expert_phases import BOARDS_OF_A_TILE, TileSample, expert_phases, work_shares
from backend.evaluation.expert_usage import DEAD_AFTER_ROLLOUTS, MixtureStatistics
from backend.evaluation.policy_evaluation import evaluate_policy
from backend.models import AfterstatePlayer, GameTransformer
from shared_py.design import ModelArchitecture
from shared_py.metrics import ExpertPhases
from shared_py.protocol import Evaluation
from shared_py.training_config import TrainConfig

BOARD_TILES = (3, 3, 3, 5, 5, 8)
BOARDS: Boards = np.array([[exponent, *[index % 3] * 4, *[0] * 11] for index, exponent in enumerate(BOARD_TILES)], np.uint8)
GAMES = play.EndedGames(np.ones(1, np.int64), np.ones(1, np.uint8), np.ones(1, np.int64))


def network_of(design: ModelArchitecture) -> GameTransformer:
    torch.manual_seed(3)
    model = GameTransformer.from_architecture(design).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
    return model


def phases_of(model: GameTransformer, boards: Boards = BOARDS) -> dict[str, ExpertPhases]:
    sample = TileSample(model, 1)
    sample.add(boards)
    return expert_phases(model, sample, "float32", at_once=2)


@pytest.mark.parametrize("top_k", [1, 2])
def test_shares_are_of_the_boards_with_a_largest_tile(top_k: int) -> None:
    model = network_of(board_mixture_design(top_k=top_k))
    (phases,) = phases_of(model).values()
    with torch.inference_mode():
        experts = model.compute(torch.from_numpy(BOARDS).long()).routings["c5"].experts
    assert phases.whole_boards
    assert phases.boards == {"8": 3, "32": 2, "256": 1}
    for face, exponent in (("8", 3), ("32", 5), ("256", 8)):
        taken = experts[[tile == exponent for tile in BOARD_TILES]]
        expected = [(taken == expert).any(dim=1).float().mean().item() for expert in range(3)]
        assert phases.shares[face] == pytest.approx(expected)
        assert sum(phases.shares[face]) == pytest.approx(top_k)


def test_shares_of_cells_have_no_dead_experts() -> None:
    (phases,) = phases_of(network_of(small_design())).values()
    assert not phases.whole_boards
    assert phases.dead_experts == []
    for shares in phases.shares.values():
        assert sum(shares) == pytest.approx(2)


def test_an_expert_is_dead_below_one_percent_of_all_boards_however_many_are_sampled() -> None:
    model = network_of(board_mixture_design())
    router = next(module for name, module in model.named_modules() if name == "block_c4")
    with torch.no_grad():
        for parameter in router.parameters():
            parameter.zero_()  # equal logits: the first expert is taken
    many = np.tile(BOARDS[:1], (5 * BOARDS_OF_A_TILE, 1))
    (phases,) = phases_of(model, many).values()
    assert phases.boards == {"8": 5 * BOARDS_OF_A_TILE}
    assert phases.shares == {"8": [1.0, 0.0, 0.0]}
    assert phases.dead_experts == [1, 2]


def test_all_boards_count_and_an_even_sample_of_each_tile_is_kept() -> None:
    sample = TileSample(torch.nn.Identity(), 1)
    for _ in range(3):
        sample.add(np.tile(BOARDS, (BOARDS_OF_A_TILE, 1)))
    assert sample.counts == {3: 9 * BOARDS_OF_A_TILE, 5: 6 * BOARDS_OF_A_TILE, 8: 3 * BOARDS_OF_A_TILE}
    assert {tile: len(boards) for tile, boards in sample.boards.items()} == dict.fromkeys((3, 5, 8), BOARDS_OF_A_TILE)
    assert all((boards.max(axis=1) == tile).all() for tile, boards in sample.boards.items())


@pytest.mark.parametrize("after", [False, True])
def test_the_boards_are_those_that_the_network_sees(after: bool) -> None:
    model = network_of(board_mixture_design())
    sample = TileSample(AfterstatePlayer(model, 1.0, "points") if after else model, 1)
    boards = np.array([[1, 1, 0, 0, *[0] * 12]], np.uint8)
    chosen = sample.watch(lambda boards, _: np.full(len(boards), 3))(boards, np.ones((1, 4), bool))
    assert chosen.tolist() == [3]
    seen = slide(boards, chosen)[0] if after else boards
    assert sample.boards[int(seen.max())].tolist() == seen.tolist()


def test_an_evaluation_tells_them_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    config = TrainConfig(n_envs=16, precision="float32")

    def evaluated(design: ModelArchitecture, stops_at: int = -1) -> Evaluation | None:
        ticks = iter(range(10_000))
        model = network_of(design)
        return evaluate_policy(
            model, lambda network, _: network, "greedy", config, 4, 10, lambda *_: False, lambda: next(ticks) == stops_at
        )

    whole = evaluated(board_mixture_design())
    assert whole is not None
    assert list(whole.experts) == ["c5"]
    assert sum(whole.experts["c5"].boards.values()) > 50
    plain = evaluated(plain_design())
    assert plain is not None
    assert plain.experts == {}
    assert evaluated(board_mixture_design(), stops_at=4) is None


def test_experts_of_whole_boards_are_judged_by_test_games_also_after_a_stop() -> None:
    model = network_of(board_mixture_design())
    statistics = MixtureStatistics()
    for _ in range(DEAD_AFTER_ROLLOUTS):
        statistics.begin_rollout()
        with torch.no_grad():
            statistics.add(model, model.compute(torch.zeros(1, 16, dtype=torch.int64)))
        statistics.end_rollout()
    usage = statistics.usage()
    assert usage is not None
    assert usage.whole_boards == ["c5"]
    assert usage.dead_experts == {}, "a rollout may contain no board of a phase"
    dead = ExpertPhases(whole_boards=True, boards={"8": 1}, shares={"8": [1.0, 0.0, 0.0]}, dead_experts=[1, 2])
    statistics.tested(play.evaluation_of(GAMES, "greedy", 5, None, {"c5": dead}))
    resumed = MixtureStatistics()
    resumed.load_state_dict(statistics.state_dict())
    assert resumed.dead_experts() == {"c5": [1, 2]}
    resumed.tested(play.evaluation_of(GAMES, "greedy", 6))
    assert resumed.dead_experts() == {}


def test_checkpoints_of_older_versions_have_the_rollouts_alone() -> None:
    statistics = MixtureStatistics()
    statistics.load_state_dict({"c5": [[0.99, 0.01]] * DEAD_AFTER_ROLLOUTS})
    assert statistics.dead_experts() == {"c5": [1]}


def test_each_expert_that_works_on_a_cell_counts() -> None:
    model = network_of(small_design())
    routing = model.compute(torch.from_numpy(BOARDS).long()).routings["c5"]
    expected = [(routing.experts == expert).any(dim=2).float().mean().item() for expert in range(3)]
    assert work_shares(routing).tolist() == pytest.approx(expected)
