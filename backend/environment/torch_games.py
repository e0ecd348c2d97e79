"""The games of `game_2048` in torch, for a device that also holds the network; the process that serves never imports this.

The same tables, as tensors. A step runs on the device from end to end: nothing is read back, and no shape depends on a value, so
it queues behind the network's work and `torch.compile` takes it whole. Shape letters: N games, S = 16 cells, A = 4 actions.
"""

# ruff: noqa: N815  (tensor names carry shape letters)

from typing import NamedTuple

import torch
from torch import Tensor

from backend.environment.line_tables import (
    BASE,
    CODE_AT,
    DRAW_BITS,
    KEY_MASK,
    LINE_KEYS,
    POINTS_AT,
    TO_END,
    WAYS_AT,
    line_tables,
    start_tables,
    tile_tables,
)
from shared_py.game_2048 import CELLS, SIZE


class Tables(NamedTuple):
    """`line_tables` as tensors on one device."""

    slid: Tensor
    across: Tensor
    slides: Tensor
    cells: Tensor
    """(numbered, 4) uint8"""
    chosen: Tensor
    added: Tensor
    drawn: Tensor
    start_keys: Tensor
    end: Tensor
    """(4,) what an action adds to the keys of its lines"""

    @classmethod
    def on(cls, device: torch.device) -> "Tables":
        """Copy the tables there, 16 MB."""
        lines, tiles, starts = line_tables(), tile_tables(), start_tables()
        cells = lines.cells.view("uint8").reshape(-1, SIZE)
        arrays = (lines.slid, lines.across, lines.slides, cells, tiles.chosen, tiles.added, starts.drawn, starts.keys)
        tensors = [torch.from_numpy(array.copy()).to(device) for array in arrays]
        tensors.append(torch.tensor([0, TO_END, TO_END, 0], device=device))
        return cls(*tensors)


class State(NamedTuple):
    """N games between two steps."""

    keys: Tensor
    """(2, 4, N) int64 numbered keys of the columns, then of the rows"""
    boards_NS: Tensor
    """uint8"""
    legal_NA: Tensor
    """bool"""


class StepResult(NamedTuple):
    """What one move of every game gave, before finished games were replaced."""

    points_N: Tensor
    """int32"""
    moved_N: Tensor
    over_N: Tensor
    final_boards_NS: Tensor


def look(tables: Tables, keys: Tensor) -> State:
    """Boards and legal moves of numbered keys (2, 4, N)."""
    slides = tables.slides[keys]
    column_up, row_left = (slides & 1).bool().any(dim=1).unbind()
    column_down, row_right = (slides & 2).bool().any(dim=1).unbind()
    boards_NS = tables.cells[keys[1]].transpose(0, 1).reshape(-1, CELLS)
    return State(keys, boards_NS, torch.stack([column_up, row_right, column_down, row_left], dim=1))


def advance(tables: Tables, state: State, actions_N: Tensor, draws_2N: Tensor) -> tuple[State, StepResult]:
    """Play one action in every game, by two float64 draws below 1: for the new tile, and for a new game if this one ends."""
    is_row_N = (actions_N % 2).bool()
    lines = torch.where(is_row_N, state.keys[1], state.keys[0])
    packed = tables.slid[lines + tables.end[actions_N]]
    total_N = packed.sum(dim=0)
    moved_N = state.legal_NA.gather(1, actions_N[:, None]).squeeze(1)
    ways_N = (total_N >> WAYS_AT) & 255
    code_N = (total_N >> CODE_AT) & ((1 << POINTS_AT - CODE_AT) - 1)
    points_N = (total_N >> POINTS_AT) & ((1 << WAYS_AT - POINTS_AT) - 1)
    row_N = ((code_N << DRAW_BITS) + (draws_2N[0] * ways_N).long()) * moved_N
    along = (packed & KEY_MASK) + tables.added[:, tables.chosen[row_N].long()]
    across = tables.across[along].sum(dim=0).T
    keys = torch.stack([torch.where(is_row_N, across, along), torch.where(is_row_N, along, across)])
    ended = look(tables, keys)
    over_N = ~ended.legal_NA.any(dim=1)
    new = look(tables, start_keys(tables, draws_2N[1]))
    goes_on = State(
        torch.where(over_N, new.keys, keys),
        torch.where(over_N[:, None], new.boards_NS, ended.boards_NS),
        torch.where(over_N[:, None], new.legal_NA, ended.legal_NA),
    )
    return goes_on, StepResult(points_N.int(), moved_N, over_N, ended.boards_NS)


def start_keys(tables: Tables, draws_N: Tensor) -> Tensor:
    """(2, 4, N) of new games."""
    return tables.start_keys[:, tables.drawn[(draws_N * len(tables.drawn)).long()]].reshape(2, SIZE, -1)


def keys_of(boards_NS: Tensor) -> Tensor:
    """(2, 4, N): the numbered keys of boards."""
    weights = torch.tensor([BASE**place for place in range(SIZE)], device=boards_NS.device)
    numbers = LINE_KEYS * torch.arange(SIZE, device=boards_NS.device)
    cells = boards_NS.reshape(-1, SIZE, SIZE).long()
    columns, rows = (cells * weights[:, None]).sum(dim=1), (cells * weights).sum(dim=2)
    return torch.stack([(columns + numbers).T, (rows + numbers).T])


class TorchGames:
    """N games side by side on a device, as `game_2048.Games`; what a step gives are new tensors."""

    def __init__(self, count: int, device: torch.device, generator: torch.Generator, *, compiled: bool = False) -> None:
        self.generator = generator
        self._tables = Tables.on(device)
        self._advance = torch.compile(advance, fullgraph=True) if compiled else advance
        self._state = look(self._tables, start_keys(self._tables, self._draw((count,))))

    def _draw(self, shape: tuple[int, ...]) -> Tensor:
        return torch.rand(shape, dtype=torch.float64, device=self._tables.slid.device, generator=self.generator)

    @property
    def boards(self) -> Tensor:
        """(N, 16) uint8, each with a legal move."""
        return self._state.boards_NS

    @property
    def legal(self) -> Tensor:
        """(N, 4) bool."""
        return self._state.legal_NA

    def set_boards(self, boards_NS: Tensor) -> None:
        """Put these boards in place of the ones being played; each must have a legal move."""
        self._state = look(self._tables, keys_of(boards_NS))

    def step(self, actions_N: Tensor, draws_2N: Tensor | None = None) -> StepResult:
        """Play one action (N,) int64 from 0 to 3 in every game; `draws_2N` as `advance` takes them, in place of random ones."""
        draws_2N = self._draw((2, len(actions_N))) if draws_2N is None else draws_2N
        self._state, step = self._advance(self._tables, self._state, actions_N, draws_2N)
        return step
