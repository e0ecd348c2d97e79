"""Reads what people give to the environments: each argument is taken or refused, before anything of an environment changes."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from backend.environment.game_2048 import Boards, legal_moves
from shared_py.game_2048 import CELLS, MAX_EXPONENT, N_ACTIONS, SIZE


class ResetOptions(NamedTuple):
    """What `reset(options=...)` of many games asks for."""

    which: NDArray[np.intp] | None
    """the games to reset; None for all"""
    boards: Boards | None
    """(M, 16) what the M games that are reset start from; None for two random tiles"""


def checked_render_mode(mode: str | None, modes: Sequence[str]) -> str | None:
    """A render mode that exists; ValueError otherwise, which says how to get a window."""
    if mode is None or mode in modes:
        return mode
    advice = '; for a window, wrap an environment of "rgb_array" in HumanRendering' if mode == "human" else ""
    raise ValueError(f"render_mode is None or one of {list(modes)}, not {mode!r}{advice}")


def checked_autoreset_mode(mode: AutoresetMode | str) -> AutoresetMode:
    """The mode, given itself or by its value; ValueError otherwise."""
    try:
        return AutoresetMode(mode)
    except ValueError:
        modes = [mode.value for mode in AutoresetMode]
        raise ValueError(f"autoreset_mode is an AutoresetMode or one of {modes}, not {mode!r}") from None


def checked_actions(actions: Any, count: int) -> NDArray[np.intp]:
    """Actions (N,); InvalidAction unless they are N integers from 0 to 3."""
    array = np.asarray(actions)
    if array.shape != (count,) or array.dtype.kind not in "iu":
        raise gym.error.InvalidAction(f"actions are {count} integers, not {array.dtype} of shape {array.shape}")
    if np.bitwise_or.reduce(array) & ~(N_ACTIONS - 1):
        raise gym.error.InvalidAction(f"an action is 0, 1, 2 or 3, not {array[(array < 0) | (array >= N_ACTIONS)][0]}")
    return array.astype(np.intp, copy=False)


def read_board_option(options: dict[str, Any] | None) -> Boards | None:
    """(1, 16) the board that `reset(options=...)` of one game asks for; ValueError for other options and impossible boards."""
    _refuse_unknown(options, ("board",))
    return None if not options or "board" not in options else _read_boards(options["board"], 1)


def read_reset_options(options: dict[str, Any] | None, count: int) -> ResetOptions:
    """What `reset(options=...)` of many games asks for.

    `reset_mask` is a bool array (N,) with at least one True, as Gymnasium has it (TypeError, ValueError); `board` is one board
    for every game, or one for each (N, 16), of which those of the mask are taken. The options are left as they are.
    """
    _refuse_unknown(options, ("board", "reset_mask"))
    options = options or {}
    which = _read_mask(options["reset_mask"], count) if "reset_mask" in options else None
    boards = None
    if "board" in options:
        boards = _read_boards(options["board"], count)
        boards = boards if which is None else boards[which]
    return ResetOptions(which, boards)


def _refuse_unknown(options: dict[str, Any] | None, accepted: Sequence[str]) -> None:
    unknown = [name for name in options or {} if name not in accepted]
    if unknown:
        raise ValueError(f"reset knows the options {list(accepted)}, not {unknown}")


def _read_mask(mask: Any, count: int) -> NDArray[np.intp]:
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
        kind = mask.dtype if isinstance(mask, np.ndarray) else type(mask).__name__
        raise TypeError(f"options['reset_mask'] is a NumPy array of bool, not {kind}")
    if mask.shape != (count,) or not mask.any():
        raise ValueError(f"options['reset_mask'] has the shape ({count},) and at least one True, not {mask!r}")
    return np.flatnonzero(mask)


def _read_boards(cells: Any, count: int) -> Boards:
    """(count, 16) boards out of one board, as 16 exponents or 4 rows of 4, or out of one for each game."""
    array = np.asarray(cells)
    if array.dtype.kind not in "iu":
        raise ValueError(f"a board is {CELLS} exponents, which are integers, not {array.dtype}")
    if array.shape in ((CELLS,), (SIZE, SIZE)):
        array = array.reshape(1, CELLS)
    if array.shape not in ((1, CELLS), (count, CELLS)):
        raise ValueError(f"a board is {CELLS} exponents, not an array of shape {array.shape}")
    if ((array < 0) | (array > MAX_EXPONENT)).any():
        game, cell = np.argwhere((array < 0) | (array > MAX_EXPONENT))[0]
        raise ValueError(f"a board holds exponents from 0 to {MAX_EXPONENT}, not {array[game, cell]} in cell {cell}")
    boards = np.broadcast_to(array, (count, CELLS)).astype(np.uint8)
    if not legal_moves(boards).any(axis=1).all():
        raise ValueError("no move changes that board: the game would be over before it began")
    return boards
