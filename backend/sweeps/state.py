"""The state of a sweep as it is stored, and as the API shows it."""

from typing import Literal

from msgspec import Struct

from shared_py.design import ModelArchitecture
from shared_py.protocol import Run, Sweep, SweepSpec, SweepStatus, SweepTrial, SweepValue, TrialOutcome, TrialPhase
from shared_py.training_config import TrainConfig

Ending = Literal["finished", "stopped"]


class TrialState(Struct):
    """One run of a sweep."""

    run_id: str
    values: list[SweepValue]
    config: TrainConfig
    phase: TrialPhase = "waiting"
    scores: list[float] = []
    """at each rung that it reached"""
    promotions: int = 0
    """rungs that it was allowed to pass"""
    has_begun: bool = False
    """whether its run was created"""
    settled: bool = False
    """whether the run of a held trial has ended"""
    restarts: int = 0
    """how often its run was continued after an interruption"""
    steps: int = 0
    score: float | None = None
    outcome: TrialOutcome | None = None
    reason: str | None = None

    def end(self, outcome: TrialOutcome, reason: str | None = None) -> None:
        """Note how it ended."""
        self.phase, self.outcome, self.reason = "ended", outcome, reason

    def note(self, run: Run) -> None:
        """Take over how far its run is."""
        self.steps = run.steps
        self.score = run.score if run.best_score is None else run.best_score


class SweepState(Struct):
    """A sweep with its trials; everything that a restarted server needs to continue it."""

    id: str
    design_id: str
    created_at: str
    spec: SweepSpec
    design: ModelArchitecture
    total_steps: int
    rungs: list[int]
    left_out: int
    left_out_reason: str | None
    trials: list[TrialState]
    status: SweepStatus = "running"
    ending: Ending | None = None
    """what it becomes once its runs have ended"""
    reason: str | None = None
    started_at: str | None = None
    ended_at: str | None = None

    def best(self) -> int | None:
        """The index of the best trial: of those that got furthest, the one with the highest score."""
        scored = [index for index, trial in enumerate(self.trials) if trial.score is not None]
        return max(scored, key=self._rank, default=None)

    def _rank(self, index: int) -> tuple[bool, int, float, int]:
        trial = self.trials[index]
        return trial.outcome == "finished", len(trial.scores), trial.score or 0.0, -index

    def key(self) -> object:
        """What has to be stored at once when it changes; how far runs are is read again after a restart."""
        trials = [
            (trial.phase, len(trial.scores), trial.promotions, trial.has_begun, trial.settled, trial.restarts, trial.outcome)
            for trial in self.trials
        ]
        return self.status, self.ending, self.started_at, trials

    def show(self) -> Sweep:
        """The sweep as the API returns it."""
        return Sweep(
            id=self.id,
            design_id=self.design_id,
            created_at=self.created_at,
            status=self.status,
            reason=self.reason,
            spec=self.spec,
            total_steps=self.total_steps,
            rungs=self.rungs,
            left_out=self.left_out,
            left_out_reason=self.left_out_reason,
            trials=[
                SweepTrial(
                    trial.run_id, trial.values, trial.phase, trial.scores, trial.steps, trial.score, trial.outcome, trial.reason
                )
                for trial in self.trials
            ],
            best=self.best(),
            started_at=self.started_at,
            ended_at=self.ended_at,
        )
