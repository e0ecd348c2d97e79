"""Symbolic shapes: what travels along an edge, written with B for the batch and d for the design's width."""

from typing import Literal

from msgspec import Struct

CELLS = 16
"""cells of one board, the tokens every network reads"""

BATCH = "B"
Dims = tuple[int | str, ...]
SignalKind = Literal["board", "values", "routing", "none"]


class Signal(Struct, frozen=True):
    """What leaves a component: its kind, its shape, and for a routing how many experts it chooses from and how many it takes."""

    kind: SignalKind
    dims: Dims = ()
    n_experts: int = 0
    top_k: int = 0


NOTHING = Signal("none")
BOARD = Signal("board", (BATCH, CELLS))


def tokens(width: int) -> Signal:
    """One vector of this width for each cell: (B, 16, width)."""
    return Signal("values", (BATCH, CELLS, width))


def is_tokens(signal: Signal) -> bool:
    """Whether a signal is one vector for each cell."""
    return signal.kind == "values" and len(signal.dims) == 3 and signal.dims[1] == CELLS


def width_of(signal: Signal) -> int:
    """The last dimension of a signal; an assertion fails on a signal without one."""
    width = signal.dims[-1]
    assert isinstance(width, int)
    return width


def format_dims(dims: Dims, d_model: int) -> str:
    """Write a shape as people do, `(B, 16, d)`; a last dimension that equals the design's width is `d`."""
    if not dims:
        return ""
    names = [str(dim) for dim in dims]
    if len(dims) > 2 and dims[-1] == d_model:
        names[-1] = "d"
    return f"({', '.join(names)})"


def describe(signal: Signal, d_model: int) -> str:
    """Name a signal for a problem: `a board (B, 16)`, `(B, 16, d)`, `a routing of 4 experts`."""
    if signal.kind == "board":
        return f"a board {format_dims(signal.dims, d_model)}"
    if signal.kind == "routing":
        return f"a routing of {signal.n_experts} experts"
    if width_of(signal) == d_model:
        return f"{format_dims(signal.dims, d_model)} with d = {d_model}"
    return format_dims(signal.dims, d_model)
