"""Expectimax by the book: plain recursion over the reference rules, one board at a time, for comparison with the fast ones."""

import math
from collections.abc import Callable

from shared_py.game_2048 import N_ACTIONS, Board, is_over, move

BoardValue = Callable[[Board], float]


def reward(points: int, form: str) -> float:
    """A move's reward; written anew from the definition."""
    if form == "points":
        return points / 20_000
    if form == "sqrt_points":
        return 0.1 * math.sqrt(points) / 16
    return 0.1 * math.log2(max(points, 1)) / 16


def worths(board: Board, depth: int, value: BoardValue, gamma: float, form: str, *, of_afterstates: bool) -> list[float]:
    """What each move is worth, -inf where it is not legal."""
    found = []
    for action in range(N_ACTIONS):
        after, points, moved = move(board, action)
        ahead = _afterstate(after, depth, value, gamma, form, of_afterstates) if moved else -math.inf
        found.append(reward(points, form) + gamma * ahead if moved else ahead)
    return found


def _afterstate(after: Board, depth: int, value: BoardValue, gamma: float, form: str, of_afterstates: bool) -> float:
    if depth == 0:
        return value(after)
    empty = [cell for cell, exponent in enumerate(after) if exponent == 0]
    total = 0.0
    for cell in empty:
        for exponent, chance in ((1, 0.9), (2, 0.1)):
            board = (*after[:cell], exponent, *after[cell + 1 :])
            if is_over(board):
                continue
            if depth == 1 and not of_afterstates:
                best = value(board)
            else:
                best = max(worths(board, depth - 1, value, gamma, form, of_afterstates=of_afterstates))
            total += chance * best / len(empty)
    return total
