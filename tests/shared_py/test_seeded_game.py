"""Games whose tiles follow from a seed: the same rules as the reference, and the same game again from a record."""

from collections import defaultdict
from collections.abc import Iterator
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_py import game_2048, pyodide_api
from shared_py.protocol import GameRecord, GameState, Motion, PlayedMove
from shared_py.seeded_game import LETTERS, MAX_SEED, afterstates, motions, new_game, play_move, replay, replay_record, slide

boards = st.lists(st.integers(0, game_2048.MAX_EXPONENT), min_size=16, max_size=16).map(tuple)
small_boards = st.lists(st.integers(0, 3), min_size=16, max_size=16).map(tuple)
any_boards = st.one_of(boards, small_boards)
seeds = st.integers(0, MAX_SEED)
UP, RIGHT, DOWN, LEFT = range(4)


def random_game(seed: int) -> Iterator[tuple[GameState, PlayedMove]]:
    """Each state of a game to its end, with a move chosen at random."""
    random, state = Random(seed), new_game(seed)
    while any(state.legal):
        move = play_move(state, random.choice([action for action in range(4) if state.legal[action]]), with_motions=True)
        yield state, move
        state = move.state


def record_of(seed: int) -> tuple[GameRecord, GameState]:
    """The record of a game played at random, and its last state."""
    moves = [move for _, move in random_game(seed)]
    letters = "".join(LETTERS[move.action] for move in moves)
    return GameRecord(seed, letters, moves[-1].state.score), moves[-1].state


@given(any_boards)
def test_moves_are_those_of_the_reference(board: tuple[int, ...]) -> None:
    for action, after in enumerate(afterstates(board)):
        expected, points, _ = game_2048.move(board, action)
        assert (after, slide(board, action)[1]) == (expected, points)


@pytest.mark.parametrize("seed", range(40))
def test_every_state_of_a_game_follows_the_reference_rules_and_the_rule_of_the_tiles(seed: int) -> None:
    played = 0
    for state, move in random_game(seed):
        after, points, _ = game_2048.move(state.board, move.action)
        assert (move.afterstate, move.points) == (after, points)
        random = Random((seed << 32) | (2 + played))
        u, v = random.random(), random.random()
        empty = [cell for cell in range(16) if after[cell] == 0]
        assert (move.new_cell, move.new_exponent) == (empty[int(u * len(empty))], 2 if v < 0.1 else 1)
        board = list(after)
        board[move.new_cell] = move.new_exponent
        assert move.state.board == tuple(board)
        assert move.state.legal == game_2048.legal_moves(move.state.board)
        played += 1
        assert (move.state.seed, move.state.n_moves, move.state.n_tiles) == (seed, played, played + 2)
        assert move.state.score == state.score + points
    assert played > 20


def test_the_first_boards_of_some_seeds_never_change() -> None:
    boards = {seed: new_game(seed).board for seed in (0, 1, 2048, MAX_SEED)}
    assert boards == {
        0: (0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0),
        1: (0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        2048: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0),
        MAX_SEED: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0),
    }


@given(any_boards)
def test_motions_lead_every_tile_to_its_place_after_the_move(board: tuple[int, ...]) -> None:
    for action, after in enumerate(afterstates(board)):
        found = motions(board, action)
        assert [motion.source for motion in found] == [cell for cell in range(16) if board[cell]]
        arriving: dict[int, list[Motion]] = defaultdict(list)
        for motion in found:
            arriving[motion.target].append(motion)
        assert set(arriving) == {cell for cell in range(16) if after[cell]}
        for target, tiles in arriving.items():
            assert [tile.merges for tile in tiles] == [len(tiles) == 2] * len(tiles)
            assert {board[tile.source] + (len(tiles) == 2) for tile in tiles} == {after[target]}


@given(any_boards, st.sampled_from(range(4)))
def test_tiles_move_along_their_line_and_never_pass_each_other(board: tuple[int, ...], action: int) -> None:
    target_of = {motion.source: motion.target for motion in motions(board, action)}
    for line in game_2048.LINES[action]:
        places = [line.index(target_of[cell]) for cell in line if board[cell]]
        assert places == sorted(places)
        assert all(place <= line.index(cell) for place, cell in zip(places, (c for c in line if board[c]), strict=True))


