"""A game of 2048 whose tiles are determined by a seed, so that two players get the same tiles and a record can be replayed.

The rules are those of `game_2048`. The k-th new tile, counted from 0 and with the two first tiles of a game, draws u and v from a
generator seeded by (seed, k): u selects among the empty cells in row-major order, v < 0.1 makes it a 4.
"""

from collections.abc import Iterable
from functools import lru_cache
from random import Random

from shared_py.game_2048 import ACTIONS, EMPTY_BOARD, FOUR_PROBABILITY, LINES, N_ACTIONS, Board, slide_line
from shared_py.protocol.play import GameRecord, GameState, Motion, PlayedMove

MAX_SEED = 2**31 - 1
FIRST_TILES = 2
LETTERS = "".join(name[0] for name in ACTIONS)
"""of the actions in a record: urdl"""

Line = tuple[int, int, int, int]


@lru_cache(maxsize=1 << 16)
def _slid(line: Line) -> tuple[tuple[int, ...], int, bool]:
    """Like `slide_line`, with whether anything moved; cached, because the lines of one game are few."""
    slid, points = slide_line(line)
    return slid, points, slid != line


def _line(board: Board, cells: tuple[int, ...]) -> Line:
    a, b, c, d = cells
    return board[a], board[b], board[c], board[d]


def _moves(board: Board, action: int) -> bool:
    return any(_slid(_line(board, cells))[2] for cells in LINES[action])


def legal_actions(board: Board) -> tuple[bool, bool, bool, bool]:
    """Which of the four actions change the board; equals `game_2048.legal_moves`."""
    return _moves(board, 0), _moves(board, 1), _moves(board, 2), _moves(board, 3)


def slide(board: Board, action: int) -> tuple[Board, int]:
    """The board and the points of a move before the new tile; equals the first two results of `game_2048.move`."""
    cells = list(board)
    total = 0
    for line in LINES[action]:
        slid, points, _ = _slid(_line(board, line))
        total += points
        for cell, exponent in zip(line, slid, strict=True):
            cells[cell] = exponent
    return tuple(cells), total


def afterstates(board: Board) -> tuple[Board, Board, Board, Board]:
    """The boards right after each of the four moves; that of a move that is not legal equals `board`."""
    return slide(board, 0)[0], slide(board, 1)[0], slide(board, 2)[0], slide(board, 3)[0]


def motions(board: Board, action: int) -> list[Motion]:
    """The way of every tile of the board during a move, ordered by the cell where it starts."""
    found = [motion for line in LINES[action] for motion in _motions_of_line(board, line)]
    return sorted(found, key=lambda motion: motion.source)


def _motions_of_line(board: Board, cells: tuple[int, ...]) -> list[Motion]:
    """Assign the tiles of a line in order to the tiles of the line after the move: each gets one, or two where its value grew."""
    tiles = [cell for cell in cells if board[cell]]
    found: list[Motion] = []
    for target, exponent in zip(cells, _slid(_line(board, cells))[0], strict=True):
        if exponent == 0:
            break
        merges = board[tiles[0]] != exponent
        found += [Motion(source, target, merges) for source in tiles[: 1 + merges]]
        del tiles[: 1 + merges]
    return found


def new_tile(board: Board, seed: int, number: int) -> tuple[int, int]:
    """Cell and exponent of the new tile with this number; ValueError for a full board."""
    empty = [cell for cell, exponent in enumerate(board) if exponent == 0]
    if not empty:
        raise ValueError("a full board has no cell for a new tile")
    random = Random((seed << 32) | number)  # noqa: S311  # a game, no secret
    u, v = random.random(), random.random()
    return empty[int(u * len(empty))], 2 if v < FOUR_PROBABILITY else 1


def _with_tile(board: Board, cell: int, exponent: int) -> Board:
    return (*board[:cell], exponent, *board[cell + 1 :])


def new_game(seed: int) -> GameState:
    """The start of the game with this seed: two tiles; ValueError unless 0 <= seed < 2**31."""
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"the seed of a game is from 0 to {MAX_SEED}, not {seed}")
    board = EMPTY_BOARD
    for number in range(FIRST_TILES):
        board = _with_tile(board, *new_tile(board, seed, number))
    return GameState(seed, board, 0, 0, FIRST_TILES, legal_actions(board))


def play_move(state: GameState, action: int, *, with_motions: bool = False) -> PlayedMove:
    """Play a move and place the new tile; ValueError where the move is not legal."""
    if not 0 <= action < N_ACTIONS:
        raise ValueError(f"an action is from 0 to {N_ACTIONS - 1}, not {action}")
    after, points = slide(state.board, action)
    if after == state.board:
        raise ValueError(f"the move {ACTIONS[action]} changes nothing on this board")
    cell, exponent = new_tile(after, state.seed, state.n_tiles)
    board = _with_tile(after, cell, exponent)
    moved = motions(state.board, action) if with_motions else []
    score, n_moves, n_tiles = state.score + points, state.n_moves + 1, state.n_tiles + 1
    new_state = GameState(state.seed, board, score, n_moves, n_tiles, legal_actions(board))
    return PlayedMove(action, points, after, cell, exponent, moved, new_state)


def replay(seed: int, actions: Iterable[int]) -> GameState:
    """The state after these moves; ValueError at the first one that is not legal."""
    state = new_game(seed)
    for action in actions:
        state = play_move(state, action).state
    return state


def replay_record(record: GameRecord) -> GameState:
    """The final state of a recorded game; ValueError where a move is not legal or the score is another one."""
    state = replay(record.seed, map(LETTERS.index, record.actions))
    if state.score != record.score:
        raise ValueError(f"the recorded score is {record.score}, the replayed game has {state.score}")
    return state
