"""Decides what the trials of a sweep do next, from their state and their runs; it starts and stops nothing itself."""

from collections.abc import Mapping

from backend.runs.run_folder import ACTIVE
from backend.sweeps.state import SweepState, TrialState
from shared_py.halving import promotable
from shared_py.protocol import Run

MAX_RESTARTS = 3
"""of one run after interruptions, such as a restart of the machine"""
CONTINUED = frozenset({"stopped", "interrupted"})
"""statuses of a run from which a trial goes on"""

UNDER_WAY = frozenset({"waiting", "starting", "training"})
"""phases of a trial that reaches another rung, or the end, unless something stops it"""


class Seen:
    """What was read of the runs: each by its id, the scores at rungs that were not known before, and starts that failed."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.scores: dict[str, list[float]] = {}
        self.refused: dict[str, str] = {}


def decide(sweep: SweepState, seen: Seen, slots: int) -> None:
    """Change the state of a running sweep by what was seen; `slots` is how many of its runs may be active at a time."""
    for trial in sweep.trials:
        _observe(trial, seen, is_ending=sweep.ending is not None)
    if sweep.ending is None:
        _compare_at_rungs(sweep)
        _fill_slots(sweep, slots)
        is_active = any(trial.phase in UNDER_WAY for trial in sweep.trials)
        if not is_active and not any(_promotable_by_rung(sweep).values()):
            sweep.ending = "finished"
    if sweep.ending is not None:
        _end(sweep, seen)


def _observe(trial: TrialState, seen: Seen, *, is_ending: bool) -> None:
    """Take over the state of one run; a sweep that ends stops its runs itself."""
    run = seen.runs.get(trial.run_id)
    if run is not None:
        trial.has_begun = True
        trial.note(run)
        trial.scores = [*trial.scores, *seen.scores.get(trial.run_id, ())]
    if trial.phase == "held":
        trial.settled = run is None or run.status not in ACTIVE
    elif is_ending:
        if run is not None and run.status in ("finished", "failed") and trial.phase != "ended":
            _observe_training(trial, run)
    elif trial.phase == "starting":
        _observe_starting(trial, run, seen)
    elif trial.phase == "training":
        _observe_training(trial, run)


def _observe_starting(trial: TrialState, run: Run | None, seen: Seen) -> None:
    if trial.run_id in seen.refused:
        trial.end("failed", seen.refused[trial.run_id])
    elif run is None and trial.has_begun:
        trial.end("stopped", "Its run was deleted")
    elif run is not None and run.status not in CONTINUED:
        trial.phase = "training"
        _observe_training(trial, run)


def _observe_training(trial: TrialState, run: Run | None) -> None:
    if run is None:
        trial.end("stopped", "Its run was deleted")
    elif run.status == "finished":
        trial.end("finished")
    elif run.status == "failed":
        trial.end("failed", run.reason)
    elif run.status == "stopped":
        trial.end("stopped", run.reason or "Its run was stopped by hand")
    elif run.status == "interrupted":
        trial.restarts += 1
        if trial.restarts > MAX_RESTARTS:
            trial.end("failed", run.reason)
        else:
            trial.phase = "starting"


def _compare_at_rungs(sweep: SweepState) -> None:
    """Let the best third of each rung go on, and hold the others that have reached it."""
    for rung, chosen in _promotable_by_rung(sweep).items():
        for number in chosen:
            trial = sweep.trials[number]
            if trial.phase == "training" and trial.promotions == rung:
                trial.promotions += 1
    for trial in sweep.trials:
        if trial.phase == "training" and len(trial.scores) > trial.promotions:
            trial.phase, trial.settled = "held", False


def _promotable_by_rung(sweep: SweepState) -> dict[int, list[int]]:
    """For each rung the trials that may pass it and have not; a rung is closed once no other trial can reach it."""
    found: dict[int, list[int]] = {}
    may_come = False
    for rung in range(len(sweep.rungs)):
        may_come = may_come or any(trial.phase in UNDER_WAY and len(trial.scores) <= rung for trial in sweep.trials)
        reached = {
            number: trial.scores[rung]
            for number, trial in enumerate(sweep.trials)
            if len(trial.scores) > rung and trial.outcome not in ("failed", "stopped")
        }
        passed = [number for number in reached if sweep.trials[number].promotions > rung or sweep.trials[number].phase == "ended"]
        found[rung] = promotable(reached, passed, closed=not may_come)
        may_come = may_come or bool(found[rung])
    return found


def _fill_slots(sweep: SweepState, slots: int) -> None:
    """Start what may run: first the held trials that got furthest, then new ones in their order."""
    free = slots - sum(trial.phase in ("starting", "training") for trial in sweep.trials)
    free -= sum(trial.phase == "held" and not trial.settled for trial in sweep.trials)
    by_rung = _promotable_by_rung(sweep)
    ready = [number for rung in sorted(by_rung, reverse=True) for number in by_rung[rung]]
    for number in ready:
        trial = sweep.trials[number]
        if free > 0 and trial.phase == "held" and trial.settled:
            trial.phase, trial.promotions = "starting", trial.promotions + 1
            free -= 1
    if any(sweep.trials[number].phase == "held" for number in ready):
        return
    for trial in sweep.trials:
        if free > 0 and trial.phase == "waiting":
            trial.phase = "starting"
            free -= 1


def _end(sweep: SweepState, seen: Seen) -> None:
    """End the trials whose runs have ended, and the sweep with the last of them."""
    for trial in sweep.trials:
        run = seen.runs.get(trial.run_id)
        if trial.phase == "ended" or (run is not None and run.status in ACTIVE):
            continue
        if trial.phase == "held":
            trial.end("stopped_early")
        else:
            trial.end("stopped", sweep.reason)
    if all(trial.phase == "ended" for trial in sweep.trials):
        assert sweep.ending is not None
        sweep.status = sweep.ending


def wanted_scores(sweep: SweepState, runs: Mapping[str, Run]) -> list[tuple[str, list[int]]]:
    """The runs that have passed rungs whose scores are not known yet, each with the moves of these rungs."""
    found = []
    for trial in sweep.trials:
        run = runs.get(trial.run_id)
        if run is not None and trial.phase in ("starting", "training"):
            passed = [steps for steps in sweep.rungs[len(trial.scores) :] if run.steps >= steps]
            if passed:
                found.append((trial.run_id, passed))
    return found
