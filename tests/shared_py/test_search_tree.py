"""The tree of boards that the phone searches: by plain recursion, and against the server's search of the same boards."""

import struct
from typing import NamedTuple, cast, get_args

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from support.boards import random_boards
from support.brute_force import worths

from backend.environment.game_2048 import Boards
from backend.evaluation.expectimax import BoardValues, move_worths
from backend.models.rewards import reward_of as torch_reward_of
from shared_py import pyodide_api
from shared_py.game_2048 import Board, is_over
from shared_py.search_tree import MAX_DEPTH, reward_of, search_tree
from shared_py.training_config import RewardForm

GAMMA = 0.97
WEIGHTS = np.random.default_rng(7).standard_normal(16)
STUCK_BOARD = (4, 1, 3, 2, 5, 6, 1, 4, 2, 3, 4, 8, 7, 6, 1, 2)
"""nothing moves"""


def any_value(boards: Boards) -> NDArray[np.float64]:
    """A value of boards before a move that no rule of the game has."""
    found: NDArray[np.float64] = 0.1 * np.sin(np.exp2(boards % 5) @ WEIGHTS)
    return found


class Layer(NamedTuple):
    after: NDArray[np.int32]
    rewards: NDArray[np.float32]
    empties: NDArray[np.int32]


class Tree(NamedTuple):
    four: float
    layers: list[Layer]
    over: NDArray[np.int32]
    leaves: NDArray[np.uint8]


def read(tree: bytes) -> Tree:
    """By the description of the format."""
    depth, n_leaves, n_over, four = struct.unpack_from("<iiid", tree)
    place = 20

    def take(count: int, kind: str) -> NDArray[np.generic]:
        nonlocal place
        found = np.frombuffer(tree, kind, count, place)
        place += found.nbytes
        return found

    layers = []
    for _ in range(depth):
        boards, different = (int(number) for number in cast(NDArray[np.int32], take(2, "<i4")))
        after, rewards = take(4 * boards, "<i4").reshape(-1, 4), take(4 * boards, "<f4").reshape(-1, 4)
        layers.append(Layer(cast(NDArray[np.int32], after), cast(NDArray[np.float32], rewards), take(different, "<i4")))  # type: ignore[arg-type]
    over, leaves = take(n_over, "<i4"), take(16 * n_leaves, "u1").reshape(-1, 16)
    assert place == len(tree)
    return Tree(four, layers, over, leaves)  # type: ignore[arg-type]


def worths_of(tree: Tree) -> NDArray[np.float64]:
    """What the moves of the first boards are worth, by leaf values of `any_value`."""
    values = any_value(tree.leaves)
    values[tree.over] = 0.0
    for layer in reversed(tree.layers):
        means, place = [], 0
        for empty in layer.empties.tolist():
            twos, fours = values[place : place + empty], values[place + empty : place + 2 * empty]
            means.append((1 - tree.four) * twos.mean() + tree.four * fours.mean())
            place += 2 * empty
        worth = np.where(layer.after < 0, -np.inf, layer.rewards + GAMMA * np.append(means, 0.0)[layer.after])
        values = worth.max(axis=1)
        values[np.isneginf(values)] = 0.0
    return worth


def boards_of_play() -> Boards:
    """Thinly and densely filled ones, and one that is stuck."""
    random = np.random.default_rng(3)
    boards = random.integers(1, 7, (4, 16)).astype(np.uint8)
    for board, empty in zip(boards, (0, 1, 2, 5), strict=True):
        board[random.permutation(16)[:empty]] = 0
    thin = random_boards(1, 4).numpy().astype(np.uint8)
    return np.concatenate([boards, thin, np.array([STUCK_BOARD], dtype=np.uint8)])


@pytest.mark.parametrize("depth", range(1, MAX_DEPTH + 1))
@pytest.mark.parametrize("form", get_args(RewardForm))
def test_the_phone_searches_as_the_server(depth: int, form: RewardForm) -> None:
    boards = boards_of_play()
    found = worths_of(read(search_tree([board.tobytes() for board in boards], depth, form)))
    expected = move_worths(boards, depth, BoardValues(any_value, False, GAMMA, form))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)
    assert np.isneginf(found[-1]).all()


@pytest.mark.parametrize("form", get_args(RewardForm))
def test_a_search_is_the_plain_recursion(form: RewardForm) -> None:
    boards = boards_of_play()[:3]
    found = worths_of(read(search_tree([board.tobytes() for board in boards], 2, form)))

    def value(board: Board) -> float:
        return float(any_value(np.array([board], dtype=np.uint8))[0])

    expected = [worths(tuple(board.tolist()), 2, value, GAMMA, form, of_afterstates=False) for board in boards]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


def test_leaves_where_the_game_is_over_are_listed() -> None:
    board = (10, 10, 8, 9, 3, 4, 5, 6, 7, 8, 9, 1, 5, 6, 7, 8)
    tree = read(search_tree([bytes(board)], 1, "points"))
    expected = [number for number, leaf in enumerate(tree.leaves.tolist()) if is_over(tuple(leaf))]
    assert tree.over.tolist() == expected
    assert len(expected) == 4


@pytest.mark.parametrize("form", get_args(RewardForm))
def test_rewards_are_those_of_training(form: RewardForm) -> None:
    points = [0, 4, 8, 12, 1000, 2048, 131072]
    expected = torch_reward_of(torch.tensor(points), form).tolist()
    assert [reward_of(each, form) for each in points] == pytest.approx(expected, rel=1e-6)


def test_the_call_of_the_phone() -> None:
    boards = boards_of_play()
    asked = msgspec.json.encode(boards.tolist()).decode()
    assert pyodide_api.search_tree(asked, "2", '"points"') == search_tree([board.tobytes() for board in boards], 2, "points")
    for depth in ("0", "3"):
        with pytest.raises(msgspec.ValidationError):
            pyodide_api.search_tree(asked, depth, '"points"')
    with pytest.raises(ValueError, match="at least 1"):
        search_tree([], 0, "points")
