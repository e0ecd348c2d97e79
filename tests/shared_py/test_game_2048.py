"""The rules of 2048 in plain Python, by example and by law."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_py.game_2048 import (
    CELLS,
    EMPTY_BOARD,
    MAX_EXPONENT,
    is_over,
    legal_moves,
    move,
    new_game,
    slide_line,
    spawn,
)

boards = st.lists(st.integers(0, MAX_EXPONENT), min_size=CELLS, max_size=CELLS).map(tuple)
small_boards = st.lists(st.integers(0, 3), min_size=CELLS, max_size=CELLS).map(tuple)
UP, RIGHT, DOWN, LEFT = range(4)


@pytest.mark.parametrize(
    ("line", "slid", "points"),
    [
        ((0, 0, 0, 0), (0, 0, 0, 0), 0),
        ((0, 1, 0, 1), (2, 0, 0, 0), 4),
        ((1, 1, 1, 0), (2, 1, 0, 0), 4),
        ((1, 1, 1, 1), (2, 2, 0, 0), 8),
        ((2, 1, 1, 0), (2, 2, 0, 0), 4),
        ((1, 1, 2, 0), (2, 2, 0, 0), 4),
        ((3, 0, 0, 3), (4, 0, 0, 0), 16),
        ((1, 2, 1, 2), (1, 2, 1, 2), 0),
        ((16, 16, 0, 0), (17, 0, 0, 0), 131072),
        ((17, 17, 0, 0), (17, 17, 0, 0), 0),
        ((17, 17, 1, 1), (17, 17, 2, 0), 4),
    ],
)
def test_line(line: tuple[int, ...], slid: tuple[int, ...], points: int) -> None:
    assert slide_line(line) == (slid, points)


def test_directions() -> None:
    board = (0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    places = [move(board, action)[0].index(1) for action in (UP, RIGHT, DOWN, LEFT)]
    assert places == [2, 7, 14, 4]


@given(boards)
def test_tiles_are_kept_and_points_are_what_merged(board: tuple[int, ...]) -> None:
    def total(cells: tuple[int, ...]) -> int:
        return sum(1 << exponent for exponent in cells if exponent)

    for action in range(4):
        moved, points, changed = move(board, action)
        assert total(moved) == total(board)
        assert changed == (moved != board)
        assert points % 4 == 0
        assert (points > 0) == (sum(map(bool, moved)) < sum(map(bool, board)))
        assert legal_moves(board)[action] == changed


@given(small_boards)
def test_mirrored_boards_move_alike(board: tuple[int, ...]) -> None:
    mirrored = tuple(board[4 * row + 3 - column] for row in range(4) for column in range(4))
    transposed = tuple(board[4 * column + row] for row in range(4) for column in range(4))
    left = move(board, LEFT)[1:]
    assert move(mirrored, RIGHT)[1:] == left
    assert move(transposed, UP)[1:] == left
    assert move(transposed[::-1], DOWN)[1:] == left


@given(small_boards.filter(lambda board: 0 in board), st.integers())
def test_spawn_fills_one_empty_cell(board: tuple[int, ...], seed: int) -> None:
    after = spawn(board, Random(seed))
    changed = [cell for cell in range(CELLS) if board[cell] != after[cell]]
    assert len(changed) == 1
    assert board[changed[0]] == 0
    assert after[changed[0]] in (1, 2)


def test_spawn_is_fair() -> None:
    random = Random(1)
    spawned = [spawn(EMPTY_BOARD, random) for _ in range(8000)]
    fours = sum(2 in board for board in spawned) / len(spawned)
    places = [sum(bool(board[cell]) for board in spawned) for cell in range(CELLS)]
    assert fours == pytest.approx(0.1, abs=0.015)
    assert min(places) > 400
    assert max(places) < 600


def test_a_full_board_takes_no_tile() -> None:
    with pytest.raises(ValueError, match="full board"):
        spawn((1,) * CELLS, Random(1))


def test_ends() -> None:
    assert is_over((1, 2, 1, 2, 2, 1, 2, 1, 1, 2, 1, 2, 2, 1, 2, 1))
    assert is_over((17,) * CELLS)
    assert not is_over((16,) * CELLS)
    assert not is_over(new_game(Random(3)))


def test_seeded_games_repeat() -> None:
    def play(seed: int) -> tuple[tuple[int, ...], int]:
        random, score = Random(seed), 0
        board = new_game(random)
        while not is_over(board):
            action = next(action for action in (LEFT, DOWN, RIGHT, UP) if legal_moves(board)[action])
            board, points, _ = move(board, action)
            score += points
            board = spawn(board, random)
        return board, score

    assert play(5) == play(5)
    assert play(5) != play(6)
