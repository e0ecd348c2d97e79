"""Runs, and the live messages about them."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from shared_py.algorithms import Policy
from shared_py.metrics import Count, ExpertPhases, TrainingMetrics
from shared_py.training_config import MAX_STEPS


class ExportFormat(Struct, frozen=True, kw_only=True):
    """What a person sees of a type of file that a trained network can be exported as."""

    suffix: str
    """of the file, and `fmt` in the call"""
    title: str
    help: str
    wait: str = "Writing the file: a few seconds"
    """shown while the file is written"""


RunStatus = Literal["queued", "running", "paused", "stopped", "finished", "failed", "interrupted"]
RunPhase = Literal["queued", "training", "evaluating", "saving"]
RunFailure = Literal[
    "out_of_memory",
    "killed",
    "crashed",
    "disk_full",
    "diverged",
    "damaged_checkpoint",
    "compiler",
    "files_missing",
    "files_unusable",
    "not_started",
    "unknown_trainer",
    "interrupted",
    "unresponsive",
    "unkillable",
    "error",
]
"""why a run ended that was neither finished nor stopped as asked (`backend/runs/failures.py`)"""
Tag = Annotated[str, Meta(min_length=1, max_length=30)]


class RunLabels(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person wrote about a run."""

    name: Annotated[str, Meta(max_length=60)] = ""
    """empty: the run is called after its algorithm"""
    note: Annotated[str, Meta(max_length=2000)] = ""
    tags: Annotated[list[Tag], Meta(max_length=12)] = []


class Run(Struct, frozen=True):
    """One training run of one version of one design."""

    id: str
    design_id: str
    design_hash: str
    status: RunStatus
    reason: str | None
    steps: int
    total_steps: int
    """moves that it is to make in all; a run that has ended can be given more"""
    created_at: str
    started_at: str | None = None
    ended_at: str | None = None
    score: float | None = None
    best_score: float | None = None
    config: dict[str, Any] = {}
    phase: RunPhase | None = None
    """what an active run is doing; null when it has ended, and for runs of older versions"""
    warning: str | None = None
    """a sentence about a run that continues but may have diverged"""
    responding: bool = True
    """false while an active run's process has sent no heartbeat for longer than the limit"""
    last_heartbeat_step: int | None = None
    """moves played at the last heartbeat of the process"""
    last_heartbeat_at: str | None = None
    """time of that heartbeat, RFC 3339"""
    sequence: int = 0
    """increases with every new run, independent of the clock; 0 for runs of older versions, which come first"""
    saved_steps: int | None = None
    """moves played at the newest checkpoint, from which the run can continue; null where it has none"""
    failure: RunFailure | None = None
    """the kind of `reason`, where the run ended by an error"""
    name: str = ""
    note: str = ""
    tags: list[str] = []
    sweep_id: str | None = None
    """the sweep that started it; null for runs of a person"""


class Continuation(Struct, frozen=True, forbid_unknown_fields=True):
    """What a request to resume a run may say."""

    total_steps: Annotated[int, Meta(ge=1, le=MAX_STEPS)] | None = None
    """moves of the whole run from now on: a run that made all of its moves needs more than it had"""


class RunAccepted(Struct, frozen=True):
    """The answer to a training request."""

    run_id: str


class TrainingUpdate(TrainingMetrics, frozen=True, tag="training_update", tag_field="type"):
    """A line of the live chart: the metrics of the newest iteration of a run."""

    seq: Count
    run_id: str


class RunStatusChanged(Struct, frozen=True, tag="run_status", tag_field="type"):
    """The status, phase, warning or responsiveness of a run changed; fields added later have defaults for lines of older runs."""

    seq: Count
    run_id: str
    status: RunStatus
    reason: str | None
    design_id: str
    phase: RunPhase | None = None
    warning: str | None = None
    responding: bool = True
    last_heartbeat_step: Count | None = None
    total_steps: Count | None = None
    """moves of the whole run, where it was given more than it began with"""


Rule = Literal["random", "greedy"]
"""ways to play without a network; the greedy rule takes the move with the most points"""


