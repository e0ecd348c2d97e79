"""Expectimax: moves chosen by looking one or two moves ahead over every new tile, with the values of a network at the end.

Both kinds of networks are searched by the same recursion, in the unit of the rewards with which the network was trained:

- a move is worth its reward and `gamma` times the value of the board after it, the afterstate;
- an afterstate is worth the mean over every empty cell and both new tiles (a 2 nine times in ten) of the best move there,
  and nothing where the game is over.

At depth 0 a network that values afterstates is asked itself, which is the plain player. One that values boards (PPO) is asked of
the boards after the last new tile, so it needs a depth of at least 1; its plain player is its policy.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.environment.game_2048 import Boards, legal_moves, slide_all
from backend.errors import ADVICE
from backend.evaluation.play import Actions, SelectAction
from backend.models import AfterstatePlayer
from backend.models.autocast import autocast
from backend.models.bucketing import pad_batch
from backend.models.rewards import RewardForm, reward_of
from shared_py.forecasting import EVALUATION_GAMES
from shared_py.game_2048 import CELLS, FOUR_PROBABILITY, N_ACTIONS
from shared_py.training_config import Precision

Values = NDArray[np.float64]
BOARDS_AT_ONCE = 65_536
"""boards with a new tile that are held at the same time at each depth; four boards after a move come from each"""
TABLE_PLACES = 8
"""of a hash table, for each board"""
TILES = np.array([1, 2], dtype=np.uint8)
TILE_CHANCES = np.array([1 - FOUR_PROBABILITY, FOUR_PROBABILITY])
_MIX_FIRST, _MIX_SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


class BoardValues(NamedTuple):
    """What a network says of boards, and the unit it says it in."""

    value: Callable[[Boards], Values]
    """boards (N, 16) to values (N,)"""
    of_afterstates: bool
    """whether the boards it values are those right after a move, before the new tile"""
    gamma: float
    reward: RewardForm


def move_worths(boards: Boards, depth: int, values: BoardValues, at_once: int = BOARDS_AT_ONCE) -> Values:
    """(N, 4): what each move is worth with `depth` layers of new tile and best move after it; -inf where it is not legal.

    Equal boards after a move are valued once. No more than about `at_once` boards are held at each depth.
    """
    worths = np.empty((len(boards), N_ACTIONS))
    for start in range(0, len(boards), at_once):
        some = slice(start, start + at_once)
        after, points, legal = slide_all(boards[some])
        worth = np.full(legal.shape, -np.inf)
        different, which = unique_boards(after[legal])
        reward = reward_of(torch.from_numpy(points[legal]), values.reward).numpy()
        worth[legal] = reward + values.gamma * _afterstate_values(different, depth, values, at_once)[which]
        worths[some] = worth
    return worths


def _afterstate_values(after: Boards, depth: int, values: BoardValues, at_once: int) -> Values:
    """(N,): what boards right after a move are worth."""
    if depth == 0:
        return values.value(after)
    worth = np.empty(len(after))
    at_once_after = max(1, at_once // (CELLS * len(TILES)))
    for start in range(0, len(after), at_once_after):
        some = slice(start, start + at_once_after)
        boards, origin, chances = boards_with_new_tile(after[some])
        if depth == 1 and not values.of_afterstates:
            alive = legal_moves(boards).any(axis=1)
            best = np.zeros(len(boards))
            best[alive] = values.value(boards[alive])
        else:
            best = move_worths(boards, depth - 1, values, at_once).max(axis=1, initial=-np.inf)
            best[best == -np.inf] = 0.0
        worth[some] = np.bincount(origin, chances * best, minlength=len(after[some]))
    return worth


def boards_with_new_tile(after: Boards) -> tuple[Boards, NDArray[np.intp], Values]:
    """Every board that a new tile makes of boards (N, 16): boards (M, 16), which of the N each is of, and its probability."""
    origin, cell = np.nonzero(after == 0)
    boards = np.repeat(after[origin], len(TILES), axis=0)
    boards[np.arange(len(boards)), np.repeat(cell, len(TILES))] = np.tile(TILES, len(origin))
    empty = np.bincount(origin, minlength=len(after))[origin]
    chances = (TILE_CHANCES / empty[:, None]).ravel()
    return boards, np.repeat(origin, len(TILES)), chances


def unique_boards(boards: Boards) -> tuple[Boards, NDArray[np.intp]]:
    """Boards among which all of boards (N, 16) are, about each once, and for each of the N which of them it is.

    By a hash table of one write and one read, many times as fast as sorting: of different boards with the same place in the table
    only one is found again, so that a few boards may be there more than once.
    """
    halves = np.ascontiguousarray(boards).view(np.uint64)
    mixed = halves[:, 0] * _MIX_FIRST
    mixed ^= mixed >> np.uint64(32)
    mixed += halves[:, 1]
    mixed *= _MIX_SECOND
    bits = max(1, (TABLE_PLACES * len(boards)).bit_length())
    place = (mixed >> np.uint64(64 - bits)).astype(np.intp)
    own = np.arange(len(boards))
    table = np.empty(1 << bits, dtype=np.int32)
    table[place] = own
    found = table.take(place)
    is_same = (halves.take(found, axis=0) == halves).all(axis=1)
    represented_by = np.where(is_same, found, own)
    is_kept = represented_by == own
    return boards[is_kept], (np.cumsum(is_kept) - 1).take(represented_by)


def values_of(
    player: nn.Module, gamma: float, reward: RewardForm, precision: Precision = "auto", at_once: int = EVALUATION_GAMES
) -> BoardValues:
    """The values of a player's network; no more boards take one pass than when `at_once` games are played without search.

    A value that is not a finite number is a FloatingPointError. Leaves the player in evaluation mode.
    """
    device = next(player.parameters()).device
    of_afterstates = isinstance(player, AfterstatePlayer)
    a_pass = at_once * N_ACTIONS if of_afterstates else at_once
    player.eval()

    def ask(batch: Tensor) -> Tensor:
        if isinstance(player, AfterstatePlayer):
            return player.afterstate_values(batch[:, None])[:, 0]
        found: Tensor = player(batch)[1]
        return found

    @torch.inference_mode()
    def value(boards: Boards) -> Values:
        if not len(boards):
            return np.zeros(0)
        parts = torch.split(torch.from_numpy(boards).to(device), a_pass)
        with autocast(device, precision):
            found = torch.cat([ask(pad_batch(some.long(), a_pass))[: len(some)] for some in parts])
        values: Values = found.float().cpu().numpy().astype(np.float64)
        if not np.isfinite(values).all():
            raise FloatingPointError(f"the outputs of the network are no longer finite numbers; {ADVICE}")
        return values

    return BoardValues(value, of_afterstates, gamma, reward)


def searching_player(values: BoardValues, depth: int, at_once: int = BOARDS_AT_ONCE) -> SelectAction:
    """The best move of a search, the first of equal ones; ValueError for a depth that these values have no search of."""
    if depth < (0 if values.of_afterstates else 1):
        raise ValueError(f"there is no search of depth {depth} over these values")

    def select_action(boards: Boards, _: NDArray[np.bool_]) -> Actions:
        actions: Actions = move_worths(boards, depth, values, at_once).argmax(axis=1)
        return actions

    return select_action
