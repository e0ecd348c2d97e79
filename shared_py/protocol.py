"""The wire forms of every answer, shared by the server, the phone and the type generator; no behaviour lives here."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from shared_py.algorithms import Policy
from shared_py.design import Edge, Identifier, ModelArchitecture
from shared_py.metrics import Count, TrainingMetrics
from shared_py.problems import Join, Problem
from shared_py.training_config import TrainConfig

# --- verdicts -------------------------------------------------------------------------------------------------


class BlockEstimate(Struct, frozen=True):
    """What one placed block costs, a container with all that lies inside it; a block inside counts as one copy of it."""

    parameters: int
    active_parameters: int
    flops: int
    """multiply-adds of one board, forward"""
    activation_bytes: int
    """what one board keeps for the backward pass"""
    training_bytes: int
    """weights, gradients, optimizer and the activations of the boards computed at once"""
    shape: str
    """what leaves it, `(B, 16, d)`"""


class MemoryEstimate(Struct, frozen=True):
    """Where the memory of a run goes, in bytes; in a verdict that of PPO with the default settings."""

    weights: int
    gradients: int
    optimizer: int
    """Adam's two moments, and the average of the weights"""
    activations: int
    """kept for the backward pass by the boards computed at once"""
    activations_without_checkpoints: int
    """what they would be if nothing were recomputed"""
    rollout: int
    """the moves of one rollout, kept until they are learnt from"""
    workspace: int
    """what single operators need while they work, what the heap holds without using it, and the libraries' own buffers"""
    training: int
    """all of the above at the peak"""
    running: int
    """to play one board"""


class ValidationResult(Struct, frozen=True):
    """The verdict on a design: every problem, and the exact sizes where they can be told."""

    valid: bool
    paramCount: float
    """millions, two decimals"""
    estimatedMemory: int
    """megabytes to train, whole"""
    errors: list[str]
    problems: list[Problem]
    parameters: int
    active_parameters: int
    flops: int
    """multiply-adds of one board, forward"""
    blocks: dict[str, BlockEstimate]
    warnings: list[Problem]
    """what is allowed but seldom wanted; a design with warnings alone is valid"""
    memory: MemoryEstimate


class LineSpan(Struct, frozen=True):
    """The first and last line of the generated text, counted from 1, that a component wrote."""

    first: int
    last: int


class GeneratedSource(Struct, frozen=True):
    """The text of one PyTorch module, the hash of the design it was written from, and which lines are whose."""

    source: str
    design_hash: str
    lines: dict[str, list[LineSpan]]
    config: dict[str, int]


class Check(Struct, frozen=True):
    """One proof of a compile: what was checked, whether it held, and what was seen."""

    name: str
    passed: bool
    detail: str


class CompileResult(Struct, frozen=True):
    """What a compile gives: where the module can be imported, its exact size, its text and the proofs."""

    import_path: str
    paramCount: float
    config: dict[str, int]
    parameters: int
    source: str
    design_hash: str
    checks: list[Check]


class ConnectionCheck(Struct, frozen=True):
    """Whether an edge may be drawn, and why not: a sentence, and the problem it is about."""

    ok: bool
    reason: str | None = None
    problem: Problem | None = None


class Placement(Struct, frozen=True):
    """The best wiring for a component: the edges to cut and then to join, its first neighbours, and what is wrong afterwards."""

    cut: list[Edge]
    join: list[Join]
    source: str | None
    target: str | None
    valid: bool
    """whether the whole design is valid then"""
    problems: int
    """of the whole design"""
    validation: ValidationResult | None = None
    """of the whole design with these edges, where it was asked for"""


# --- time and memory of a run ---------------------------------------------------------------------------------


class Machine(Struct, frozen=True):
    """What a server has, and how fast it proved to be at training, so that a phone can tell the time also offline."""

    cores: int
    memory_bytes: int
    """0 where it is not known"""
    multiply_adds_per_second: float | None = None
    """while training, forward and backward together; null before it was measured"""
    step_overhead_s: float | None = None
    """seconds a move takes beside the network"""
    measured_at: str | None = None
    run_memory_bytes: int | None = None
    """what one run may take; null where a run is not limited"""
    bfloat16: bool | None = None
    """whether runs multiply in bfloat16 where their settings leave it open; null before it was measured"""


class Forecast(Struct, frozen=True):
    """What a run would take: bytes, the most boards at once that fit, and seconds where the server's speed is known."""

    training_bytes: int
    memory: MemoryEstimate
    """of what `training_bytes` is made"""
    fits: bool | None = None
    largest_microbatch: int | None = None
    """boards at once that fit into what a run may take; 0 when not even one does"""
    seconds: float | None = None


