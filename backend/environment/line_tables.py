"""What becomes of a line of four cells, of an empty cell and of a new game, by table; it knows no game being played.

A line of four cells is one number in base 18, its key, so there are 18**4 = 104,976 of them and every tile up to exponent 17 is
exact (the usual 4 bits a cell end at 15). Four lines side by side are numbered 0 to 3, and a *numbered* key is the key plus
`LINE_KEYS` times the number, so that the four can be looked up in one go, each with entries of its own: entries that need only
be added up.

The tables hold 16 MB. What is met in play, lines of small tiles, is a small part of it and stays in the cache.
"""

from functools import cache
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared_py.game_2048 import CELLS, FOUR_PROBABILITY, MAX_EXPONENT, SIZE

BASE = MAX_EXPONENT + 1
LINE_KEYS = BASE**SIZE
TO_END = SIZE * LINE_KEYS
"""added to a numbered key: the line slides towards its last cell, not its first"""

KEY_MASK = (1 << 19) - 1
CODE_AT, POINTS_AT, WAYS_AT = 21, 32, 56
"""where the fields of `LineTables.slid` begin; each has room for the sum of four lines, the last to the sign bit"""

KINDS = 10
FOURS = round(FOUR_PROBABILITY * KINDS)
"""of KINDS equally likely kinds of new tile this many are a 4"""
assert FOURS / KINDS == FOUR_PROBABILITY
DRAW_BITS = 8
_CODES = 2 * (SIZE + 1) ** SIZE
_WEIGHTS = np.array([BASE**place for place in range(SIZE)], dtype=np.int64)


class LineTables(NamedTuple):
    """What becomes of each line; "numbered" tables have 4 * 104,976 rows."""

    slid: NDArray[np.int64]
    """(2 * numbered,) for a line that slides towards its first cell, and from `TO_END` on towards its last, four fields: the
    numbered key it becomes; a code that tells, added up over four lines, how many empty cells each then has and on which side;
    the points, the face values of the tiles that merges made; the ways in which a tile can appear in the empty cells"""
    across: NDArray[np.int32]
    """(numbered, 4) what a line adds to the numbered keys of the four lines across it"""
    slides: NDArray[np.uint8]
    """(numbered,) 1 if the line can slide towards its first cell, plus 2 if towards its last"""
    cells: NDArray[np.uint32]
    """(numbered,) the four exponents, a byte each"""


class TileTables(NamedTuple):
    """Where a new tile appears on a board that has just slid, so that all empty cells of a line are on the side it came from."""

    chosen: NDArray[np.uint8]
    """(1250 << DRAW_BITS,) from a code and a draw, a number below the ways, to a column of `added`; code 0 to no tile"""
    added: NDArray[np.int64]
    """(4, 33) what is added to the key of each line: nothing, or a 2 or a 4 in one of 16 cells"""


class StartTables(NamedTuple):
    """The 480 boards a game can start from."""

    drawn: NDArray[np.intp]
    """(12000,) from an equally likely draw to a board"""
    boards: NDArray[np.uint8]
    """(480, 16)"""
    keys: NDArray[np.int64]
    """(8, 480) numbered keys of the columns, then of the rows"""
    legal: NDArray[np.bool_]
    """(480, 4) which actions change the board"""