class PlayedGames(Struct, frozen=True):
    """How seeded games ended."""

    games: Count
    mean_score: float
    median_score: float
    quartiles: tuple[float, float]
    max_tile_frequency: dict[str, float]


class Evaluation(Struct, frozen=True, tag="evaluation", tag_field="type"):
    """Seeded games played by the policy as it stands, with the baselines beside it."""

    seq: Count
    run_id: str
    steps: Count
    policy: Policy
    games: Count
    mean_score: float
    median_score: float
    quartiles: tuple[float, float]
    max_tile_frequency: dict[str, float]
    random_score: float
    greedy_score: float
    baselines: dict[Rule, PlayedGames] = {}
    """the same metrics of the rules, over games with the same seed"""
    board_reading: float | None = None
    """how far the probabilities of the moves go when the network is shown the cells out of order: mean total variation, 0 to 1"""
    experts: dict[str, ExpertPhases] = {}
    """by the component of the mixture; from an even sample of the boards with each largest tile"""
    processor_s: float | None = None
    """processor time that the training process had used when these games began; null where it is not known"""


PlayDepth = Literal[0, 1, 2]
"""how many layers of new tile and best move a player looks ahead; 0: no search"""


class EvaluationRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The test games that a stored checkpoint is to play."""

    checkpoint: Annotated[str, Meta(pattern=r"^(best|last|[0-9]{1,18})\Z")] | None = None
    """`best`, `last` or a number of moves; null: the best, or the last before there is one"""
    play_depth: PlayDepth = 0
    """each layer takes some ten to fifty times as long"""
    games: Annotated[int, Meta(ge=1, le=256)] = 16


class CheckpointEvaluation(Struct, frozen=True):
    """Seeded games that a stored checkpoint played on request, always by its best move."""

    run_id: str
    checkpoint: str
    """as it was asked for"""
    steps: Count
    """moves played in training when it was stored"""
    play_depth: PlayDepth
    label: str
    """how the moves were chosen, in words: these scores are never shown without it"""
    games: Count
    mean_score: float
    standard_error: float | None
    """of the mean; null for a single game"""
    median_score: float
    quartiles: tuple[float, float]
    max_tile_frequency: dict[str, float]
    moves: Count
    seconds: float


class EvaluationProgress(Struct, frozen=True, tag="evaluation_progress", tag_field="type"):
    """How far the test games of an evaluation are."""

    seq: Count
    run_id: str
    steps: Count
    """moves played in training"""
    games_done: Count
    games: Count
    """test games of all policies"""
    board_state: list[Count]
    """16 tile exponents of a test game being played"""


class CheckpointCreated(Struct, frozen=True, tag="checkpoint_created", tag_field="type"):
    """A checkpoint reached the disk."""

    seq: Count
    run_id: str
    steps: Count
    score: float | None


class DesignChanged(Struct, frozen=True, tag="design_changed", tag_field="type"):
    """A design was stored or deleted on the server."""

    seq: Count
    run_id: None
    design_id: str
    etag: str | None


class RunLabelled(Struct, frozen=True, tag="run_labelled", tag_field="type"):
    """A person changed the name, the note or the tags of a run."""

    seq: Count
    run_id: str
    design_id: str
    name: str
    note: str
    tags: list[str]


class RunDeleted(Struct, frozen=True, tag="run_deleted", tag_field="type"):
    """A run was deleted with all its messages."""

    seq: Count
    run_id: str
    design_id: str


class CommandFinished(Struct, frozen=True, tag="command_finished", tag_field="type"):
    """A command that a sync call answered with `running` has ended; the next sync call with the command has its result."""

    seq: Count
    run_id: None
    command_id: str
    design_id: str
    status: Literal["done", "failed"]


class SweepChanged(Struct, frozen=True, tag="sweep_changed", tag_field="type"):
    """A sweep was started, one of its trials began, was stopped or ended, or the sweep itself ended."""

    seq: Count
    run_id: None
    sweep_id: str
    design_id: str


LiveMessage = (
    TrainingUpdate
    | RunStatusChanged
    | EvaluationProgress
    | Evaluation
    | CheckpointCreated
    | DesignChanged
    | RunLabelled
    | RunDeleted
    | CommandFinished
    | SweepChanged
)