class RecipeOffer(Struct, frozen=True):
    """Settings to start a run with, what they are good for, and what that run would take."""

    name: str
    title: str
    help: str
    config: TrainConfig
    forecast: Forecast | None = None
    """null where no design is known"""


MAX_PUSHED_DESIGNS = 2000
MAX_PUSHED_COMMANDS = 200
"""in one sync call"""
ChangeNumber = Annotated[int, Meta(ge=0, le=2**50)]
"""far more than edits a person makes, and less than a browser can count to: after a change of the highest number none is newer"""

# --- designs and sync -----------------------------------------------------------------------------------------


class DesignMeta(Struct, frozen=True, omit_defaults=True):
    """One row of the list of designs."""

    id: str
    name: str
    created_at: str
    updated_at: str
    etag: str
    problem: str | UnsetType = UNSET
    """why the stored document cannot be read, only where it cannot: it is damaged, or of a newer version"""


class NewDesign(Struct, frozen=True, forbid_unknown_fields=True):
    """What `POST /api/designs` may say; all of it may be left out."""

    id: Identifier | None = None
    name: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    template: Annotated[str, Meta(max_length=64)] | None = None
    architecture: ModelArchitecture | None = None


class Conflict(Struct, frozen=True):
    """Something both sides changed: where, what it was, what each made of it, and whose value stands."""

    path: str
    base: Any
    mine: Any
    theirs: Any
    kept: Literal["mine", "theirs"]


class PushedDesign(Struct, frozen=True):
    """One design of a sync call, not yet decoded further so that a bad one can be refused by itself."""

    id: str
    base: dict[str, Any] | None = None
    work: dict[str, Any] | None = None
    deleted: bool = False
    client_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    """with `change`: who sends, and a number that grows with every change, so that a late repeat has no effect"""
    change: ChangeNumber | None = None


class PushedCommand(Struct, frozen=True):
    """Something asked for, perhaps while offline; it runs once however often it is sent."""

    id: Annotated[str, Meta(min_length=1, max_length=100)]
    kind: Literal["compile", "train"]
    design_id: str
    config: dict[str, Any] = {}


class SyncRequest(Struct, frozen=True):
    """Push and pull in one call."""

    epoch: Annotated[str, Meta(max_length=64)] | None = None
    cursor: Count = 0
    designs: Annotated[list[PushedDesign], Meta(max_length=MAX_PUSHED_DESIGNS)] = []
    commands: Annotated[list[PushedCommand], Meta(max_length=MAX_PUSHED_COMMANDS)] = []
    client_id: str | None = None
    """who sends; compiles of several clients are done in turn"""


class SyncedDesign(Struct, frozen=True, omit_defaults=True):
    """The server's state of one design: its document, or that it was deleted."""

    id: str
    etag: str | None = None
    document: ModelArchitecture | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET
    conflicts: list[Conflict] | UnsetType = UNSET


class ProblemDetails(Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    errors: list[Any] | UnsetType = UNSET
    problems: list[Problem] | UnsetType = UNSET


class SyncedCommand(Struct, frozen=True, omit_defaults=True):
    """How a command stands: running, done (with its result) or failed (with its problem)."""

    id: str
    status: Literal["running", "done", "failed"]
    run_id: str | UnsetType = UNSET
    result: CompileResult | UnsetType = UNSET
    problem: ProblemDetails | UnsetType = UNSET


class Rejection(Struct, frozen=True):
    """A pushed design that was refused, by itself, and why."""

    id: str
    problem: ProblemDetails


class SyncResponse(Struct, frozen=True):
    """The answer to a sync call; `designs` also holds what others changed after the cursor."""

    epoch: str
    cursor: int
    designs: list[SyncedDesign]
    commands: list[SyncedCommand]
    rejected: list[Rejection]
    unreadable: list[Rejection] = []
    """every design that the server has and cannot read, left out of `designs`; with what is wrong and what can be done"""


# --- runs and live messages -----------------------------------------------------------------------------------


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


class Run(Struct, frozen=True):
    """One training run of one version of one design."""

    id: str
    design_id: str
    design_hash: str
    status: RunStatus
    reason: str | None
    steps: int
    total_steps: int
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
    """rises with every run that is asked for, whatever the clock says; 0 for runs of older versions, which come first"""


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
    """the same figures of the rules, over games with the same seed"""
    board_reading: float | None = None
    """how far the probabilities of the moves go when the network is shown the cells out of order: mean total variation, 0 to 1"""


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


LiveMessage = TrainingUpdate | RunStatusChanged | Evaluation | CheckpointCreated | DesignChanged | RunDeleted | CommandFinished