def numbered_keys(boards: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(8, N): of boards (N, 16) the numbered keys of the columns, each from the top, then of the rows, each from the left."""
    cells = boards.reshape(-1, SIZE, SIZE).astype(np.int64)
    keys = np.concatenate([_WEIGHTS @ cells, cells @ _WEIGHTS], axis=1) + np.tile(np.arange(SIZE) * LINE_KEYS, 2)
    return np.ascontiguousarray(keys.T)


def _pushed(lines: NDArray[np.int64]) -> NDArray[np.int64]:
    order = np.argsort(lines == 0, axis=1, kind="stable")
    return np.take_along_axis(lines, order, axis=1)


def _slide_to_start(lines: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every line afterwards, and its points; by the rules of `shared_py.game_2048.slide_line`."""
    slid = _pushed(lines)
    points = np.zeros(len(lines), dtype=np.int64)
    merged_before = np.zeros(len(lines), dtype=bool)
    for place in range(SIZE - 1):
        here, there = slid[:, place], slid[:, place + 1]
        merges = (here != 0) & (here == there) & (here < MAX_EXPONENT) & ~merged_before
        slid[:, place] += merges
        slid[merges, place + 1] = 0
        points += np.where(merges, 1 << slid[:, place], 0)
        merged_before = merges
    return _pushed(slid), points


@cache
def line_tables() -> LineTables:
    """Build the tables once a process, in about a tenth of a second."""
    keys = np.arange(LINE_KEYS)
    lines = (keys[:, None] // _WEIGHTS) % BASE
    to_start, points = _slide_to_start(lines)
    empty = (to_start == 0).sum(axis=1)
    mirror = lines[:, ::-1] @ _WEIGHTS
    slid = np.empty((2, SIZE, LINE_KEYS), dtype=np.int64)
    across = np.empty((SIZE, LINE_KEYS, SIZE), dtype=np.int32)
    for number in range(SIZE):
        code = empty * (SIZE + 1) ** number
        fields = number * LINE_KEYS + (code << CODE_AT) + (KINDS * empty << WAYS_AT) + (points << POINTS_AT)
        slid[0, number] = to_start @ _WEIGHTS + fields
        slid[1, number] = (to_start[:, ::-1] @ _WEIGHTS + fields)[mirror]
        across[number] = lines * _WEIGHTS[number]
    slid[1, 0] += _CODES // 2 << CODE_AT
    across[0] += np.arange(SIZE, dtype=np.int32) * LINE_KEYS
    moves = (to_start @ _WEIGHTS) != keys
    slides = np.tile((moves + 2 * moves[mirror]).astype(np.uint8), SIZE)
    cells = np.tile(lines.astype(np.uint8).view(np.uint32).ravel(), SIZE)
    return LineTables(slid.ravel(), across.reshape(-1, SIZE), slides, cells)


@cache
def tile_tables() -> TileTables:
    """Every empty cell equally likely, and a 4 in FOURS of KINDS draws for each."""
    chosen = np.zeros((_CODES, 1 << DRAW_BITS), dtype=np.uint8)
    for to_end, empty in product(range(2), product(range(SIZE + 1), repeat=SIZE)):
        sides = [range(count) if to_end else range(SIZE - count, SIZE) for count in empty]
        places = [SIZE * number + place for number, side in enumerate(sides) for place in side]
        code = to_end * _CODES // 2 + sum(count * (SIZE + 1) ** number for number, count in enumerate(empty))
        for kind in range(KINDS):
            chosen[code, kind * len(places) : (kind + 1) * len(places)] = [1 + 2 * place + (kind < FOURS) for place in places]
    added = np.zeros((SIZE, 1 + 2 * CELLS), dtype=np.int64)
    for number, place, four in product(range(SIZE), range(SIZE), range(2)):
        added[number, 1 + 2 * (SIZE * number + place) + four] = (1 + four) * _WEIGHTS[place]
    return TileTables(chosen.ravel(), added)


@cache
def start_tables() -> StartTables:
    """Two tiles in any two cells."""
    tiles = (1, 2)
    boards = np.zeros((CELLS * (CELLS - 1) // 2 * 4, CELLS), dtype=np.uint8)
    for board, (cells, pair) in zip(boards, product(combinations(range(CELLS), 2), product(tiles, repeat=2)), strict=True):
        board[list(cells)] = pair
    fours = np.arange(KINDS) < FOURS
    pairs = 2 * fours[:, None] + fours
    drawn = 4 * np.arange(len(boards) // 4)[:, None] + pairs.ravel()
    keys = numbered_keys(boards)
    return StartTables(drawn.ravel(), boards, keys, legal_table().take(directions(keys), axis=0))


def directions(keys: NDArray[np.int64]) -> NDArray[np.uint8]:
    """(N,) row of `legal_table` for numbered keys (8, N) of the columns, then of the rows."""
    slides = line_tables().slides.take(keys)
    slides[SIZE:] <<= 2
    row: NDArray[np.uint8] = np.bitwise_or.reduce(slides, axis=0)
    return row


@cache
def legal_table() -> NDArray[np.bool_]:
    """(32, 4) which actions change a board, from five bits: whether any of four lines can slide towards its first cell, whether
    any towards its last, the same for the lines across them, and whether the former lines are rows."""
    table = np.zeros((32, 4), dtype=bool)
    for row in range(32):
        to_start, to_end, across_to_start, across_to_end, are_rows = (bool(row >> bit & 1) for bit in range(5))
        lines, across = (to_start, to_end), (across_to_start, across_to_end)
        (up, down), (left, right) = (across, lines) if are_rows else (lines, across)
        table[row] = up, right, down, left
    return table
