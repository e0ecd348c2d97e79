"""Many games of 2048 at once on NumPy arrays, by table; the rules are those of `shared_py.game_2048`, which tests hold it to.

Shapes: N games, 16 cells, 4 actions. A line of four cells is one number in base 18, so a table has 18**4 = 104,976 rows and
holds every tile up to exponent 17 exactly (the usual 4 bits a cell end at 15).
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared_py.game_2048 import CELLS, FOUR_PROBABILITY, LINES, MAX_EXPONENT, SIZE

Boards = NDArray[np.uint8]
"""(N, 16) tile exponents"""

BASE = MAX_EXPONENT + 1
_WEIGHTS = np.array([BASE**place for place in range(SIZE)], dtype=np.int32)
_ORIENTED = np.array(LINES, dtype=np.intp).reshape(len(LINES), CELLS)
"""(4, 16) for each action the cells, line by line, each line read from the edge the tiles move towards"""
_RESTORED = np.argsort(_ORIENTED, axis=1)
_TO_START, _TO_END = np.uint8(1), np.uint8(2)


class LineTables(NamedTuple):
    """What becomes of each of the 104,976 lines when it slides towards its first cell."""

    slid: NDArray[np.uint8]
    """(rows, 4) the line afterwards"""
    points: NDArray[np.int32]
    """(rows,) the face values of the tiles that merges made"""
    slides: NDArray[np.uint8]
    """(rows,) 1 if the line can slide towards its first cell, plus 2 if towards its last"""


def _pushed(lines: NDArray[np.uint8]) -> NDArray[np.uint8]:
    order = np.argsort(lines == 0, axis=1, kind="stable")
    return np.take_along_axis(lines, order, axis=1)


@cache
def line_tables() -> LineTables:
    """Build the tables once a process, in some tens of milliseconds."""
    keys = np.arange(BASE**SIZE, dtype=np.int32)
    lines = ((keys[:, None] // _WEIGHTS) % BASE).astype(np.uint8)
    slid = _pushed(lines)
    points = np.zeros(len(keys), dtype=np.int32)
    merged_before = np.zeros(len(keys), dtype=bool)
    for place in range(SIZE - 1):
        here, there = slid[:, place], slid[:, place + 1]
        merges = (here != 0) & (here == there) & (here < MAX_EXPONENT) & ~merged_before
        slid[:, place] += merges
        slid[merges, place + 1] = 0
        points += np.where(merges, np.left_shift(1, slid[:, place].astype(np.int32)), 0).astype(np.int32)
        merged_before = merges
    slid = _pushed(slid)
    to_start = (slid != lines).any(axis=1)
    mirrored = lines[:, ::-1].astype(np.int32) @ _WEIGHTS
    slides = to_start * _TO_START + to_start[mirrored] * _TO_END
    return LineTables(slid, points, slides.astype(np.uint8))


def _keys(lines: Boards) -> NDArray[np.int32]:
    cells = lines.reshape(len(lines), SIZE, SIZE).astype(np.int32)
    keys: NDArray[np.int32] = cells[..., 0] + BASE * (cells[..., 1] + BASE * (cells[..., 2] + BASE * cells[..., 3]))
    return keys


def slide(boards: Boards, actions: NDArray[np.integer]) -> tuple[Boards, NDArray[np.int32], NDArray[np.bool_]]:
    """Move every board by its action, before any new tile: boards (N, 16), points (N,), whether it moved (N,)."""
    tables = line_tables()
    oriented = np.take_along_axis(boards, _ORIENTED[actions], axis=1)
    keys = _keys(oriented)
    slid = np.take_along_axis(tables.slid[keys].reshape(-1, CELLS), _RESTORED[actions], axis=1)
    points: NDArray[np.int32] = tables.points[keys].sum(axis=1, dtype=np.int32)
    moved: NDArray[np.bool_] = np.any(tables.slides[keys] & _TO_START, axis=1)
    return slid, points, moved


def legal_moves(boards: Boards) -> NDArray[np.bool_]:
    """(N, 4): which actions change each board."""
    slides = line_tables().slides
    columns = np.bitwise_or.reduce(slides[_keys(boards[:, _ORIENTED[0]])], axis=1)
    rows = np.bitwise_or.reduce(slides[_keys(boards)], axis=1)
    legal: NDArray[np.bool_] = np.stack([columns & _TO_START, rows & _TO_END, columns & _TO_END, rows & _TO_START], axis=1) != 0
    return legal


def spawn(boards: Boards, rows: NDArray[np.bool_], random: np.random.Generator) -> None:
    """Put a 2 (nine times in ten) or a 4 into a uniformly chosen empty cell of the chosen boards (N,), in place.

    Every call draws the same number of random numbers whatever is chosen; ValueError when a chosen board is full.
    """
    where, what = random.random((2, len(boards)))
    empty = boards == 0
    count = empty.sum(axis=1)
    if (count[rows] == 0).any():
        raise ValueError("a full board has no cell for a new tile")
    rank = (where * count).astype(np.int64)
    cell = (np.cumsum(empty, axis=1) > rank[:, None]).argmax(axis=1)
    chosen = np.flatnonzero(rows)
    boards[chosen, cell[chosen]] = np.where(what[chosen] < FOUR_PROBABILITY, 2, 1)


def new_games(count: int, random: np.random.Generator) -> Boards:
    """(count, 16): empty boards with two tiles on each."""
    boards = np.zeros((count, CELLS), dtype=np.uint8)
    everywhere = np.ones(count, dtype=bool)
    spawn(boards, everywhere, random)
    spawn(boards, everywhere, random)
    return boards


class Step(NamedTuple):
    """What one move of every game gave, before finished games were replaced."""

    points: NDArray[np.int32]
    moved: NDArray[np.bool_]
    over: NDArray[np.bool_]
    """(N,) no action is left"""
    final_boards: Boards
    """(N, 16) the boards after the new tile, also of the games that are over"""


class Games:
    """N games side by side; a finished one is replaced by a new one at once, so `boards` and `legal` can always be played."""

    def __init__(self, count: int, random: np.random.Generator) -> None:
        self.random = random
        self.play_on(new_games(count, random))

    def play_on(self, boards: Boards) -> None:
        """Put these boards (N, 16) in place of the ones being played; each must have a legal move."""
        self.boards = boards.copy()
        self.legal = legal_moves(self.boards)

    def step(self, actions: NDArray[np.integer]) -> Step:
        """Play one action (N,) in every game; an action that moves nothing changes nothing and brings no tile."""
        boards, points, moved = slide(self.boards, actions)
        spawn(boards, moved, self.random)
        legal = legal_moves(boards)
        over: NDArray[np.bool_] = ~np.any(legal, axis=1)
        self.boards, self.legal = boards, legal
        if over.any():
            final_boards = boards.copy()
            boards[over] = new_games(int(over.sum()), self.random)
            legal[over] = legal_moves(boards[over])
            return Step(points, moved, over, final_boards)
        return Step(points, moved, over, boards)
