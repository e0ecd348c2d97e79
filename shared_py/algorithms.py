"""The training algorithms, one row each: words, settings, costs, trainer; whatever depends on the algorithm reads its row."""

import math
from typing import Any, Literal

import msgspec
from msgspec import Struct

Policy = Literal["sampled", "greedy"]
"""how test games choose moves: by the probabilities of the policy, or the most likely one"""


class Presets(Struct, frozen=True):
    """Settings to start from, where they differ from the defaults of `TrainConfig`, by the size of the network.

    They were found by experiments (docs/experiments.md).
    """

    usual: dict[str, Any]
    small: dict[str, Any]
    large: dict[str, Any]
    tables: dict[str, Any] | None = None
    """of a network whose value is a sum of table entries; null where the algorithm cannot train one"""


class Costs(Struct, frozen=True):
    """What forecasts (`forecasting.py`) know of an algorithm; measured or fitted to whole runs."""

    play_overhead: float
    """time to play a move without the network, relative to PPO (machines are measured with PPO)"""
    pass_overhead: float
    """time of a pass of an evaluation without the network, relative to the overhead of a move"""
    game_growth: float
    """test games become this many moves longer each time the number of training moves is multiplied by ten"""
    growth_from_moves: float
    """moves from which on games become longer"""
    early_flops: float = math.inf
    """networks of more multiply-adds per board learn later, by the square root"""


class Algorithm(Struct, frozen=True, kw_only=True):
    """One training algorithm."""

    name: str
    """`algorithm` in the settings of a run; never renamed, since stored runs have it"""
    title: str
    """what it learns, in plain words"""
    term: str
    """what practitioners call it"""
    help: str
    goal: str = ""
    """what a person wants who should take it, in plain words; empty: the title"""
    goal_help: str = ""
    trainer: str
    """`module:class` of the trainer, a `TrainingLoop`"""
    policies: tuple[Policy, ...]
    """of its test games, in the order they are played"""
    own_settings: tuple[str, ...]
    """fields of `TrainConfig` that are shown for this algorithm and for others that name them, but not for the rest"""
    presets: Presets
    costs: Costs
    needs_policy: bool = False
    """whether the network needs an action output"""
    evaluates_afterstates: bool = False
    """whether it chooses a move by evaluating the boards after each legal one, instead of the board itself"""
    min_moves_per_game: int = 0
    """of a whole run: with fewer, presets play fewer games in parallel, so that boards late in a game are learned from too"""
    player_source: str = ""
    """appended to the exported `.py` where the network alone does not choose moves; a format string over `TrainConfig`"""

    def player_source_for(self, config: Struct) -> str:
        """The text to append for a run with these settings."""
        return self.player_source.format(**msgspec.structs.asdict(config))


_PPO_USUAL: dict[str, Any] = {
    "n_envs": 64,
    "minibatch_size": 256,
    "update_share": 0.375,
    "learning_rate": 6e-4,
    "final_learning_rate": 1e-4,
}
_TD_USUAL: dict[str, Any] = {
    "minibatch_size": 128,
    "learning_rate": 1e-3,
    "final_learning_rate": 5e-5,
    "ema_decay": 0.998,
    "gamma": 0.997,
    "gae_lambda": 0.9,
    "max_grad_norm": 1.0,
    "symmetries": True,
}
_TD_SMALL: dict[str, Any] = {
    "n_envs": 256,
    "minibatch_size": 512,
    "microbatch_size": 512,
    "learning_rate": 4e-3,
    "final_learning_rate": 1e-4,
    "play_views": 8,
}

_TD_TABLES: dict[str, Any] = {
    "optimizer": "tc",
    "n_envs": 512,
    "n_steps": 32,
    "minibatch_size": 512,
    "microbatch_size": 512,
    "learning_rate": 1.0,
    "final_learning_rate": 1.0,
    "gamma": 1.0,
    "gae_lambda": 0.0,
    "reward": "points",
    "ema_decay": 0.0,
    "precision": "float32",
}

PPO = Algorithm(
    name="ppo",
    title="Which move to make",
    term="PPO",
    help="It learns to choose among the four moves.",
    goal="Fast player",
    goal_help="Learns how likely each of the four moves is. It looks at one board per move, so the exported network is quick.",
    trainer="backend.training.ppo_trainer:PPOTrainer",
    policies=("sampled", "greedy"),
    own_settings=("clip_coef", "vf_coef", "ent_coef", "final_ent_coef", "target_kl", "clip_value_loss"),
    presets=Presets(usual=_PPO_USUAL, small={}, large=_PPO_USUAL),
    needs_policy=True,
    costs=Costs(play_overhead=1.0, pass_overhead=50, game_growth=270.0, growth_from_moves=35_000),
)
AFTERSTATE_TD = Algorithm(
    name="afterstate_td",
    title="What a board is worth",
    term="afterstate TD",
    help="It learns to value the boards that moves lead to, and plays for the best.",
    goal="Highest score",
    goal_help="Learns what a board is worth, and compares the boards after all four moves before each move.",
    trainer="backend.training.afterstate_trainer:AfterstateTrainer",
    policies=("greedy",),
    own_settings=("symmetries", "play_views"),
    presets=Presets(
        usual=_TD_USUAL,
        small=_TD_USUAL | _TD_SMALL,
        large=_TD_USUAL | {"minibatch_size": 256, "update_share": 0.5},
        tables=_TD_TABLES,
    ),
    costs=Costs(play_overhead=1.5, pass_overhead=70, game_growth=450.0, growth_from_moves=12_000, early_flops=3_000_000),
    evaluates_afterstates=True,
    min_moves_per_game=6_000,
    player_source='''

from backend.models import AfterstatePlayer


def player_of(network: GeneratedModel) -> AfterstatePlayer:
    """What plays for this network, which was trained to value the boards after a move."""
    return AfterstatePlayer(network, {gamma}, "{reward}", {play_views})
''',
)

ALGORITHMS: tuple[Algorithm, ...] = (PPO, AFTERSTATE_TD)
"""in the order in which the phone offers them; the first stays the default, since it is that of stored runs that name none"""
_BY_NAME = {algorithm.name: algorithm for algorithm in ALGORITHMS}


def algorithm_named(name: str) -> Algorithm:
    """The row of an algorithm; KeyError if there is none."""
    return _BY_NAME[name]


def algorithms_for(*, has_policy: bool) -> tuple[Algorithm, ...]:
    """The algorithms that can train a network, with an action output or without one."""
    return tuple(algorithm for algorithm in ALGORITHMS if has_policy or not algorithm.needs_policy)


def readers_of(setting: str) -> tuple[str, ...] | None:
    """The algorithms that a setting is shown for; None for all."""
    names = tuple(algorithm.name for algorithm in ALGORITHMS if setting in algorithm.own_settings)
    return names or None
