"""What a network takes: boards of tile exponents; anything else is refused with the board, the cell and the value."""

from typing import NoReturn

import torch
from torch import Tensor

from backend.models.rules import CELLS, LINE_VALUES, MAX_EXPONENT

INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


def checked_boards(board: Tensor) -> Tensor:
    """Boards (B, 16) of exponents from 0 to 17 in any integer format, as int64; B may be 0.

    TypeError for what is no tensor of integers, ValueError for another shape or a value out of bounds. While a network is
    traced, the graph gets a look-up that fails for such values in its place; other compilers trace no check.
    """
    if torch.compiler.is_exporting():
        return _looked_up(board)
    if torch.compiler.is_compiling() or torch.jit.is_tracing():  # type: ignore[attr-defined,no-untyped-call]  # documented, but torch has no types for it
        return board
    if not isinstance(board, Tensor):
        raise TypeError(f"boards are a torch.Tensor, not {type(board).__name__}; torch.as_tensor makes one")
    if board.dtype not in INTEGERS:
        raise TypeError(f"boards hold tile exponents as integers, such as torch.int64, not {board.dtype}")
    if board.ndim != 2 or board.shape[1] != CELLS:
        _refuse_shape(board)
    found = board.long()
    if found.numel() and not _is_within(found):
        _refuse_value(found)
    return found


def _looked_up(board: Tensor) -> Tensor:
    """The same boards out of a table of all exponents, which an exported graph fails to read anything else from.

    Counted from the end, as ONNX counts negative indices, negative numbers would be in the table: they are moved out of it.
    """
    exponents = torch.arange(LINE_VALUES, device=board.device)
    return exponents.index_select(0, board.where(board >= 0, board - LINE_VALUES).flatten()).view(-1, CELLS)


def _is_within(board: Tensor) -> bool:
    smallest, largest = board.aminmax()
    return bool(smallest >= 0) and bool(largest <= MAX_EXPONENT)


def _refuse_shape(board: Tensor) -> NoReturn:
    shape, advice = tuple(board.shape), ""
    if shape == (CELLS,):
        advice = "; board[None] is a batch of one"
    elif shape[-2:] == (4, 4):
        advice = f"; board.reshape(-1, {CELLS}) puts the rows of each one after another"
    raise ValueError(f"boards have the shape (B, {CELLS}), not {shape}{advice}")


def _refuse_value(board: Tensor) -> NoReturn:
    index, cell = ((board < 0) | (board > MAX_EXPONENT)).nonzero()[0].tolist()
    raise ValueError(
        f"board {index}, cell {cell} (row {cell // 4}, column {cell % 4}) holds {board[index, cell].item()}: "
        f"a cell holds the exponent of its tile, from 0 (empty) to {MAX_EXPONENT}"
    )
