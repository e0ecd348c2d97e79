"""Sweeps: several runs of variants of one design, of which the best one is looked for."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from shared_py.design import ModelArchitecture
from shared_py.metrics import Count

MAX_TRIALS = 64
"""runs of one sweep"""
MAX_AXES = 3
"""properties and settings that one sweep varies"""
MAX_MINUTES = 10_080
"""of a sweep: a week"""

SweepValue = bool | int | float | str | None
AxisKind = Literal["setting", "design", "block"]
Scale = Literal["linear", "log"]
Search = Literal["grid", "random"]


class SweepAxis(Struct, frozen=True, forbid_unknown_fields=True):
    """One property or setting that a sweep varies: by a list of values, or within a range from `low` to `high`."""

    kind: AxisKind
    """a setting of training, a design-wide default, or a property of a block"""
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    """of the property or the setting"""
    component_id: Annotated[str, Meta(max_length=64)] | None = None
    """of the block; null where `kind` is not `block`"""
    values: Annotated[list[SweepValue], Meta(max_length=MAX_TRIALS)] = []
    """a list of values; empty for a range"""
    low: float | None = None
    high: float | None = None
    count: Annotated[int, Meta(ge=2, le=MAX_TRIALS)] = 3
    """values of a range in a grid"""
    scale: Scale = "linear"
    """whether the values of a range are spaced evenly, or by the same factor"""


class SweepSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """What a sweep tries, and how long."""

    axes: Annotated[list[SweepAxis], Meta(min_length=1, max_length=MAX_AXES)]
    settings: dict[str, Any] = {}
    """settings of training that all trials share; missing ones come from the preset"""
    search: Search = "grid"
    """every combination, or `trials` combinations drawn at random"""
    trials: Annotated[int, Meta(ge=1, le=MAX_TRIALS)] = 9
    """combinations of a random search"""
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 1
    """of a random search"""
    halving: bool = False
    """whether only the best third of the trials goes on at each rung (successive halving)"""
    minutes: Annotated[float, Meta(gt=0, le=MAX_MINUTES)] | None = None
    """after which the sweep ends, counted from its first run; null: no limit"""


class SweepRequest(SweepSpec, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request to start a sweep of a stored design."""

    design_id: Annotated[str, Meta(max_length=64)]
    design: ModelArchitecture | None = None
    """the version to vary; null: the stored one"""


class PlannedTrial(Struct, frozen=True):
    """One combination of values, and what its whole run would take."""

    values: list[SweepValue]
    """one for each axis"""
    training_bytes: int
    seconds: float | None
    """null where the speed of the server is not known"""


class SweepPlan(Struct, frozen=True):
    """What a sweep would run."""

    trials: list[PlannedTrial]
    left_out: int
    """combinations that cannot be trained"""
    reason: str | None
    """why the first of them cannot be trained"""
    rungs: list[int]
    """moves at which only the best third goes on; empty without successive halving"""
    seconds: float | None
    """of the whole sweep, one run after the other; null where the speed of the server is not known"""
    training_bytes: int
    """of the trial that needs most memory"""
    problem: str | None = None
    """why nothing can be planned, and what to change"""


TrialPhase = Literal["waiting", "starting", "training", "held", "ended"]
TrialOutcome = Literal["finished", "stopped_early", "stopped", "failed"]
SweepStatus = Literal["running", "finished", "stopped"]


class SweepTrial(Struct, frozen=True):
    """One run of a sweep as it stands."""

    run_id: str
    values: list[SweepValue]
    phase: TrialPhase
    """`held`: stopped at a rung, from which it goes on if it is among the best third"""
    scores: list[float]
    """at each rung that it reached"""
    steps: Count = 0
    score: float | None = None
    """the best mean score of its training games so far"""
    outcome: TrialOutcome | None = None
    reason: str | None = None
    """why it failed or was stopped"""


class Sweep(Struct, frozen=True):
    """A sweep and its trials."""

    id: str
    design_id: str
    created_at: str
    status: SweepStatus
    reason: str | None
    """why it ended before its trials did"""
    spec: SweepSpec
    total_steps: Count
    """moves of a whole run"""
    rungs: list[int]
    left_out: int
    left_out_reason: str | None
    trials: list[SweepTrial]
    best: int | None
    """index of the best trial so far"""
    started_at: str | None = None
    ended_at: str | None = None
