"""The rules of 2048 in plain Python: the reference implementation that tests compare the faster ones with.

A board is a tuple of 16 tile exponents, row by row from the top left: 0 is an empty cell, e is the tile 2**e, at most 17.
An action is 0 up, 1 right, 2 down or 3 left.
"""

from collections.abc import Sequence
from random import Random

SIZE = 4
CELLS = SIZE * SIZE
MAX_EXPONENT = 17
"""131072, the largest tile that can occur; two of them do not merge."""
FOUR_PROBABILITY = 0.1
ACTIONS = ("up", "right", "down", "left")
N_ACTIONS = len(ACTIONS)

Board = tuple[int, ...]

EMPTY_BOARD: Board = (0,) * CELLS


def _lines_of(action: int) -> tuple[tuple[int, ...], ...]:
    rows = tuple(tuple(range(SIZE * row, SIZE * row + SIZE)) for row in range(SIZE))
    columns = tuple(tuple(range(column, CELLS, SIZE)) for column in range(SIZE))
    lines = columns if action in (0, 2) else rows
    return tuple(line[::-1] for line in lines) if action in (1, 2) else lines


LINES = tuple(_lines_of(action) for action in range(len(ACTIONS)))
"""For each action the four lines of cells, each read from the edge the tiles move towards."""


def slide_line(line: Sequence[int]) -> tuple[tuple[int, ...], int]:
    """Slide one line towards its first cell; gives the line and the points, the face value of every tile a merge made.

    A tile merges at most once a move, and pairs nearest the edge merge first.
    """
    slid: list[int] = []
    points = 0
    mergeable = False
    for exponent in line:
        if exponent == 0:
            continue
        if mergeable and slid[-1] == exponent and exponent < MAX_EXPONENT:
            slid[-1] = exponent + 1
            points += 1 << (exponent + 1)
            mergeable = False
        else:
            slid.append(exponent)
            mergeable = True
    return tuple(slid) + (0,) * (len(line) - len(slid)), points


def move(board: Board, action: int) -> tuple[Board, int, bool]:
    """Move all tiles, before any new tile appears; gives the board, the points and whether anything moved."""
    cells = list(board)
    total = 0
    for line in LINES[action]:
        slid, points = slide_line([board[cell] for cell in line])
        total += points
        for cell, exponent in zip(line, slid, strict=True):
            cells[cell] = exponent
    moved = tuple(cells)
    return moved, total, moved != board


def legal_moves(board: Board) -> tuple[bool, bool, bool, bool]:
    """Which of the four actions change the board."""
    up, right, down, left = (move(board, action)[2] for action in range(len(ACTIONS)))
    return up, right, down, left


def is_over(board: Board) -> bool:
    """Whether no action changes the board."""
    return not any(legal_moves(board))


def spawn(board: Board, random: Random) -> Board:
    """Put a 2 (nine times in ten) or a 4 into an empty cell chosen uniformly; ValueError when the board is full."""
    empty = [cell for cell, exponent in enumerate(board) if exponent == 0]
    if not empty:
        raise ValueError("a full board has no cell for a new tile")
    cell = empty[int(random.random() * len(empty))]
    exponent = 2 if random.random() < FOUR_PROBABILITY else 1
    return (*board[:cell], exponent, *board[cell + 1 :])


def new_game(random: Random) -> Board:
    """An empty board with two tiles on it."""
    return spawn(spawn(EMPTY_BOARD, random), random)
