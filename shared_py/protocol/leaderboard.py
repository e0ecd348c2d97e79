"""The leaderboard of the designs of a server."""

from msgspec import Struct

from shared_py.algorithms import Policy
from shared_py.metrics import Count


class LeaderboardEntry(Struct, frozen=True):
    """The best run of a design within the budget, by its last test games within it."""

    design_id: str
    design_name: str
    run_id: str
    run_name: str
    """empty: the run is called after its algorithm"""
    algorithm: str
    design_hash: str
    """of the design as the run was started with it"""
    score: float
    """mean score of the test games"""
    median_score: float
    quartiles: tuple[float, float]
    games: Count
    policy: Policy
    steps: Count
    """moves made in training before the test games"""
    processor_s: float
    """processor time used before them"""
    parameters: Count | None
    """of the network; null where the design of the run can no longer be read"""


class Leaderboard(Struct, frozen=True):
    """The designs in the order of their scores, the best first."""

    processor_minutes: Count
    """the budget: test games after more processor time do not count"""
    max_parameters: Count | None
    entries: list[LeaderboardEntry]
    unmeasured_runs: Count
    """runs of these designs that have test games, but were trained by a version that did not measure processor time"""
