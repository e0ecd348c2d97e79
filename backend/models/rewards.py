"""What a move's points are worth while training: the forms of reward that a run can choose from."""

from typing import Literal

from torch import Tensor

RewardForm = Literal["points", "sqrt_points", "log_points"]
FULL_SCORE = 20_000.0
"""points that make a reward of 1: a game that reaches the 2048 tile gives about so many"""


def reward_of(points: Tensor, form: RewardForm) -> Tensor:
    """Points of any shape to float32 rewards, of the order of a tenth at most, so that a return is of the order of 1.

    `points`: points / 20,000. `sqrt_points`: 0.1 * sqrt(points) / 16. `log_points`: 0.1 * log2(points) / 16, and 0 for no points.
    """
    given = points.float()
    if form == "points":
        return given / FULL_SCORE
    if form == "sqrt_points":
        return given.sqrt() * (0.1 / 16)
    if form == "log_points":
        return given.clamp(min=1).log2() * (0.1 / 16)
    raise ValueError(f"no form of reward: {form}")