def test_motions_of_two_merges_in_one_line() -> None:
    found = motions((1, 1, 1, 1, *[0] * 12), LEFT)
    assert found == [Motion(0, 0, True), Motion(1, 0, True), Motion(2, 1, True), Motion(3, 1, True)]
    assert motions((1, 1, 1, 0, *[0] * 12), RIGHT) == [Motion(0, 2, False), Motion(1, 3, True), Motion(2, 3, True)]


def test_motions_only_where_asked_for() -> None:
    state = new_game(3)
    assert play_move(state, state.legal.index(True)).motions == []


@given(seeds)
def test_a_game_starts_with_two_tiles(seed: int) -> None:
    state = new_game(seed)
    assert sum(map(bool, state.board)) == 2
    assert (state.score, state.n_moves, state.n_tiles) == (0, 0, 2)
    assert state.legal == game_2048.legal_moves(state.board)


def test_tiles_depend_on_the_seed_and_on_the_number_of_the_tile_alone() -> None:
    one, other = new_game(5), new_game(5)
    assert one == other
    assert len({new_game(seed).board for seed in range(50)}) > 25
    left = [play_move(state, action) for state in (one, other) for action in range(4) if state.legal[action]]
    assert len({(move.action, move.new_exponent) for move in left}) == len({move.action for move in left})


@pytest.mark.parametrize("seed", range(5))
def test_a_record_leads_to_the_same_board(seed: int) -> None:
    record, last = record_of(seed)
    assert replay_record(record) == last
    assert replay(seed, map(LETTERS.index, record.actions)) == last
    assert not any(last.legal)


def test_a_record_with_another_score_or_an_illegal_move_is_refused() -> None:
    record, last = record_of(1)
    with pytest.raises(ValueError, match=f"recorded score is {last.score + 4}, the replayed game has {last.score}"):
        replay_record(msgspec.structs.replace(record, score=last.score + 4))
    with pytest.raises(ValueError, match="changes nothing"):
        replay_record(msgspec.structs.replace(record, actions=record.actions + "u"))
    with pytest.raises(msgspec.ValidationError):
        pyodide_api.replay_game('{"seed": 1, "actions": "ux", "score": 0}')


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1])
def test_a_seed_out_of_bounds_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="seed of a game"):
        new_game(seed)
    with pytest.raises(msgspec.ValidationError):
        pyodide_api.new_games(f"[{seed}]")


def test_illegal_moves_are_refused() -> None:
    state = msgspec.structs.replace(new_game(1), board=(1, *[0] * 15))
    with pytest.raises(ValueError, match="the move up changes nothing"):
        play_move(state, UP)
    for action in (-1, 4):
        with pytest.raises(ValueError, match="an action is from 0 to 3"):
            play_move(state, action)


def test_the_calls_of_the_phone() -> None:
    states = msgspec.json.decode(pyodide_api.new_games("[4, 9]"), type=list[GameState])
    assert states == [new_game(4), new_game(9)]
    actions = [state.legal.index(True) for state in states]
    texts = [msgspec.json.encode(value).decode() for value in (states, actions)]
    for asked in (True, False):
        moves = msgspec.json.decode(pyodide_api.play_moves(*texts, str(asked).lower()), type=list[PlayedMove])
        pairs = zip(states, actions, strict=True)
        assert moves == [play_move(state, action, with_motions=asked) for state, action in pairs]
    board = msgspec.json.encode(states[0].board).decode()
    assert msgspec.json.decode(pyodide_api.boards_after(board)) == [list(after) for after in afterstates(states[0].board)]
    record, last = record_of(6)
    assert msgspec.json.decode(pyodide_api.replay_game(msgspec.json.encode(record).decode()), type=GameState) == last


@pytest.mark.parametrize("board", ["[1, 2]", "[18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]", '"board"'])
def test_what_is_no_board_is_refused(board: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        pyodide_api.boards_after(board)


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        pyodide_api.play_moves(pyodide_api.new_games("[1, 2]").decode(), "[0]", "false")
