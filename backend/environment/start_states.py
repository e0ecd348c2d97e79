"""Other boards to begin from than two small tiles: big tiles, to meet them sooner, and boards that good games came to.

A share of the games that begin is moved on to such a board at the end of a rollout; their scores count in no average. Jaskowski
2018 (carousel shaping) restarts games from stages they reached; PufferLib's 2048 begins some with big tiles.
"""

from typing import Any

import torch
from torch import Tensor

from backend.models.rules import legal_moves
from shared_py.game_2048 import CELLS
from shared_py.training_config import TrainConfig

KEPT = 4096
"""boards of good games"""
BIGGEST = (9, 13)
"""exponents of the largest tile of a start, the least and the most"""
BELOW = 3
"""the next smaller tiles that may lie on such a board, each with an even chance"""


class Starts:
    """Draws boards to begin from, and remembers what good games came to."""

    def __init__(self, config: TrainConfig, generator: torch.Generator) -> None:
        self.big, self.good = config.big_tile_starts, config.good_game_starts
        self.generator, self.device = generator, generator.device
        self.kept = torch.zeros((KEPT, CELLS), dtype=torch.uint8, device=self.device)
        self.seen = 0

    @property
    def used(self) -> bool:
        """Whether any game begins elsewhere."""
        return self.big + self.good > 0

    def remember(self, boards_NS: Tensor, is_good_N: Tensor) -> None:
        """Keep the boards of good games in place of the oldest."""
        good = boards_NS[is_good_N]
        places = (self.seen + torch.arange(len(good), device=self.device)) % KEPT
        self.kept[places] = good
        self.seen += len(good)

    def move_on(self, boards_NS: Tensor, began_N: Tensor) -> tuple[Tensor, Tensor]:
        """The boards to go on with, and which of them (N,) are other ones than before; each can be played."""
        chance_N = torch.rand(len(boards_NS), generator=self.generator, device=self.device)
        big_N = chance_N < self.big
        good_N = (chance_N >= self.big) & (chance_N < self.big + self.good) & (self.seen > 0)
        drawn_N = torch.randint(max(1, min(self.seen, KEPT)), big_N.shape, generator=self.generator, device=self.device)
        others = torch.where(big_N[:, None], self.big_tiles(len(boards_NS)), self.kept[drawn_N])
        moved_N = began_N & (big_N | good_N) & legal_moves(others.long()).any(dim=1)
        return torch.where(moved_N[:, None], others, boards_NS), moved_N

    def big_tiles(self, count: int) -> Tensor:
        """(count, 16) boards of one big tile, some of those right below it, and two small ones, anywhere."""
        least, most = BIGGEST
        largest = torch.randint(least, most + 1, (count, 1), generator=self.generator, device=self.device)
        below = largest - 1 - torch.arange(BELOW, device=self.device)
        below = below * torch.randint(2, below.shape, generator=self.generator, device=self.device)
        small = torch.randint(1, 3, (count, 2), generator=self.generator, device=self.device)
        tiles = torch.cat([largest, below, small], dim=1)
        cells = torch.rand((count, CELLS), generator=self.generator, device=self.device).argsort(dim=1)[:, : tiles.shape[1]]
        boards = torch.zeros((count, CELLS), dtype=torch.int64, device=self.device)
        return boards.scatter_(1, cells, tiles).to(torch.uint8)

    def state_dict(self) -> dict[str, Any]:
        """The boards kept, and how many there were."""
        return {"kept": self.kept[: min(self.seen, KEPT)], "seen": self.seen}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave."""
        self.seen = state["seen"]
        self.kept[: len(state["kept"])] = state["kept"].to(self.device)
