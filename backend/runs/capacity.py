"""Refuses runs that this server cannot take, before anything is written; no torch, no server."""

import shutil
from pathlib import Path

from msgspec import Struct

from backend.errors import InvalidRequest, OutOfSpace, TooManyRuns
from shared_py.algorithms import algorithms_for
from shared_py.analysis import Analysis
from shared_py.blocks.base import Sizes
from shared_py.estimation import largest_microbatch, least_training_bytes
from shared_py.training_config import TrainConfig, algorithm_of

MAX_ROLLOUT_BOARDS = 1 << 24
"""a rollout of this size takes about 1 GB of memory"""
LEAST_FREE_SHARE = 1 / 20
"""share of the disk; on a small disk it replaces the limit in bytes"""
BYTES_PER_MEGABYTE = 1_000_000


class RunBounds(Struct, frozen=True):
    """Limits on the runs of a server; unlimited by default."""

    max_queued: int | None = None
    """length of the queue"""
    max_run_s: float | None = None
    """training time in seconds after which a run is stopped; it can be resumed"""
    free_disk_bytes: int = 0
    """free space below which no run is started"""

    def refuse(self, runs_dir: Path, waiting: int) -> None:
        """Raise TooManyRuns or OutOfSpace if another run cannot be queued behind `waiting` runs."""
        if self.max_queued is not None and waiting >= self.max_queued:
            raise TooManyRuns(
                f"{waiting} runs wait already, which is the limit: stop one or wait, or start the server with a larger"
                " --max-queued"
            )
        disk = shutil.disk_usage(runs_dir)
        if disk.free < min(self.free_disk_bytes, disk.total * LEAST_FREE_SHARE):
            raise OutOfSpace(
                f"The server's disk has {disk.free / BYTES_PER_MEGABYTE:,.0f} MB left, too little for a new run: delete runs that"
                " are not needed, or start the server with a smaller --free-disk-mb"
            )

    def reason_to_stop(self, trained_s: float) -> str | None:
        """The reason to stop a run that has trained for `trained_s`; None below the limit."""
        if self.max_run_s is None or trained_s <= self.max_run_s:
            return None
        return f"it trained for {self.max_run_s / 3600:g} hours, the limit of this server (--max-run-hours); resume to go on"


def refuse_large_rollout(config: TrainConfig) -> None:
    """InvalidRequest for a rollout of more boards than are kept at once."""
    boards = config.n_envs * config.n_steps
    if boards > MAX_ROLLOUT_BOARDS:
        raise InvalidRequest(f"n_envs × n_steps is {boards:,} boards; at most {MAX_ROLLOUT_BOARDS:,} are kept at once")


def refuse_unsuitable(analysis: Analysis, config: TrainConfig) -> None:
    """InvalidRequest for settings with which this network cannot be trained."""
    fitting = algorithms_for(has_policy="policy" in analysis.roles)
    if algorithm_of(config) not in fitting:
        names = " or ".join(algorithm.term for algorithm in fitting)
        raise InvalidRequest(f"this network has no action output, so only {names} can train it")
    if config.optimizer == "tc" and not (analysis.sizes.sums_tables and algorithm_of(config).presets.tables is not None):
        raise InvalidRequest("optimizer tc trains networks whose value is a sum of table entries; take adam")
    if config.workers > 1:
        _refuse_workers(analysis, config)


def _refuse_workers(analysis: Analysis, config: TrainConfig) -> None:
    if analysis.sizes.table_parameters:
        raise InvalidRequest("a network with look-up tables is trained by one process; set workers to 1")
    for name, shared in (("n_envs", config.n_envs), ("minibatch_size", config.minibatch_size)):
        if shared % config.workers:
            raise InvalidRequest(
                f"{config.workers} workers cannot share {name} {shared} evenly; take a multiple of {config.workers}"
            )


def refuse_what_cannot_fit(sizes: Sizes, config: TrainConfig, limit: int) -> None:
    """InvalidRequest for a run that needs more bytes than its limit even by the lowest estimate."""
    least = least_training_bytes(sizes, config)
    if least > limit:
        fits = largest_microbatch(sizes, config, limit)
        way = f"a microbatch_size of {fits} fits" if fits else "a smaller network or rollout needs less"
        raise InvalidRequest(f"this run needs at least {least / 1e6:,.0f} MB and may take {limit / 1e6:,.0f} MB; {way}")
