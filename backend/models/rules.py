"""What the rules of 2048 say of a board, in torch operators alone, so that it runs inside a network and exports with it."""

import torch
from torch import Tensor

from backend.models.outputs import Target

CELLS = 16
MAX_EXPONENT = 17
LINE_VALUES = MAX_EXPONENT + 1
"""tile exponents 0 to 17 that one cell of a line can hold"""


def legal_moves(board: Tensor) -> Tensor:
    """(B, 16) int64 to (B, 4) bool: whether up, right, down, left change the board; plain operators, so it exports.

    A line moves towards its start exactly if some tile stands right after an empty cell or after an equal tile; two tiles of
    exponent 17 do not merge.
    """
    grid = board.view(-1, 4, 4)
    return torch.stack(
        [
            _can_slide(grid[:, :-1], grid[:, 1:]),
            _can_slide(grid[:, :, 1:], grid[:, :, :-1]),
            _can_slide(grid[:, 1:], grid[:, :-1]),
            _can_slide(grid[:, :, :-1], grid[:, :, 1:]),
        ],
        dim=1,
    )


def _can_slide(before: Tensor, after: Tensor) -> Tensor:
    merges = (before == after) & (before != MAX_EXPONENT)
    slides = ((after != 0) & ((before == 0) | merges)).flatten(1)
    # onnxruntime's shape inference before quantization fails at the ReduceMax that `any` would be exported as
    return slides.sum(dim=1) > 0 if torch.compiler.is_exporting() else slides.any(dim=1)


def board_quantity(board: Tensor, target: Target) -> Tensor:
    """What an auxiliary head is held against, float32 between 0 and about 1.

    (B,) empty cells of 16, the largest exponent of 17, or adjacent equal tiles of 16; (B, 4) whether each move is legal.
    """
    if target == "empty_cells":
        return (board == 0).float().mean(dim=1)
    if target == "largest_exponent":
        return board.amax(dim=1).float() / MAX_EXPONENT
    if target == "legal_moves":
        return legal_moves(board).float()
    grid = board.view(-1, 4, 4)
    beside = (grid[:, :, 1:] == grid[:, :, :-1]) & (grid[:, :, 1:] != 0)
    below = (grid[:, 1:] == grid[:, :-1]) & (grid[:, 1:] != 0)
    return (beside.flatten(1).sum(dim=1) + below.flatten(1).sum(dim=1)).float() / CELLS


def move_cells() -> Tensor:
    """(4, 16) int64: for up, right, down, left the cells line after line, each line from the edge the tiles move towards."""
    rows = torch.arange(CELLS).view(4, 4)
    columns = rows.T
    return torch.stack([columns, rows.flip(1), columns.flip(1), rows]).flatten(1)


def board_views() -> Tensor:
    """(8, 16) int64: for each turn of the board and of its mirror image, which cell is seen in each place."""
    grid = torch.arange(CELLS).view(4, 4)
    return torch.stack([torch.rot90(side, turns) for side in (grid, grid.flip(1)) for turns in range(4)]).flatten(1)


def slid_lines() -> Tensor:
    """(18**4, 4) uint8: every line of four cells after it slid towards its first cell, in the order of `line_keys`.

    A tile merges at most once, pairs nearest the edge merge first, and two tiles of exponent 17 do not merge.
    """
    return _slide_all()[0].to(torch.uint8)


def line_points() -> Tensor:
    """(18**4,) int32: the points that sliding each line gives, the face value of every tile that merging made."""
    return _slide_all()[1].to(torch.int32)


def _slide_all() -> tuple[Tensor, Tensor]:
    exponents = torch.arange(LINE_VALUES)
    packed = _close_gaps(torch.cartesian_prod(exponents, exponents, exponents, exponents))
    points = torch.zeros(len(packed), dtype=torch.int64)
    for place in range(3):
        here, after = packed[:, place], packed[:, place + 1]
        merges = (here == after) & (here != 0) & (here != MAX_EXPONENT)
        packed[:, place] += merges
        packed[:, place + 1] *= ~merges
        points += merges * 2 ** packed[:, place]
    return _close_gaps(packed), points


def _close_gaps(lines: Tensor) -> Tensor:
    """Bring the tiles of each line (N, 4) to its start, in their order."""
    return lines.gather(1, (lines == 0).int().argsort(dim=1, stable=True))


def line_keys(lines: Tensor) -> Tensor:
    """(..., 4) int64 exponents from 0 to 17 to the rows (...) of `slid_lines`."""
    first, second, third, fourth = lines.unbind(-1)
    return ((first * LINE_VALUES + second) * LINE_VALUES + third) * LINE_VALUES + fourth
