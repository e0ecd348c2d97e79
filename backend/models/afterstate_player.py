"""A network that values boards, made to play: each move is worth its reward and what the network says of the board after it."""

from functools import reduce

import torch
from torch import Tensor, nn

from backend.models.boards import checked_boards
from backend.models.game_transformer import ILLEGAL, GameTransformer
from backend.models.moves import ScoredMoves
from backend.models.precision import at_least_float32
from backend.models.rewards import RewardForm, reward_of
from backend.models.rules import CELLS, board_views, legal_moves

SHARPNESS = 10.0
"""logits are so many times what a move lacks to the best; the best move is what counts, its likelihood was never learned"""


class AfterstatePlayer(nn.Module):
    """Boards (B, 16) in, masked logits (B, 4) and values (B,) out, as of a `GameTransformer` that has a policy of its own.

    The network's value is of a board right after a move, before the new tile (an afterstate: Sutton & Barto 2018, section 6.8).
    The most likely move is the best one by reward + gamma * value; the value of a board is that of its best move.

    A board is worth the same turned and mirrored, but a network says so only nearly: with `views` its word is the mean over so
    many of the eight views, which plays better and costs so many times as much.
    """

    views: Tensor

    def __init__(self, network: GameTransformer, gamma: float, reward: RewardForm, views: int = 1) -> None:
        super().__init__()
        self.network = network
        self.moves = ScoredMoves()
        self.gamma = gamma
        self.reward: RewardForm = reward
        self.register_buffer("views", board_views()[:views], persistent=False)

    def forward(self, board: Tensor) -> tuple[Tensor, Tensor]:
        """Value the four boards after a move, legal or not, in one batch; TypeError or ValueError for what is no board."""
        board = checked_boards(board)
        keys = self.moves.keys(board)
        values = self.afterstate_values(self.moves.slide(keys))
        worth = reward_of(self.moves.points(keys), self.reward) + self.gamma * values
        legal = legal_moves(board)
        best = reduce(torch.maximum, worth.masked_fill(~legal, ILLEGAL).unbind(dim=1))  # `amax` exports as `legal_moves` tells
        logits = ((worth - best[:, None]) * SHARPNESS).masked_fill(~legal, ILLEGAL)
        return logits, best.where(best != ILLEGAL, 0.0)

    def afterstate_values(self, after: Tensor) -> Tensor:
        """Boards right after a move (B, A, 16) to values (B, A), each the mean over its views."""
        values_V = at_least_float32(self.network.compute(self._seen(after)).value)
        return values_V.view(-1, after.shape[1], len(self.views)).mean(dim=2)

    @torch.no_grad()
    def is_decided(self, board: Tensor) -> Tensor:
        """(B,) bool: whether no choice of an expert on any board after a move is close (`GameTransformer.is_decided`)."""
        seen = self._seen(self.moves.slide(self.moves.keys(board)))
        return self.network.is_decided(seen).view(len(board), -1).all(dim=1)

    def _seen(self, boards: Tensor) -> Tensor:
        """(B, A, S) boards to all that is looked at: (B * A * V, S)."""
        return boards[:, :, self.views].view(-1, CELLS)
