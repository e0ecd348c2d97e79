"""Symbolic shapes: what travels along an edge, written with B for the batch and d for the design's width."""

from math import prod
from typing import Literal

from msgspec import Struct

from shared_py.game_2048 import CELLS, SIZE
from shared_py.messages import Text, part, text

GRID = (SIZE, SIZE)
"""rows and columns of one board"""

BATCH = "B"
Dims = tuple[int | str, ...]
SignalKind = Literal["board", "values", "routing", "none"]


class Signal(Struct, frozen=True, cache_hash=True):
    """The output of a component: its kind, its shape, and what the shape does not show.

    A routing says how many experts it chooses from and how many it takes. Tokens carry the grid of rows and columns
    that they form, if they still form one, and whether a class token comes first.
    """

    kind: SignalKind
    dims: Dims = ()
    n_experts: int = 0
    top_k: int = 0
    grid: tuple[int, int] | None = None
    cls_token: bool = False


NOTHING = Signal("none")
BOARD = Signal("board", (BATCH, CELLS))


def tokens(width: int, grid: tuple[int, int] | None = GRID, *, cells: int | None = None, cls_token: bool = False) -> Signal:
    """One vector of this width for each cell: (B, cells, width); without a number, the cells of the grid."""
    if cells is None:
        assert grid is not None
        cells = grid[0] * grid[1]
    return Signal("values", (BATCH, cells, width), grid=grid, cls_token=cls_token)


def vector(width: int) -> Signal:
    """One vector for the whole board: (B, width)."""
    return Signal("values", (BATCH, width))


def is_tokens(signal: Signal) -> bool:
    """Whether a signal is one vector for each of several cells."""
    return signal.kind == "values" and len(signal.dims) == 3


def is_values(signal: Signal) -> bool:
    """Whether a signal is plain numbers: tokens or one vector."""
    return signal.kind == "values"


def with_width(signal: Signal, width: int) -> Signal:
    """The same tokens, or the same vector, with another last dimension."""
    return Signal(signal.kind, (*signal.dims[:-1], width), grid=signal.grid, cls_token=signal.cls_token)


def width_of(signal: Signal) -> int:
    """The last dimension of a signal; an assertion fails on a signal without one."""
    width = signal.dims[-1]
    assert isinstance(width, int)
    return width


def cells_of(signal: Signal) -> int:
    """How many vectors of the last dimension one board has: 16 for tokens on a whole board, 1 for a vector."""
    return numbers_of(signal) // width_of(signal)


def numbers_of(signal: Signal) -> int:
    """How many numbers one board has."""
    return prod(dim for dim in signal.dims if isinstance(dim, int))


def format_dims(dims: Dims, d_model: int) -> str:
    """Write a shape as people do, `(B, 16, d)`; a last dimension that equals the design's width is `d`."""
    return text(part("dims", {"dims": _named_dims(dims, d_model)}))


def _named_dims(dims: Dims, d_model: int) -> list[int | str]:
    return [*dims[:-1], "d"] if len(dims) > 2 and dims[-1] == d_model else list(dims)


def describe(signal: Signal, d_model: int) -> Text:
    """Name a signal for a problem: `a board (B, 16)`, `(B, 16, d)`, `a routing of 4 experts`."""
    dims = _named_dims(signal.dims, d_model)
    if signal.kind == "board":
        return part("board", {"dims": dims})
    if signal.kind == "routing":
        return part("routing", {"n_experts": signal.n_experts})
    if len(signal.dims) > 2 and width_of(signal) == d_model:
        return part("dims_with_width", {"dims": dims, "d_model": d_model})
    return part("dims", {"dims": dims})


def describe_apart(one: Signal, other: Signal, d_model: int) -> tuple[Text, Text]:
    """Name two signals that differ by two texts that differ: where their shapes read alike, by what the shape does not show."""
    first, second = describe(one, d_model), describe(other, d_model)
    if first != second or one == other:
        return first, second
    return _with_notes(first, _hidden(one, other, d_model)), _with_notes(second, _hidden(other, one, d_model))


def _with_notes(shape: Text, notes: list[Text]) -> Text:
    return part("shape_with", {"shape": shape, "notes": notes})


def _hidden(signal: Signal, other: Signal, d_model: int) -> list[Text]:
    """What distinguishes a signal from another one of the same description."""
    notes = []
    if signal.grid != other.grid:
        rows_and_columns = signal.grid and {"rows": signal.grid[0], "columns": signal.grid[1]}
        notes.append(part("grid", rows_and_columns) if rows_and_columns else part("no_grid"))
    if signal.cls_token != other.cls_token:
        notes.append(part("class_token") if signal.cls_token else part("no_class_token"))
    if signal.kind == "routing" and signal.dims != other.dims:
        notes.append(part("for_dims", {"dims": _named_dims(signal.dims, d_model)}))
    if signal.top_k != other.top_k:
        notes.append(part("active_experts", {"top_k": signal.top_k}))
    return notes
