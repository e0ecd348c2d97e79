"""Boards after each move, what the moves give, and a network that plays by valuing them."""

import numpy as np
import pytest
import torch
from support.boards import random_boards
from support.designs import plain_design, small_design

from backend.models import GameTransformer
from backend.models.afterstate_player import SHARPNESS, AfterstatePlayer
from backend.models.game_transformer import ILLEGAL
from backend.models.moves import ScoredMoves
from backend.models.rewards import RewardForm, reward_of
from backend.models.rules import board_views
from shared_py.game_2048 import move


@pytest.mark.parametrize("highest", [2, 5, 11, 17])
def test_moves_and_points_are_those_of_the_rules(highest: int) -> None:
    boards, moves = random_boards(700, highest), ScoredMoves()
    keys = moves.keys(boards)
    after, points = moves.slide(keys), moves.points(keys)
    assert torch.equal(after, moves(boards))
    for board, found, given in zip(boards.tolist(), after.tolist(), points.tolist(), strict=True):
        expected = [move(tuple(board), action) for action in range(4)]
        assert [tuple(view) for view in found] == [board for board, *_ in expected]
        assert given == [gained for _, gained, *_ in expected]


@pytest.mark.parametrize(
    ("form", "expected"),
    [("points", [0, 0.0002, 0.1024]), ("sqrt_points", [0, 0.0125, 0.28284]), ("log_points", [0, 0.0125, 0.06875])],
)
def test_rewards(form: RewardForm, expected: list[float]) -> None:
    torch.testing.assert_close(reward_of(torch.tensor([0, 4, 2048]), form), torch.tensor(expected), atol=1e-5, rtol=0)


@torch.no_grad()
def test_a_player_weighs_reward_and_the_value_of_the_board_after() -> None:
    torch.manual_seed(1)
    network = GameTransformer.from_architecture(plain_design()).eval()
    player, boards = AfterstatePlayer(network, 0.9, "sqrt_points"), random_boards(60, 3)
    logits, values = player(boards)
    assert (logits.shape, values.shape) == ((60, 4), (60,))
    for board, found, value in zip(boards, logits, values, strict=True):
        worth = {}
        for action in range(4):
            after, points, *_ = move(tuple(board.tolist()), action)
            if after != tuple(board.tolist()):
                own = network(torch.tensor([after]))[1].item()
                worth[action] = 0.1 * np.sqrt(points) / 16 + 0.9 * own
        for action in range(4):
            expected = (worth[action] - max(worth.values())) * SHARPNESS if action in worth else ILLEGAL
            assert found[action].item() == pytest.approx(expected, rel=1e-4, abs=1e-3)
        assert value.item() == pytest.approx(max(worth.values(), default=0.0), abs=1e-5)


@torch.no_grad()
def test_eight_views_make_a_player_that_no_turn_or_mirror_can_confuse() -> None:
    torch.manual_seed(1)
    network = GameTransformer.from_architecture(plain_design()).eval()
    one, all_eight = (AfterstatePlayer(network, 0.9, "points", views) for views in (1, 8))
    boards, views = random_boards(40, 6), board_views()
    values = torch.stack([one(boards[:, view])[1] for view in views])
    turned = torch.stack([all_eight(boards[:, view])[1] for view in views])
    torch.testing.assert_close(turned, turned[:1].expand_as(turned), atol=1e-5, rtol=0)
    assert (values - values[:1]).abs().max() > 1e-3

    after = torch.tensor([move(tuple(boards[0].tolist()), action)[0] for action in range(4)])
    rewards = reward_of(torch.tensor([move(tuple(boards[0].tolist()), action)[1] for action in range(4)]), "points")
    means = torch.stack([network(after[:, view])[1] for view in views]).mean(dim=0)
    logits = all_eight(boards[:1])[0][0]
    legal = logits > ILLEGAL / 2
    worth = (rewards + 0.9 * means)[legal]
    torch.testing.assert_close(logits[legal], (worth - worth.max()) * SHARPNESS, atol=1e-4, rtol=0)


def test_a_board_is_decided_when_all_boards_after_it_are() -> None:
    torch.manual_seed(1)
    network = GameTransformer.from_architecture(small_design()).eval()
    player, boards = AfterstatePlayer(network, 0.9, "points", 2), random_boards(20, 5)
    with torch.no_grad():
        for module in network.modules():
            if hasattr(module, "router_jitter_noise"):
                module.linear.weight.zero_()
    assert not player.is_decided(boards).any()
