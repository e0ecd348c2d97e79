"""The metrics of a training run: one annotated field each, which wire type, charts, labels and docs are made from."""

from collections.abc import Iterator
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_type_hints

from msgspec import Meta, Struct, field

from shared_py.game_2048 import CELLS

Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""a whole number that a browser can count to"""
Style = Literal["exact", "rounded", "fixed", "significant", "percent"]
"""how a number is written: whole, rounded to about three digits, with `digits` decimals, with `digits` significant digits, or as
a percentage"""


class Metric(Struct, frozen=True):
    """How one metric is named, explained, written and charted."""

    path: tuple[str, ...]
    """of the field within a training update; numbers by layer stand for their mean"""
    title: str
    meaning: str
    term: str = ""
    """what practitioners call it, where the title is a plainer word"""
    unit: str = ""
    axis: str = ""
    """title of the y axis of the chart it is drawn in, shared by all metrics that name it; empty: no chart"""
    style: Style = "fixed"
    digits: int = 3


def metric(
    title: str, meaning: str, *, term: str = "", unit: str = "", axis: str = "", style: Style = "fixed", digits: int = 3
) -> Meta:
    """Annotate a field as a metric; the arguments are the fields of `Metric`."""
    shown = {"term": term, "unit": unit, "axis": axis, "style": style, "digits": digits}
    return Meta(title=title, description=meaning, extra={"metric": shown})


class MixtureUsage(Struct, frozen=True):
    """How the experts of a network were used: shares of tokens that sum to 1, over all layers and per layer."""

    expert_usage: list[float]
    lb_reward: Annotated[
        float,
        metric(
            "Expert balance",
            "The bonus for using all experts: the more evenly they share the work, the larger it is.",
            term="load-balance reward",
            axis="Expert balance",
        ),
    ]
    layers: dict[str, list[float]]
    router_entropy: Annotated[
        dict[str, float],
        metric(
            "Router indecision",
            "How undecided the router is about a cell or board: at 100 % every expert is as likely, at 0 % it is sure of one.",
            term="router entropy",
            axis="Share of the maximum",
            style="percent",
        ),
    ] = {}
    load_entropy: Annotated[
        dict[str, float],
        metric(
            "Evenness of expert use",
            "How evenly the experts share all cells or boards: 100 % means equal parts, 0 % that one expert gets everything.",
            term="load entropy",
            axis="Share of the maximum",
            style="percent",
        ),
    ] = {}
    dead_experts: dict[str, list[int]] = {}
    """layers with experts, numbered from 0, that got less than a tenth of an even share over the last rollouts; of a layer that
    routes whole boards those that worked on less than 1 % of the boards of the last test games"""
    whole_boards: list[str] = []
    """layers that choose experts once for a board, so that their shares are of boards and not of cells"""


class ExpertPhases(Struct, frozen=True):
    """Which experts of a mixture worked in test games, by the largest tile on the board."""

    whole_boards: bool
    """whether experts are chosen once for a board; else once for each cell"""
    boards: dict[str, Count]
    """boards that were met, by the face value of their largest tile, small tiles first"""
    shares: dict[str, list[float]]
    """for each of these tiles, the share of the boards, or of their cells, that each expert worked on"""
    dead_experts: list[int] = []
    """experts, numbered from 0, that worked on less than 1 % of all boards; of whole boards only"""


class MoveChoice(Struct, frozen=True):
    """How a network chose a move on one of the boards being played."""

    board: list[Count]
    """16 tile exponents, before the move"""
    probabilities: list[float]
    """of the four moves, up, right, down and left; 0 for an illegal one"""
    action: Annotated[int, Meta(ge=0, le=3)]


class TrainingMetrics(Struct, frozen=True, kw_only=True):
    """What a trainer reports; one row per metric, in the order of the wire struct. A trainer leaves out what it does not have.

    A metric that is added needs a default, since lines of older runs are read, and none is ever renamed.
    """

    episode: Annotated[
        Count, metric("Games played", "Games that ended since the run began.", term="episodes", unit="games", style="exact")
    ] = 0
    steps: Annotated[
        Count, metric("Moves played", "Moves played since the run began.", term="environment steps", unit="moves", style="exact")
    ]
    steps_per_second: Annotated[
        float,
        metric(
            "Moves per second",
            "Moves played a second over the last iterations, all games together, updates included.",
            term="throughput",
            axis="Moves per second",
            style="rounded",
        ),
    ] = 0.0
    score: Annotated[
        float | None,
        metric(
            "Score",
            "Mean score of the last 200 games that ended, played by the weights being trained.",
            term="mean episode score",
            unit="points",
            axis="Score",
            style="rounded",
        ),
    ] = None
    reward: Annotated[
        float | None,
        metric(
            "Reward per move",
            "Mean training reward of a move in the newest rollout, in the form that the reward setting chooses.",
            axis="Reward per move",
            digits=4,
        ),
    ] = None
    loss: Annotated[
        float | None,
        metric(
            "Loss",
            "What the optimizer minimises, auxiliary losses included: mean over the newest update.",
            term="total loss",
            axis="Loss",
            digits=4,
        ),
    ] = None
    policy_loss: Annotated[
        float | None,
        metric(
            "Policy loss",
            "PPO's clipped surrogate: mean over the newest update.",
            term="clipped surrogate",
            axis="Loss",
            digits=4,
        ),
    ] = None
    value_loss: Annotated[
        float | None,
        metric(
            "Value loss",
            "Mean squared error of the value, in squared rewards, before its weight.",
            term="mean squared error",
            axis="Loss",
            digits=4,
        ),
    ] = None
    entropy: Annotated[
        float | None,
        metric(
            "Policy entropy",
            "How undecided the policy is between legal moves, at most ln 4 = 1.386; 0 is certain.",
            unit="nats",
            axis="Policy entropy (nats)",
        ),
    ] = None
    approx_kl: Annotated[
        float | None,
        metric(
            "Policy change",
            "Estimate of KL(old, new) in the last minibatch of the newest update; above the target KL the update ends early.",
            term="approx. KL",
            unit="nats",
            axis="Policy change (nats)",
            digits=4,
        ),
    ] = None
    clip_fraction: Annotated[
        float | None,
        metric(
            "Clipped moves", "Share of moves whose ratio left the clip range.", term="clip fraction", axis="Clipped moves (share)"
        ),
    ] = None
    explained_variance: Annotated[
        float | None,
        metric(
            "Value explained",
            "1 - var(return - value) / var(return): 1 is a perfect value, 0 no better than a constant.",
            term="explained variance",
            axis="Value explained",
        ),
    ] = None
    learning_rate: Annotated[
        float,
        metric(
            "Step size",
            "Adam's step size in the newest iteration; it falls towards the end.",
            term="learning rate",
            axis="Step size",
            style="significant",
            digits=2,
        ),
    ] = 0.0
    avg_game_length: Annotated[
        float | None,
        metric(
            "Game length",
            "Mean length of the last 200 games that ended.",
            term="mean episode length",
            unit="moves",
            axis="Game length (moves)",
            style="rounded",
        ),
    ] = None
    max_tile_frequency: dict[str, float] = {}
    """share of recent games by largest tile, keyed by the tile's face value"""
    board_state: list[Count] = field(default_factory=lambda: [0] * CELLS)
    """16 tile exponents of one board being played"""
    moe: MixtureUsage | None = None
    """use of experts in the newest rollout, over all mixtures and for each"""
    total_steps: Annotated[Count, metric("Moves planned", "Moves of the whole run.", unit="moves", style="exact")] = 0
    elapsed_s: Annotated[float, metric("Time trained", "Training so far, without pauses.", unit="s", style="rounded")] = 0.0
    choice: MoveChoice | None = None
    """the newest move of the game that `board_state` shows"""
    processor_s: Annotated[
        float | None,
        metric(
            "Processor time",
            "Time of all processor cores that the training process has used, test games included.",
            unit="s",
            style="rounded",
        ),
    ] = None


@cache
def update_metrics() -> tuple[Metric, ...]:
    """Every metric of a training update, those of nested Structs included, in the order of the fields."""
    return tuple(_metrics_of(TrainingMetrics))


def _metrics_of(struct: type[Struct], path: tuple[str, ...] = ()) -> Iterator[Metric]:
    for name, hint in get_type_hints(struct, include_extras=True).items():
        meta = next((note for note in get_args(hint) if isinstance(note, Meta) and note.extra), None)
        if meta is not None and meta.extra is not None and "metric" in meta.extra:
            shown: dict[str, Any] = meta.extra["metric"]
            yield Metric((*path, name), meta.title or name, meta.description or "", **shown)
        for part in get_args(hint):
            if part is not NoneType and isinstance(part, type) and issubclass(part, Struct):
                yield from _metrics_of(part, (*path, name))
