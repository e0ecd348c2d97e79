"""Search at play: against plain recursion, in pieces, and at depth 0 against the player without search."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from support.boards import random_boards
from support.brute_force import worths
from support.designs import small_design

from backend.environment.game_2048 import Boards, legal_moves, slide, slide_all
from backend.evaluation.expectimax import (
    BoardValues,
    boards_with_new_tile,
    move_worths,
    searching_player,
    unique_boards,
    values_of,
)
from backend.evaluation.play import network_player, play_games
from backend.models import AfterstatePlayer, GameTransformer, ModelOutput
from backend.models.rewards import RewardForm
from shared_py.game_2048 import Board

WEIGHTS = np.random.default_rng(5).standard_normal(16)
STUCK_BOARD = np.array([4, 1, 3, 2, 5, 6, 1, 4, 2, 3, 4, 8, 7, 6, 1, 2], dtype=np.uint8)
"""a full board on which nothing moves"""


def any_value(boards: Boards) -> NDArray[np.float64]:
    """A value that differs from board to board, by a rule that is no rule of the game."""
    found: NDArray[np.float64] = 0.1 * np.sin(np.exp2(boards % 5) @ WEIGHTS)
    return found


def full_boards(count: int) -> Boards:
    """Boards with few empty cells, as late in a game, among them some where few moves are left."""
    random = np.random.default_rng(count)
    boards = random.integers(1, 6, (count, 16)).astype(np.uint8)
    for board in boards:
        board[random.integers(0, 16, random.integers(0, 4))] = 0
    return boards


def board_of(cells: NDArray[np.uint8]) -> Board:
    return tuple(cells.tolist())


def test_all_moves_at_once_are_the_single_moves() -> None:
    boards = random_boards(200, 17).numpy().astype(np.uint8)
    after, points, moved = slide_all(boards)
    for action in range(4):
        one = slide(boards, np.full(len(boards), action))
        assert (after[:, action] == one[0]).all()
        assert (points[:, action] == one[1]).all()
        assert (moved[:, action] == one[2]).all()


@pytest.mark.parametrize("form", ["points", "sqrt_points", "log_points"])
@pytest.mark.parametrize(("depth", "of_afterstates"), [(0, True), (1, True), (2, True), (1, False), (2, False)])
def test_a_search_is_the_plain_recursion(form: RewardForm, depth: int, of_afterstates: bool) -> None:
    boards = np.concatenate([full_boards(5 if depth < 2 else 2), STUCK_BOARD[None]])
    gamma = 0.97
    found = move_worths(boards, depth, BoardValues(any_value, of_afterstates, gamma, form))

    def value(board: Board) -> float:
        return float(any_value(np.array([board], dtype=np.uint8))[0])

    expected = [worths(board_of(board), depth, value, gamma, form, of_afterstates=of_afterstates) for board in boards]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    assert np.isneginf(found[-1]).all()


def test_a_search_in_pieces_is_the_whole_search() -> None:
    boards = random_boards(12, 6).numpy().astype(np.uint8)
    sizes = []

    def value(found: Boards) -> NDArray[np.float64]:
        sizes.append(len(found))
        return any_value(found)

    values = BoardValues(value, True, 1.0, "points")
    whole = move_worths(boards, 2, values)
    together = max(sizes)
    sizes.clear()
    in_pieces = move_worths(boards, 2, values, at_once=64)
    np.testing.assert_allclose(in_pieces, whole, rtol=1e-12)
    assert max(sizes) <= 4 * 64 < together


def test_equal_boards_are_hardly_ever_valued_twice() -> None:
    boards = random_boards(3000, 2).numpy().astype(np.uint8)
    repeated = np.concatenate([boards, boards[::2]])
    different, which = unique_boards(repeated)
    number = len({board_of(board) for board in repeated})
    assert number <= len(different) <= 1.1 * number < len(repeated)
    assert (different[which] == repeated).all()
    seen: list[Board] = []

    def value(found: Boards) -> NDArray[np.float64]:
        seen.extend(board_of(board) for board in found)
        return any_value(found)

    move_worths(np.repeat(full_boards(3), 5, axis=0), 1, BoardValues(value, True, 1.0, "points"))
    assert 0 < len(set(seen)) <= len(seen) <= 1.1 * len(set(seen))


def test_new_tiles_come_to_every_empty_cell_with_their_chances() -> None:
    after = np.zeros((2, 16), dtype=np.uint8)
    after[0, 3:] = 4
    after[1, 1:] = 5
    boards, origin, chances = boards_with_new_tile(after)
    assert origin.tolist() == [0] * 6 + [1] * 2
    assert chances.tolist() == pytest.approx([0.3, 0.1 / 3] * 3 + [0.9, 0.1])
    assert boards[:6, :3].tolist() == [[1, 0, 0], [2, 0, 0], [0, 1, 0], [0, 2, 0], [0, 0, 1], [0, 0, 2]]
    assert boards[6:, 0].tolist() == [1, 2]


def test_a_game_that_is_over_is_worth_nothing() -> None:
    board = STUCK_BOARD.copy()
    board[[0, 1]] = 10, 10  # the only move merges them, and every new tile ends the game
    board[4:] = [3, 4, 5, 6, 7, 8, 9, 1, 5, 6, 7, 8]
    board[2:4] = 8, 9
    always = BoardValues(lambda boards: np.full(len(boards), 100.0), False, 1.0, "points")
    after, points, legal = slide_all(board[None])
    chosen = int(legal[0].argmax())
    assert not legal_moves(boards_with_new_tile(after[0, chosen : chosen + 1])[0]).any()
    assert move_worths(board[None], 1, always)[0, chosen] == pytest.approx(points[0, chosen] / 20_000)


@pytest.mark.parametrize("views", [1, 8])
def test_depth_0_is_the_player_without_search(views: int) -> None:
    torch.manual_seed(3)
    model = GameTransformer.from_architecture(small_design())
    for parameter in model.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    player = AfterstatePlayer(model, 0.99, "sqrt_points", views)
    searching = searching_player(values_of(player, 0.99, "sqrt_points", "float32", 8), 0)
    plain = network_player(player, "greedy", 1, "float32", 8)
    boards = random_boards(200, 9).numpy().astype(np.uint8)
    legal = legal_moves(boards)
    boards, legal = boards[legal.any(axis=1)], legal[legal.any(axis=1)]
    assert (searching(boards, legal) == plain(boards, legal)).all()
    games = [play_games(select, 6, 2) for select in (searching, plain)]
    assert games[0] is not None
    assert games[1] is not None
    assert games[0].scores.tolist() == games[1].scores.tolist()


def test_a_pass_has_no_more_boards_than_without_search() -> None:
    model = GameTransformer.from_architecture(small_design())
    player = AfterstatePlayer(model, 0.99, "points", 2)
    seen = []
    compute = model.compute

    def watched(board: torch.Tensor) -> ModelOutput:
        seen.append(len(board))
        return compute(board)

    model.compute = watched  # type: ignore[method-assign]
    values_of(player, 0.99, "points", "float32", 10).value(random_boards(95, 5).numpy().astype(np.uint8))
    assert max(seen) == 10 * 4 * 2
    assert len(seen) == 3


def test_values_of_boards_need_a_depth() -> None:
    model = GameTransformer.from_architecture(small_design())
    values = values_of(model, 0.99, "points", "float32")
    assert not values.of_afterstates
    with pytest.raises(ValueError, match="no search of depth 0"):
        searching_player(values, 0)
    boards = random_boards(9, 5).numpy().astype(np.uint8)
    with torch.inference_mode():
        expected = model(torch.from_numpy(boards).long())[1].numpy()
    np.testing.assert_allclose(values.value(boards), expected, atol=1e-6)


def test_values_that_are_no_numbers_are_refused() -> None:
    model = GameTransformer.from_architecture(small_design())
    for parameter in model.parameters():
        parameter.data += torch.nan
    player = AfterstatePlayer(model, 0.99, "points")
    with pytest.raises(FloatingPointError, match="no longer finite"):
        values_of(player, 0.99, "points", "float32").value(np.zeros((1, 16), dtype=np.uint8))
    assert len(values_of(player, 0.99, "points", "float32").value(np.zeros((0, 16), dtype=np.uint8))) == 0
