"""Many games of 2048 at once on NumPy arrays, by table; the rules are those of `shared_py.game_2048`, which tests hold it to.

Shapes: N games, 16 cells, 4 actions. A game is kept as the keys of its eight lines (`line_tables`): of the four along which its
tiles last moved, and of the four across them. A move looks up what its four lines become, adds the new tile to one of them, and
adds up what they say about the lines across: some forty calls of NumPy for all games together, and no loop.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.environment.line_tables import (
    CODE_AT,
    DRAW_BITS,
    FOURS,
    KEY_MASK,
    KINDS,
    POINTS_AT,
    TO_END,
    WAYS_AT,
    directions,
    legal_table,
    line_tables,
    numbered_keys,
    start_tables,
    tile_tables,
)
from shared_py.game_2048 import CELLS, N_ACTIONS, SIZE

Boards = NDArray[np.uint8]
"""(N, 16) tile exponents"""

EVERY = slice(None)
_IS_ROW = np.array([0, 1, 0, 1], dtype=np.intp)
"""whether an action moves tiles along rows"""
_END = np.array([0, TO_END, TO_END, 0], dtype=np.intp)
_ARE_ROWS = (_IS_ROW << 4).astype(np.uint8)
_CODE_AT = np.array(CODE_AT - DRAW_BITS)
_SLID_KEY = np.array(KEY_MASK)
_CODE = np.array(((1 << POINTS_AT - CODE_AT) - 1) << DRAW_BITS)
_POINTS = np.array((1 << WAYS_AT - POINTS_AT) - 1, dtype=np.int32)
_NO_ACTION = ~(N_ACTIONS - 1)


def slide(boards: Boards, actions: NDArray[np.integer]) -> tuple[Boards, NDArray[np.int32], NDArray[np.bool_]]:
    """Move every board by its action, before any new tile: boards (N, 16), points (N,), whether it moved (N,)."""
    tables = line_tables()
    keys = numbered_keys(boards).reshape(2, SIZE, -1)
    is_row = _IS_ROW[actions].astype(bool)
    lines = np.where(is_row, keys[1], keys[0])
    packed = tables.slid.take(lines + _END[actions])
    points = (packed.sum(axis=0) >> POINTS_AT).astype(np.int32) & _POINTS
    packed &= KEY_MASK
    moved: NDArray[np.bool_] = np.any(packed != lines, axis=0)
    along = tables.cells.take(packed).T.copy().view(np.uint8).reshape(-1, SIZE, SIZE)
    slid = np.where(is_row[:, None, None], along, along.swapaxes(1, 2))
    return slid.reshape(-1, CELLS), points, moved


def slide_all(boards: Boards) -> tuple[Boards, NDArray[np.int32], NDArray[np.bool_]]:
    """Move every board by every action, before any new tile: boards (N, 4, 16), points (N, 4), whether it moved (N, 4)."""
    tables = line_tables()
    keys = numbered_keys(boards).reshape(2, SIZE, -1)
    slid = np.empty((len(boards), N_ACTIONS, CELLS), dtype=np.uint8)
    points = np.empty((len(boards), N_ACTIONS), dtype=np.int32)
    moved = np.empty((len(boards), N_ACTIONS), dtype=bool)
    for action in range(N_ACTIONS):
        is_row = _IS_ROW[action]
        packed = tables.slid.take(keys[is_row] + _END[action])
        points[:, action] = (packed.sum(axis=0) >> POINTS_AT).astype(np.int32) & _POINTS
        packed &= KEY_MASK
        moved[:, action] = np.any(packed != keys[is_row], axis=0)
        along = tables.cells.take(packed).T.copy().view(np.uint8).reshape(-1, SIZE, SIZE)
        slid[:, action] = (along if is_row else along.swapaxes(1, 2)).reshape(-1, CELLS)
    return slid, points, moved


def legal_moves(boards: Boards) -> NDArray[np.bool_]:
    """(N, 4): which actions change each board."""
    return legal_table().take(directions(numbered_keys(boards)), axis=0)


def spawn(boards: Boards, rows: NDArray[np.bool_], random: np.random.Generator) -> None:
    """Put a 2 (nine times in ten) or a 4 into a uniformly chosen empty cell of the chosen boards (N,), in place.

    Every call draws the same number of random numbers whatever is chosen; ValueError when a chosen board is full.
    """
    empty = boards == 0
    count = empty.sum(axis=1)
    if (count[rows] == 0).any():
        raise ValueError("a full board has no cell for a new tile")
    draw = (random.random(len(boards)) * (KINDS * count)).astype(np.int64)
    kind, rank = np.divmod(draw, np.maximum(count, 1))
    cell = (np.cumsum(empty, axis=1) > rank[:, None]).argmax(axis=1)
    chosen = np.flatnonzero(rows)
    boards[chosen, cell[chosen]] = np.where(kind[chosen] < FOURS, 2, 1)


def _draw_starts(count: int, random: np.random.Generator) -> NDArray[np.intp]:
    drawn = start_tables().drawn
    return drawn.take((random.random(count) * len(drawn)).astype(np.intp))


def new_games(count: int, random: np.random.Generator) -> Boards:
    """(count, 16): empty boards with two tiles on each."""
    return start_tables().boards.take(_draw_starts(count, random), axis=0)


class StepResult(NamedTuple):
    """What one move of every game gave, before finished games were replaced."""

    points: NDArray[np.int32]
    moved: NDArray[np.bool_]
    over: NDArray[np.bool_]
    """(N,) no action is left"""
    final_boards: Boards
    """(N, 16) the boards after the new tile, also of the games that are over"""


class Games:
    """N games side by side; a finished one is replaced by a new one at once, so `boards` and `legal` can always be played.

    `boards` (N, 16), `legal` (N, 4) and what a step gives are new arrays at every step, so they may be kept; the first two are
    for reading only. How games go on depends on the boards, the actions and the state of `random` alone.

    A new tile takes one draw of 53 bits: cell and kind together are one of at most 160 ways, each as likely as the next to
    within 2**-53, a fifteenth significant digit.

    A copy, or what is read from a pickle, goes on from the same boards and random state.
    """

    boards: Boards
    legal: NDArray[np.bool_]

    def __init__(self, count: int, random: np.random.Generator, boards: Boards | None = None) -> None:
        self.random = random
        self._tables, self._tiles, self._legal_table = line_tables(), tile_tables(), legal_table()
        self._slides_if_across = self._tables.slides << 2
        self._over_table = ~self._legal_table.any(axis=1)
        self._place = np.arange(SIZE * count).reshape(SIZE, count)
        self._place_across = self._place + self._place.size
        self._first_action = N_ACTIONS * np.arange(count)
        self._half = SIZE * count * _IS_ROW
        self._keys = np.empty((2 * SIZE, count), dtype=np.intp)
        self._along, self._across = self._keys[:SIZE], self._keys[SIZE:]
        self._turned = np.zeros(count, dtype=np.intp)
        """0 where `_along` are columns, else the distance from them to `_across`, in keys"""
        self._at, self._lines, self._packed, self._added = (np.empty((SIZE, count), dtype=np.intp) for _ in range(4))
        self._sum, self._draw = np.empty(count, dtype="<i8"), np.empty(count, dtype=np.int64)
        self._high_half, self._ways = self._sum.view("<i4")[1::2], self._sum.view(np.uint8)[7::8]
        self._random = np.empty(count)
        self._contributions = np.empty((SIZE, count, SIZE), dtype=np.int32)
        self._new_across = np.empty((count, SIZE), dtype=np.int32)
        self._slides = np.empty((2 * SIZE, count), dtype=np.uint8)
        self._slides_along, self._slides_across = self._slides[:SIZE], self._slides[SIZE:]
        self._cells = np.empty((SIZE, count), dtype=np.uint32)
        self.boards, self.legal = np.empty((count, CELLS), dtype=np.uint8), np.empty((count, N_ACTIONS), dtype=bool)
        self.set_boards(new_games(count, random) if boards is None else boards)

    def __reduce__(self) -> tuple[type["Games"], tuple[int, np.random.Generator, Boards]]:
        """What is needed to go on; the other arrays are views of each other, which copies would not be."""
        return Games, (len(self.boards), self.random, self.boards)

    def set_boards(self, boards: Boards, which: NDArray[np.intp] | slice = EVERY) -> None:
        """Put these boards (M, 16) in place of the ones being played, or of M of them; each must have a legal move."""
        self.boards, self.legal = self.boards.copy(), self.legal.copy()
        self._replace(which, boards, legal_moves(boards), numbered_keys(boards))

    def step(self, actions: NDArray[np.integer]) -> StepResult:
        """Play one action (N,) in every game; an action that moves nothing changes nothing and brings no tile."""
        chosen: NDArray[np.intp] = np.asarray(actions, dtype=np.intp)
        if np.bitwise_or.reduce(chosen) & _NO_ACTION:
            raise ValueError(f"an action is a number from 0 to {N_ACTIONS - 1}")
        moved = self.legal.take(np.add(self._first_action, chosen, out=self._draw))
        self._slide(chosen)
        points = np.bitwise_and(self._high_half, _POINTS)
        self._spawn(moved)
        self._cross()
        over = self._look(chosen)
        final_boards = self.boards
        if np.count_nonzero(over):
            self.boards = final_boards.copy()
            self._restart(over.nonzero()[0])
        return StepResult(points, moved, over, final_boards)

    def _replace(
        self, which: NDArray[np.intp] | slice, boards: Boards, legal: NDArray[np.bool_], keys: NDArray[np.int64]
    ) -> None:
        self.boards[which], self.legal[which], self._keys[:, which] = boards, legal, keys
        self._turned[which] = 0

    def _restart(self, which: NDArray[np.intp]) -> None:
        starts = start_tables()
        new = _draw_starts(len(which), self.random)
        self._replace(which, starts.boards.take(new, axis=0), starts.legal.take(new, axis=0), starts.keys.take(new, axis=1))

    def _slide(self, actions: NDArray[np.intp]) -> None:
        """Find the lines along which tiles move now, among the old ones and those across; look up what becomes of them."""
        turned = self._half.take(actions)
        self._turned ^= turned
        np.add(self._place, self._turned, out=self._at)
        self._turned = turned
        self._keys.take(self._at, out=self._lines, mode="clip")
        self._lines += _END.take(actions)
        self._tables.slid.take(self._lines, out=self._packed, mode="clip")
        np.add.reduce(self._packed, axis=0, out=self._sum)
        self._packed &= _SLID_KEY

    def _spawn(self, moved: NDArray[np.bool_]) -> None:
        """Add a tile to one line of every game that moved."""
        self.random.random(out=self._random)
        np.multiply(self._random, self._ways, out=self._draw, casting="unsafe")
        np.right_shift(self._sum, _CODE_AT, out=self._sum)
        self._sum &= _CODE
        self._sum += self._draw
        self._sum *= moved
        chosen = self._tiles.chosen.take(self._sum, mode="clip")
        self._tiles.added.take(chosen, axis=1, out=self._added, mode="clip")
        np.add(self._packed, self._added, out=self._along)

    def _cross(self) -> None:
        """Work out the lines across."""
        self._tables.across.take(self._along, axis=0, out=self._contributions, mode="clip")
        np.add.reduce(self._contributions, axis=0, out=self._new_across)
        self._across[:] = self._new_across.T

    def _look(self, actions: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Write boards and legal moves anew; whether each game is over."""
        self._tables.slides.take(self._along, out=self._slides_along, mode="clip")
        self._slides_if_across.take(self._across, out=self._slides_across, mode="clip")
        slid: NDArray[np.uint8] = np.bitwise_or.reduce(self._slides, axis=0)
        slid |= _ARE_ROWS.take(actions)
        self.legal = self._legal_table.take(slid, axis=0)
        np.subtract(self._place_across, self._turned, out=self._at)
        self._keys.take(self._at, out=self._lines, mode="clip")
        self._tables.cells.take(self._lines, out=self._cells, mode="clip")
        self.boards = self._cells.T.copy().view(np.uint8)
        over: NDArray[np.bool_] = self._over_table.take(slid)
        return over
