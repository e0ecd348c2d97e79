"""Running statistics of the games being played; plain arrays, no network."""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

RECENT_GAMES = 200


class GameStatistics:
    """Scores, lengths and largest tiles of the last finished games among N games side by side."""

    def __init__(self, count: int) -> None:
        self.episode = 0
        self.scores = np.zeros(count, dtype=np.int64)
        self.lengths = np.zeros(count, dtype=np.int64)
        self.whole = np.ones(count, dtype=bool)
        """whether each game was played from its start"""
        self.recent: deque[tuple[int, int, int]] = deque(maxlen=RECENT_GAMES)
        """(score, length, largest exponent) of each finished game"""

    def add(self, points: NDArray[np.int32], over: NDArray[np.bool_], largest: NDArray[np.uint8]) -> None:
        """Take in moves (T, N) of every game: the points of each, whether it was the last, the largest exponent after it."""
        for gained, ended, tiles in zip(points, over, largest, strict=True):
            self.scores += gained
            self.lengths += 1
            for index in np.flatnonzero(ended):
                self.episode += 1
                if self.whole[index]:
                    self.recent.append((int(self.scores[index]), int(self.lengths[index]), int(tiles[index])))
            self.scores[ended] = self.lengths[ended] = 0
            self.whole |= ended

    def skip(self, which: NDArray[np.bool_]) -> None:
        """Count these games (N,) no more, since they go on from other boards than they came to."""
        self.whole &= ~which

    @property
    def is_good(self) -> NDArray[np.bool_]:
        """(N,) whether each game has more points by now than recent games had at their end."""
        return self.whole & (self.scores > (self.score or np.inf))

    @property
    def score(self) -> float | None:
        """Mean score of the recent games."""
        return float(np.mean([game[0] for game in self.recent])) if self.recent else None

    @property
    def avg_game_length(self) -> float | None:
        """Mean length of the recent games in moves."""
        return float(np.mean([game[1] for game in self.recent])) if self.recent else None

    @property
    def max_tile_frequency(self) -> dict[str, float]:
        """Share of the recent games by largest tile, keyed by its face value, small tiles first."""
        largest = sorted(game[2] for game in self.recent)
        return {str(1 << exponent): largest.count(exponent) / len(largest) for exponent in dict.fromkeys(largest)}

    def state_dict(self) -> dict[str, Any]:
        """Everything, as plain lists and numbers."""
        return {
            "episode": self.episode,
            "scores": self.scores.tolist(),
            "lengths": self.lengths.tolist(),
            "whole": self.whole.tolist(),
            "recent": [list(game) for game in self.recent],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave."""
        self.episode = state["episode"]
        self.scores = np.array(state["scores"], dtype=np.int64)
        self.lengths = np.array(state["lengths"], dtype=np.int64)
        self.whole = np.array(state["whole"], dtype=bool)
        self.recent = deque(((score, length, largest) for score, length, largest in state["recent"]), maxlen=RECENT_GAMES)
