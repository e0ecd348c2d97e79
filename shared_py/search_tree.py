"""The boards that a search at play looks at, for the phone: their tree in arrays, so that only numbers are left to combine.

A search of depth d has d layers of (move, new tile) and ends in boards, the leaves, which the network values. The arithmetic over
the tree (the best move, the mean over the new tiles) needs no rules and is done where the network runs. The server searches with
`backend.evaluation.expectimax`; tests compare the two.

The tree is bytes, little-endian, each part at a multiple of 4:

- int32: depth, number of leaves, number of leaves where the game is over
- float64: probability that a new tile is a 4
- for each depth: int32 number of boards N, int32 number of different boards after a move M,
  N * 4 int32 board after each move (-1: not legal), N * 4 float32 reward of each move, M int32 number of its empty cells
- int32 numbers of the leaves where the game is over
- 16 bytes for each leaf

The boards of a depth, and in the end the leaves, are those after a new tile, in the order of the boards after a move of the depth
before: for each of these a 2 in every empty cell, then a 4 in every empty cell.
"""

import math
import struct
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shared_py.game_2048 import CELLS, FOUR_PROBABILITY, N_ACTIONS, slide_line
from shared_py.training_config import RewardForm

FULL_SCORE = 20_000.0
ROOT_SCALE = 0.1 / 16
TILES = (1, 2)
MAX_DEPTH = 2
"""of a search at play; each layer takes some fifty times as long"""
NOT_LEGAL = -1
"""in place of the number of the board after a move"""

Cells = bytes
"""16 tile exponents"""


def reward_of(points: int, form: RewardForm) -> float:
    """What a move's points are worth; equals `backend.models.rewards.reward_of`."""
    if form == "points":
        return points / FULL_SCORE
    if form == "sqrt_points":
        return math.sqrt(points) * ROOT_SCALE
    return math.log2(max(points, 1)) * ROOT_SCALE


class _Slides(dict[Cells, tuple[Cells, int]]):
    """Lines of four cells after they slid to one side, and the points; computed when first looked up."""

    def __init__(self, step: int) -> None:
        """1: towards the first cell, -1: towards the last."""
        super().__init__()
        self._step = step

    def __missing__(self, line: Cells) -> tuple[Cells, int]:
        slid, points = slide_line(line[:: self._step])
        self[line] = found = (bytes(slid[:: self._step]), points)
        return found

    def board(self, lines: Sequence[Cells]) -> tuple[Cells, int]:
        """Four lines after they slid, one after the other, and the points of all."""
        (first, a), (second, b), (third, c), (fourth, d) = map(self.__getitem__, lines)
        return first + second + third + fourth, a + b + c + d


_TO_START, _TO_END = _Slides(1), _Slides(-1)


class _Layer(NamedTuple):
    """The moves from some boards."""

    after: "array[int]"
    """for each move the number of the board after it"""
    rewards: "array[float]"
    different: list[Cells]
    """the different boards after a move"""


def search_tree(boards: Sequence[Cells], depth: int, form: RewardForm) -> bytes:
    """The tree of a search from boards of 16 exponents each; ValueError for a depth below 1."""
    if depth < 1:
        raise ValueError(f"a tree has a depth of at least 1, not {depth}")
    parts: list[bytes] = []
    layer = _layer(boards, form)
    for _ in range(depth - 1):
        parts += _bytes_of(layer)
        leaves = _with_tiles(layer.different)
        layer = _layer([leaves[start : start + CELLS] for start in range(0, len(leaves), CELLS)], form)
    parts += _bytes_of(layer)
    leaves = _with_tiles(layer.different)
    over = array("i", _over(layer.different))
    head = struct.pack("<iiid", depth, len(leaves) // CELLS, len(over), FOUR_PROBABILITY)
    return b"".join([head, *parts, over.tobytes(), leaves])


def _bytes_of(layer: _Layer) -> list[bytes]:
    counts = array("i", (len(layer.after) // N_ACTIONS, len(layer.different)))
    empties = array("i", (cells.count(0) for cells in layer.different))
    return [part.tobytes() for part in (counts, layer.after, layer.rewards, empties)]


def _layer(boards: Sequence[Cells], form: RewardForm) -> _Layer:
    """Every move of every board; boards after a move that are equal are kept once."""
    numbers: dict[Cells, int] = {}
    after, points_of = array("i"), array("i")
    for board in boards:
        for moved, points in _moves(board):
            after.append(NOT_LEGAL if moved == board else numbers.setdefault(moved, len(numbers)))
            points_of.append(points)
    rewards = {points: reward_of(points, form) for points in set(points_of)}
    return _Layer(after, array("f", map(rewards.__getitem__, points_of)), list(numbers))


def _moves(board: Cells) -> tuple[tuple[Cells, int], ...]:
    """The board after up, right, down and left, and the points of each."""
    rows = board[0:4], board[4:8], board[8:12], board[12:16]
    columns = board[0::4], board[1::4], board[2::4], board[3::4]
    (up, up_points), (down, down_points) = _TO_START.board(columns), _TO_END.board(columns)
    return (_turned(up), up_points), _TO_END.board(rows), (_turned(down), down_points), _TO_START.board(rows)


def _turned(columns: Cells) -> Cells:
    """Column after column to row after row."""
    return columns[0::4] + columns[1::4] + columns[2::4] + columns[3::4]


def _with_tiles(different: Sequence[Cells]) -> bytes:
    """Every board that a new tile makes of boards, one after the other."""
    found = []
    for cells in different:
        empty = [cell for cell, exponent in enumerate(cells) if not exponent]
        tiled = bytearray(cells * (len(TILES) * len(empty)))
        place = 0
        for exponent in TILES:
            for cell in empty:
                tiled[place + cell] = exponent
                place += CELLS
        found.append(tiled)
    return b"".join(found)


def _over(different: Sequence[Cells]) -> Iterator[int]:
    """The numbers of the leaves without a legal move; a board with an empty cell always has one."""
    leaf = 0
    for cells in different:
        empty = cells.count(0)
        if empty == 1:
            full = _with_tiles([cells])
            for number in range(len(TILES)):
                board = full[number * CELLS : (number + 1) * CELLS]
                if all(moved == board for moved, _ in _moves(board)):
                    yield leaf + number
        leaf += len(TILES) * empty
