"""An n-tuple network in NumPy that shares no code with the product: tables, temporal-coherence learning, greedy play."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.environment.game_2048 import Boards, Games, slide

Floats = NDArray[np.float64]


def views_of(pattern: Sequence[int]) -> list[list[int]]:
    """The cells of a pattern in the four turns of the board and of its mirror image."""
    found = []
    for mirrored in (False, True):
        grid = np.arange(16).reshape(4, 4)
        grid = grid[:, ::-1] if mirrored else grid
        for _ in range(4):
            found.append([int(grid.flat[cell]) for cell in pattern])
            grid = np.rot90(grid)
    return found


class NumpyNTuple:
    """One table a pattern, read in eight views; float64."""

    def __init__(self, patterns: Sequence[Sequence[int]], initial_value: float = 0.0) -> None:
        self.cells = [np.array(views_of(pattern)) for pattern in patterns]
        self.lookups = sum(len(cells) for cells in self.cells)
        start = initial_value / self.lookups
        self.tables = [np.full(16 ** len(pattern), start) for pattern in patterns]
        self.errors = [np.zeros_like(table) for table in self.tables]
        self.sizes = [np.zeros_like(table) for table in self.tables]

    def rows(self, boards: Boards) -> list[NDArray[np.int64]]:
        """For each pattern (B, 8): the rows that the boards read."""
        exponents = np.minimum(boards, 15).astype(np.int64)
        return [(exponents[:, cells] << 4 * np.arange(cells.shape[1])).sum(axis=2) for cells in self.cells]

    def values(self, boards: Boards) -> Floats:
        """(B,) what the entries of each board add up to."""
        total: Floats = np.sum(
            [table[rows].sum(axis=1) for table, rows in zip(self.tables, self.rows(boards), strict=True)], axis=0
        )
        return total

    def learn(self, boards: Boards, targets: Floats, learning_rate: float = 1.0) -> None:
        """One step of temporal coherence: each entry moves by its rate times the mean of its errors."""
        missing = targets - self.values(boards)
        for index, rows in enumerate(self.rows(boards)):
            entries, place = np.unique(rows, return_inverse=True)
            place = place.reshape(rows.shape)
            errors = np.broadcast_to(missing[:, None], rows.shape)
            means = np.bincount(place.ravel(), errors.ravel()) / np.bincount(place.ravel())
            sizes = self.sizes[index][entries]
            rates = np.where(sizes > 0, np.abs(self.errors[index][entries]) / np.where(sizes > 0, sizes, 1), 1.0)
            self.tables[index][entries] += rates * means * learning_rate / self.lookups
            self.errors[index][entries] += means
            self.sizes[index][entries] += np.abs(means)

    def play(self, games: Games, moves: int) -> None:
        """Play this number of moves of every game, greedily, and learn from each."""
        before: Boards | None = None
        over = np.zeros(len(games.boards), dtype=bool)
        for _ in range(moves):
            actions, after, worth = self.best(games)
            if before is not None:
                self.learn(before, np.where(over, 0.0, worth))
            before, over = after, games.step(actions).over

    def best(self, games: Games) -> tuple[NDArray[np.intp], Boards, Floats]:
        """The best action of each game, the board after it, and points plus value."""
        count = len(games.boards)
        game, action = games.legal.nonzero()
        after, points, _ = slide(games.boards[game], action)
        worth = np.full((count, 4), -np.inf)
        worth[game, action] = points + self.values(after)
        chosen = worth.argmax(axis=1)
        place = np.full((count, 4), -1)
        place[game, action] = np.arange(len(game))
        return chosen, after[place[np.arange(count), chosen]], worth.max(axis=1)
