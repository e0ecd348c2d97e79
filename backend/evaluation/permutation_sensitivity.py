"""Whether a network reads the board: how far its moves change when the cells it is shown change places.

The number is the mean total variation, half the sum over the moves of |p - q|, between the probabilities p of the moves on a
board and q on the same board when the network sees its 16 cells in a random order: 0 when nothing changes, 1 when everything.
What makes it fair:

 1. Only what the network sees is shuffled. Which moves are legal, and with afterstate TD where they lead and what they score,
    stays that of the true board; there the four boards after a move are shuffled alike, each board with its own order. So a
    network that ignores where tiles are gets 0, up to rounding, with every algorithm: no mask or rule moves for it.
 2. Only boards that the player's own games came to, and with at least two legal moves: where there is no choice, any network
    would get 0.
 3. Boards are an even sample of all those met, from first to last move, and seeded as the games are.
"""

import copy
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.environment.game_2048 import Boards
from backend.evaluation.play import Actions, SelectAction
from backend.models import GameTransformer, ModelOutput
from backend.models.autocast import autocast
from shared_py.forecasting import EVALUATION_GAMES
from shared_py.game_2048 import CELLS
from shared_py.training_config import Precision


class BoardSample:
    """An even, seeded sample of the boards with a choice that a player comes to: each gets a random key, the smallest stay."""

    def __init__(self, count: int, seed: int) -> None:
        self._count = count
        self._random = np.random.default_rng(seed)
        self._keys = np.empty(0)
        self.boards: Boards = np.empty((0, CELLS), dtype=np.uint8)

    def watch(self, select_action: SelectAction) -> SelectAction:
        """The same player, whose boards are noted."""

        def choose_and_note(boards: Boards, legal: NDArray[np.bool_]) -> Actions:
            self.add(boards[legal.sum(axis=1) > 1])
            return select_action(boards, legal)

        return choose_and_note

    def add(self, boards: Boards) -> None:
        """Offer boards (N, 16) to the sample."""
        keys = np.concatenate([self._keys, self._random.random(len(boards))])
        smallest = keys.argsort()[: self._count]
        self._keys, self.boards = keys[smallest], np.concatenate([self.boards, boards])[smallest]


def shown_in_order(network: GameTransformer, orders: Callable[[], Tensor]) -> GameTransformer:
    """The same network, shown cells in the orders (N, 16) there are then; of N times k boards, k in a row alike."""
    view = copy.copy(network)

    def compute(board: Tensor) -> ModelOutput:
        orders_NS = orders()
        orders_BS = orders_NS.repeat_interleave(len(board) // len(orders_NS), dim=0)
        return network.compute(board.gather(1, orders_BS))

    view.compute = compute  # type: ignore[method-assign]  # replaces the method of this copy only
    return view


@torch.inference_mode()
def board_reading(
    player_of: Callable[[GameTransformer], nn.Module],
    network: GameTransformer,
    boards: Boards,
    seed: int,
    precision: Precision = "auto",
    at_once: int = EVALUATION_GAMES,
    tick: Callable[[], bool] = lambda: False,
) -> float | None:
    """Mean total variation between the moves on boards (N, 16) and on the same with cells out of order.

    None without boards, or if `tick`, called after every piece, says stop. `player_of` gives what plays for a network, of at most
    `at_once` boards in a pass; networks are left in evaluation mode.
    """
    device = next(network.parameters()).device
    network.eval()
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(CELLS), (len(boards), 1)), axis=1)
    orders_NS = torch.empty(0)
    seeing, shuffled = player_of(network), player_of(shown_in_order(network, lambda: orders_NS))
    variations = []
    for start in range(0, len(boards), at_once):
        boards_NS = torch.from_numpy(boards[start : start + at_once]).to(device, torch.int64)
        orders_NS = torch.from_numpy(orders[start : start + at_once]).to(device)
        seen_NA = move_probabilities(seeing, boards_NS, precision)
        shuffled_NA = move_probabilities(shuffled, boards_NS, precision)
        variations.append((seen_NA - shuffled_NA).abs().sum(dim=1) / 2)
        if tick():
            return None
    return torch.cat(variations).mean().item() if variations else None


def move_probabilities(player: nn.Module, boards_NS: Tensor, precision: Precision) -> Tensor:
    """(N, 4) float32, of the moves a player may make."""
    with autocast(boards_NS.device, precision):
        logits_NA: Tensor = player(boards_NS)[0]
    return logits_NA.float().softmax(dim=1)
