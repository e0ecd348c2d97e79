"""The settings of a training run, each with unit, bounds and help; contains no training code."""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Struct

from shared_py.algorithms import ALGORITHMS, Algorithm, algorithm_named, readers_of
from shared_py.properties import Property, about, properties_of

if TYPE_CHECKING:
    AlgorithmName = str
else:
    AlgorithmName = Literal[tuple(algorithm.name for algorithm in ALGORITHMS)]


MAX_STEPS = 10_000_000_000
"""moves of a run"""
Precision = Literal["auto", "float32", "bfloat16"]
RewardForm = Literal["points", "sqrt_points", "log_points"]
OptimizerName = Literal["adam", "tc"]


class TrainConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """How a network is trained; the defaults are PPO's preset for small ones, `presets.preset` has the others.

    A run is stored with all its settings: one that is added later needs a default, and none is ever renamed.
    """

    algorithm: Annotated[
        AlgorithmName,
        about("Algorithm", " ".join(f"{algorithm.term}: {algorithm.help}" for algorithm in ALGORITHMS)),
    ] = ALGORITHMS[0].name
    total_steps: Annotated[
        int, about("Moves", "How much is played in all, in whole rollouts.", unit="moves", ge=1, le=MAX_STEPS)
    ] = 2_000_000
    n_envs: Annotated[int, about("Parallel games", "Games played side by side.", unit="games", ge=1, le=65_536)] = 128
    n_steps: Annotated[int, about("Rollout length", "Moves per game between updates.", unit="moves", ge=1, le=4096)] = 32
    minibatch_size: Annotated[int, about("Minibatch size", "Boards per gradient step.", unit="boards", ge=1, le=1_048_576)] = 512
    microbatch_size: Annotated[
        int,
        about(
            "Microbatch size", "Boards computed at once; gradients add up to the minibatch.", unit="boards", ge=1, le=1_048_576
        ),
    ] = 256
    update_epochs: Annotated[int, about("Epochs", "Passes over each rollout.", unit="passes", ge=1, le=32)] = 1
    update_share: Annotated[
        float,
        about(
            "Sample fraction",
            "Share of each rollout used per epoch, importance-sampled by gradient size. Less is quicker; 1 is all of it.",
            ge=0.125,
            le=1,
            step=0.125,
        ),
    ] = 1.0
    learning_rate: Annotated[float, about("Learning rate", "Adam's step size at the start.", ge=0, le=1)] = 1e-3
    final_learning_rate: Annotated[
        float, about("Final learning rate", "Adam's step size at the end; linear in between.", ge=0, le=1)
    ] = 1.5e-4
    gamma: Annotated[float, about("Discount", "Weight of the next move's value.", ge=0, le=1, step=0.001)] = 0.995
    gae_lambda: Annotated[
        float, about("Lambda", "Bias against variance: of GAE's advantages, of TD's returns.", ge=0, le=1, step=0.01)
    ] = 0.9
    reward: Annotated[
        RewardForm,
        about("Reward", "What a move's points are worth: as they are, their root, or their logarithm."),
    ] = "sqrt_points"
    symmetries: Annotated[bool, about("Symmetries", "Learn from each board turned or mirrored at random.")] = False
    play_views: Annotated[
        int,
        about(
            "Test-time symmetries",
            "Plays by the mean value of this many of a board's 8 turned and mirrored views.",
            unit="views",
            ge=1,
            le=8,
        ),
    ] = 1
    big_tile_starts: Annotated[
        float, about("Big-tile starts", "Games that begin with big tiles.", unit="shares of all", ge=0, le=0.45, step=0.05)
    ] = 0.0
    good_game_starts: Annotated[
        float,
        about(
            "Restart share",
            "Games that begin from a board that a good game reached.",
            unit="shares of all",
            ge=0,
            le=0.45,
            step=0.05,
        ),
    ] = 0.0
    clip_coef: Annotated[float, about("Clip range", "How far the policy ratio may move from 1.", ge=0, le=1, step=0.01)] = 0.2
    vf_coef: Annotated[float, about("Value loss weight", "Weight of the value loss.", ge=0, le=10, step=0.05)] = 0.25
    ent_coef: Annotated[float, about("Entropy bonus", "Weight of the policy's entropy at the start.", ge=0, le=1, step=0.001)] = (
        0.04
    )
    final_ent_coef: Annotated[
        float,
        about("Final entropy bonus", "Weight of the policy's entropy at the end; linear in between.", ge=0, le=1, step=0.001),
    ] = 0.003
    max_grad_norm: Annotated[
        float, about("Max gradient norm", "Gradients are scaled down to this norm. 0: never.", ge=0, le=100, step=0.1)
    ] = 0.5
    ema_decay: Annotated[
        float,
        about(
            "EMA decay",
            "Test games and exports use a moving average of the weights; each step keeps this share of it. 0: none.",
            ge=0,
            le=0.99999,
            step=0.001,
        ),
    ] = 0.99
    target_kl: Annotated[
        float,
        about(
            "Target KL",
            "The epochs of an update end when a minibatch's KL divergence passes this.",
            unit="nats",
            ge=0,
            le=10,
            step=0.005,
        ),
    ] = 0.03
    clip_value_loss: Annotated[bool, about("Clip value", "The value may move no further than the clip range either.")] = False
    precision: Annotated[
        Precision,
        about("Precision", "Of matrix products; auto takes bfloat16 where the CPU or GPU is faster by it."),
    ] = "auto"
    compile: Annotated[
        Literal["auto", "always", "never"],
        about("Compile", "Whether torch.compile prepares the network, which takes a minute; auto does on a GPU."),
    ] = "auto"
    seed: Annotated[int, about("Seed", "Seed of every random number.", ge=0, le=2**31 - 1)] = 1
    threads: Annotated[int, about("Threads", "One a core at most; 0 takes the cores less one.", unit="threads", ge=0, le=256)] = 0
    workers: Annotated[
        int,
        about(
            "Workers",
            "Processes that each play a part of the games and learn from it; their gradients are averaged.",
            unit="processes",
            ge=1,
            le=16,
        ),
    ] = 1
    optimizer: Annotated[
        OptimizerName,
        about(
            "Optimizer",
            "tc: temporal coherence, a rate of its own for each entry, where the value is a sum of table entries.",
        ),
    ] = "adam"
    checkpoint_every_s: Annotated[
        float, about("Checkpoint interval", "Time between checkpoints.", unit="seconds", ge=0, le=86_400, step=5)
    ] = 30.0


def algorithm_of(config: TrainConfig) -> Algorithm:
    """The row of the algorithm that a run trains by."""
    return algorithm_named(config.algorithm)


@cache
def run_settings() -> tuple[Property, ...]:
    """Every setting of a run, with the algorithms that read it where not all do."""
    settings = properties_of(TrainConfig).values()
    return tuple(msgspec.structs.replace(setting, only_for=readers_of(setting.name)) for setting in settings)
