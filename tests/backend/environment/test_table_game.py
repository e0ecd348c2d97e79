"""The table-driven game equals the plain rules, line by line, move by move and game by game."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.environment import game_2048 as table
from backend.environment import line_tables
from shared_py import game_2048 as plain

POSITIONS = 100_000


def random_boards(count: int, seed: int) -> NDArray[np.uint8]:
    """Boards of every kind: crowded with any tile, small tiles that merge, sparse ones, the two largest tiles, and none that is
    empty. Three fifths are full."""
    random = np.random.default_rng(seed)
    boards = random.integers(1, plain.MAX_EXPONENT + 1, (count, 16))
    boards[::2] = random.integers(0, 4, (len(boards[::2]), 16))
    boards[::6] = random.integers(1, 3, (len(boards[::6]), 16))
    boards[::5] *= random.random((len(boards[::5]), 16)) < 0.4
    boards[::7] = random.integers(16, 18, (len(boards[::7]), 16))
    boards[:, 0] += boards.sum(axis=1) == 0
    return boards.astype(np.uint8)


def as_tuple(board: NDArray[Any]) -> tuple[int, ...]:
    return tuple(board.tolist())


def keys_of(lines: NDArray[Any]) -> NDArray[np.int64]:
    return lines.astype(np.int64) @ 18 ** np.arange(4)


@cache
def plain_lines() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All 104,976 lines and their points, by the plain rules."""
    lines = [tuple(key // 18**place % 18 for place in range(4)) for key in range(18**4)]
    answers = [plain.slide_line(line) for line in lines]
    return np.array([line for line, _ in answers], dtype=np.uint8), np.array([points for _, points in answers])


def plain_slide(boards: NDArray[np.uint8], action: int) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bool_]]:
    """`plain.move` for many boards (N, 16), its lines looked up."""
    lines, points = plain_lines()
    cells = np.array(plain.LINES[action])
    keys = keys_of(boards[:, cells])
    slid = np.empty_like(boards)
    slid[:, cells] = lines[keys]
    return slid, points[keys].sum(axis=1), (slid != boards).any(axis=1)


