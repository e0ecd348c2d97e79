"""Refuses runs that are too large for this server, before anything is written; no torch, no server."""

from backend.errors import InvalidRequest
from shared_py.blocks.base import Sizes
from shared_py.estimation import largest_microbatch, least_training_bytes
from shared_py.training_config import TrainConfig

MAX_ROLLOUT_BOARDS = 1 << 24
"""a rollout of this size takes about 1 GB of memory"""


def refuse_large_rollout(config: TrainConfig) -> None:
    """InvalidRequest for a rollout of more boards than are kept at once."""
    boards = config.n_envs * config.n_steps
    if boards > MAX_ROLLOUT_BOARDS:
        raise InvalidRequest(f"n_envs × n_steps is {boards:,} boards; at most {MAX_ROLLOUT_BOARDS:,} are kept at once")


def refuse_what_cannot_fit(sizes: Sizes, config: TrainConfig, limit: int) -> None:
    """InvalidRequest for a run that needs more bytes than its limit even by the lowest estimate."""
    least = least_training_bytes(sizes, config)
    if least > limit:
        fits = largest_microbatch(sizes, config, limit)
        way = f"a microbatch_size of {fits} fits" if fits else "a smaller network or rollout needs less"
        raise InvalidRequest(f"this run needs at least {least / 1e6:,.0f} MB and may take {limit / 1e6:,.0f} MB; {way}")
