"""The newest move of one of the games being played, for the live board."""

# ruff: noqa: N815  (tensor names carry shape letters)

from typing import NamedTuple

from torch import Tensor

from shared_py.metrics import MoveChoice


class Choice(NamedTuple):
    """The move that was chosen in the first game of a rollout, on the network's device."""

    board_S: Tensor
    """before the move"""
    logits_A: Tensor
    action: Tensor

    def to_metric(self) -> MoveChoice:
        """The choice as it is reported."""
        probabilities = self.logits_A.float().softmax(dim=0).nan_to_num().tolist()
        return MoveChoice(self.board_S.tolist(), [round(share, 4) for share in probabilities], int(self.action))