def plain_legal(boards: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.stack([plain_slide(boards, action)[2] for action in range(4)], axis=1)


def test_looking_lines_up_is_the_plain_rule() -> None:
    boards = random_boards(500, seed=8)
    for action in range(4):
        slid, points, moved = plain_slide(boards, action)
        for index, board in enumerate(boards):
            assert (as_tuple(slid[index]), int(points[index]), bool(moved[index])) == plain.move(as_tuple(board), action)
    assert [as_tuple(legal) for legal in plain_legal(boards)] == [plain.legal_moves(as_tuple(board)) for board in boards]


@pytest.mark.parametrize("action", range(4))
def test_moves_equal_the_plain_rules(action: int) -> None:
    boards = random_boards(POSITIONS, seed=action)
    for ours, theirs in zip(table.slide(boards, np.full(len(boards), action)), plain_slide(boards, action), strict=True):
        assert np.array_equal(ours, theirs)


def test_masks_equal_the_plain_rules() -> None:
    boards = random_boards(POSITIONS, seed=9)
    assert np.array_equal(table.legal_moves(boards), plain_legal(boards))


@pytest.mark.parametrize("action", [0, 1, 2, 3, None])
def test_steps_equal_the_plain_rules(action: int | None) -> None:
    """From any position, whatever was played before; None is a different action for each board."""
    random = np.random.default_rng(5)
    games = table.Games(POSITIONS, random)
    games.step(random.integers(0, 4, POSITIONS))
    boards = random_boards(POSITIONS, seed=action or 4)
    some = random.permutation(POSITIONS)[: POSITIONS // 2]
    boards[some] = games.boards[some]
    others = np.setdiff1d(np.arange(POSITIONS), some)
    games.set_boards(boards[others], others)
    assert np.array_equal(games.boards, boards)
    assert np.array_equal(games.legal, plain_legal(boards))
    actions = random.integers(0, 4, POSITIONS) if action is None else np.full(POSITIONS, action)
    slid, points, moved = (np.empty_like(boards), np.empty(POSITIONS, int), np.empty(POSITIONS, bool))
    for each in range(4):
        chosen = actions == each
        slid[chosen], points[chosen], moved[chosen] = plain_slide(boards[chosen], each)
    step = games.step(actions)
    assert np.array_equal(step.points, points)
    assert np.array_equal(step.moved, moved)
    new = step.final_boards != slid
    assert np.array_equal(new.sum(axis=1), moved)
    assert (slid[new] == 0).all()
    assert set(step.final_boards[new].tolist()) == {1, 2}
    legal = plain_legal(step.final_boards)
    assert np.array_equal(step.over, ~legal.any(axis=1))
    assert step.over.sum() > 100
    goes_on = ~step.over
    assert np.array_equal(games.boards[goes_on], step.final_boards[goes_on])
    assert np.array_equal(games.legal, plain_legal(games.boards))
    assert (np.count_nonzero(games.boards[step.over], axis=1) == 2).all()


def test_whole_games_equal_the_plain_rules() -> None:
    random = np.random.default_rng(3)
    games = table.Games(32, random)
    finished = 0
    while finished < 64:
        before, legal = games.boards, games.legal
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
    games.set_boards(np.array([[1] + [0] * 15], dtype=np.uint8))
    step = games.step(np.array([3]))
    assert not step.moved[0]
    assert not step.over[0]
    assert games.boards.tolist() == [[1] + [0] * 15]


@pytest.mark.parametrize("action", [-1, 4, 100])
def test_no_such_action(action: int) -> None:
    with pytest.raises(ValueError, match="an action is"):
        table.Games(2, np.random.default_rng(0)).step(np.array([0, action]))


def test_every_way_a_tile_can_appear_is_as_likely_as_the_next() -> None:
    """Exactly: by the table, nine draws of ten are a 2 and one a 4 for each empty cell, and for no other."""
    chosen = line_tables.tile_tables().chosen.reshape(2, 625, -1)
    added = line_tables.tile_tables().added
    assert not added[:, 0].any()
    for to_end in range(2):
        for code in range(1, 625):
            empty = [code // 5**number % 5 for number in range(4)]
            ways = 10 * sum(empty)
            drawn, times = np.unique(chosen[to_end, code, :ways], return_counts=True)
            tiles = [(number, int(added[number, column])) for column in drawn for number in np.flatnonzero(added[:, column])]
            places = [range(count) if to_end else range(4 - count, 4) for count in empty]
            cells = [(number, 18**place) for number in range(4) for place in places[number]]
            expected = dict.fromkeys(cells, 9) | {(number, 2 * step): 1 for number, step in cells}
            assert dict(zip(tiles, times.tolist(), strict=True)) == expected
            assert int(np.nextafter(1.0, 0.0) * ways) == ways - 1


def assert_fair(counts: NDArray[Any], chances: NDArray[Any]) -> None:
    """Chi-square of seeded draws; one seed in a thousand would exceed the limit (approximated as by Wilson and Hilferty 1931)."""
    assert (counts[chances == 0] == 0).all()
    counts, chances = counts[chances > 0], chances[chances > 0]
    expected = counts.sum() * chances
    freedom = 2 / (9 * (len(counts) - 1))
    assert ((counts - expected) ** 2 / expected).sum() < 2 / (9 * freedom) * (1 - freedom + 3.09 * freedom**0.5) ** 3


def assert_fair_tiles(before: NDArray[np.uint8], boards: NDArray[np.uint8]) -> None:
    """Each of `boards` (N, 16) is `before` (16,) and one new tile."""
    assert ((boards != before).sum(axis=1) == 1).all()
    empty = (before == 0) / (before == 0).sum()
    counts = np.array([((boards != before) & (boards == tile)).sum(axis=0) for tile in (1, 2)])
    assert counts.sum() == len(boards)
    assert_fair(counts, np.array([0.9 * empty, 0.1 * empty]))


@pytest.mark.parametrize(
    ("action", "board"),
    [
        (3, "1000 2100 3210 4321"),
        (1, "1000 2100 3210 4321"),
        (0, "0234 5123 4512 0340"),
        (2, "1111 2222 0000 3333"),
        (1, "5050 0000 0000 0000"),
        (2, "5656 6565 5656 6566"),
    ],
)
def test_new_tiles_are_fair(action: int, board: str) -> None:
    start = np.array([int(exponent) for exponent in board.replace(" ", "")], dtype=np.uint8)
    slid, _, moved = plain.move(as_tuple(start), action)
    assert moved == (action != 3)
    games = table.Games(60_000, np.random.default_rng(7))
    games.set_boards(np.repeat(start[None], 60_000, axis=0))
    step = games.step(np.full(60_000, action))
    if moved:
        assert_fair_tiles(np.array(slid, dtype=np.uint8), step.final_boards)
    else:
        assert (step.final_boards == start).all()


def test_tiles_put_on_any_board_are_fair() -> None:
    before = np.array([0, 0, 5, 5, 5, 5] + [0] * 10, dtype=np.uint8)
    boards = np.repeat(before[None], 40_000, axis=0)
    table.spawn(boards, np.ones(len(boards), dtype=bool), np.random.default_rng(1))
    assert_fair_tiles(before, boards)


def test_new_games_are_fair() -> None:
    starts = line_tables.start_tables()
    times = np.bincount(starts.drawn, minlength=480)
    assert len(np.unique(starts.boards, axis=0)) == len(times) == 480
    assert (np.count_nonzero(starts.boards, axis=1) == 2).all()
    assert np.array_equal(times, 9 ** (4 - starts.boards.sum(axis=1, dtype=np.int64)))
    boards = table.new_games(200_000, np.random.default_rng(2))
    found, counts = np.unique(boards, axis=0, return_counts=True)
    assert len(found) == 480
    assert_fair(counts, 9.0 ** (4 - found.sum(axis=1, dtype=np.int64)) / 12_000)


def test_a_full_board_takes_no_tile() -> None:
    boards = np.full((2, 16), 3, dtype=np.uint8)
    table.spawn(boards, np.zeros(2, dtype=bool), np.random.default_rng(0))
    with pytest.raises(ValueError, match="full board"):
        table.spawn(boards, np.array([False, True]), np.random.default_rng(0))


def play(games: table.Games, steps: int) -> list[Any]:
    taken = (games.step(games.legal.argmax(axis=1)) for _ in range(steps))
    return [(step.final_boards.tolist(), step.points.tolist()) for step in taken]


def test_seeded_games_repeat() -> None:
    assert play(table.Games(8, np.random.default_rng(1)), 200) == play(table.Games(8, np.random.default_rng(1)), 200)
    assert play(table.Games(8, np.random.default_rng(1)), 50) != play(table.Games(8, np.random.default_rng(2)), 50)


def test_games_go_on_from_their_boards_and_random_state() -> None:
    games = table.Games(8, np.random.default_rng(1))
    play(games, 75)
    again = table.Games(8, np.random.default_rng(9))
    again.random.bit_generator.state = games.random.bit_generator.state
    again.set_boards(games.boards)
    assert play(games, 200) == play(again, 200)


def test_what_a_step_gave_may_be_kept() -> None:
    games = table.Games(16, np.random.default_rng(4))
    kept, copies = [], []
    for number in range(300):
        if number == 150:
            games.set_boards(games.boards[:2], np.arange(2, 4))
        step = games.step(games.legal.argmax(axis=1))
        kept += [games.boards, games.legal, *step]
        copies += [array.copy() for array in kept[-6:]]
    assert all(np.array_equal(*pair) for pair in zip(kept, copies, strict=True))
