"""The table-driven game equals the plain rules, move by move and game by game."""

import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.environment import game_2048 as table
from shared_py import game_2048 as plain


def random_boards(count: int, seed: int) -> NDArray[np.uint8]:
    """Boards of every kind: crowded with any tile, small tiles that merge, and sparse ones."""
    random = np.random.default_rng(seed)
    boards = random.integers(0, plain.MAX_EXPONENT + 1, (count, 16))
    boards[::2] = random.integers(0, 4, (len(boards[::2]), 16))
    boards[::5] *= random.random((len(boards[::5]), 16)) < 0.4
    boards[::7] = random.integers(16, 18, (len(boards[::7]), 16))
    return boards.astype(np.uint8)


def as_tuple(board: NDArray[Any]) -> tuple[int, ...]:
    return tuple(board.tolist())


@pytest.mark.parametrize("action", range(4))
def test_moves_equal_the_plain_rules(action: int) -> None:
    boards = random_boards(6000, seed=action)
    slid, points, moved = table.slide(boards, np.full(len(boards), action))
    for index, board in enumerate(boards):
        assert (as_tuple(slid[index]), int(points[index]), bool(moved[index])) == plain.move(as_tuple(board), action)


def test_masks_equal_the_plain_rules() -> None:
    boards = random_boards(6000, seed=9)
    for board, legal in zip(boards, table.legal_moves(boards), strict=True):
        assert as_tuple(legal) == plain.legal_moves(as_tuple(board))


def test_every_line_equals_the_plain_rules() -> None:
    tables = table.line_tables()
    assert len(tables.slid) == 18**4
    for key in range(0, 18**4, 7):
        line = tuple(key // 18**place % 18 for place in range(4))
        assert (as_tuple(tables.slid[key]), int(tables.points[key])) == plain.slide_line(line)


def test_whole_games_equal_the_plain_rules() -> None:
    random = np.random.default_rng(3)
    games = table.Games(32, random)
    finished = 0
    while finished < 64:
        before, legal = games.boards.copy(), games.legal.copy()
        actions = (random.random(legal.shape) * legal).argmax(axis=1)
        step = games.step(actions)
        for index in range(32):
            slid, points, moved = plain.move(as_tuple(before[index]), int(actions[index]))
            after = as_tuple(step.final_boards[index])
            spawned = [cell for cell in range(16) if slid[cell] != after[cell]]
            assert moved
            assert points == step.points[index]
            assert len(spawned) == 1
            assert slid[spawned[0]] == 0
            assert after[spawned[0]] in (1, 2)
            assert bool(step.over[index]) == plain.is_over(after)
            if step.over[index]:
                assert np.count_nonzero(games.boards[index]) == 2
                finished += 1
        assert (games.legal == table.legal_moves(games.boards)).all()


def test_a_move_that_changes_nothing_brings_no_tile() -> None:
    games = table.Games(1, np.random.default_rng(0))
    games.play_on(np.array([[1] + [0] * 15], dtype=np.uint8))
    step = games.step(np.array([3]))
    assert not step.moved[0]
    assert not step.over[0]
    assert games.boards.tolist() == [[1] + [0] * 15]


def test_new_tiles_are_fair() -> None:
    random = np.random.default_rng(1)
    boards = np.zeros((40_000, 16), dtype=np.uint8)
    boards[:, :4] = 5
    table.spawn(boards, np.ones(len(boards), dtype=bool), random)
    new = boards[:, 4:]
    assert (np.count_nonzero(new, axis=1) == 1).all()
    assert (new == 2).sum() / len(boards) == pytest.approx(0.1, abs=0.01)
    assert np.count_nonzero(new, axis=0) == pytest.approx(np.full(12, len(boards) / 12), rel=0.1)


def test_a_full_board_takes_no_tile() -> None:
    boards = np.full((2, 16), 3, dtype=np.uint8)
    table.spawn(boards, np.zeros(2, dtype=bool), np.random.default_rng(0))
    with pytest.raises(ValueError, match="full board"):
        table.spawn(boards, np.array([False, True]), np.random.default_rng(0))


def test_seeded_games_repeat() -> None:
    def play(seed: int) -> list[list[int]]:
        games = table.Games(8, np.random.default_rng(seed))
        for _ in range(50):
            games.step(games.legal.argmax(axis=1))
        return games.boards.tolist()  # type: ignore[no-any-return]

    assert play(1) == play(1)
    assert play(1) != play(2)


def test_tables_are_built_quickly() -> None:
    began = time.process_time()
    table.line_tables.__wrapped__()
    assert time.process_time() - began < 0.5
