"""The decisions of a sweep, played against runs whose scores are known: no process, no database."""

import random
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backend.sweeps.schedule import CONTINUED, Seen, decide, wanted_scores
from backend.sweeps.state import SweepState, TrialState
from shared_py.halving import rungs_of
from shared_py.protocol import Run, RunStatus, SweepAxis, SweepSpec
from shared_py.templates import load_templates
from shared_py.training_config import TrainConfig

TOTAL = 900
STRIDE = 50
"""moves that a run makes between two looks"""


class World:
    """Runs that make a few moves at each look, and whose scores are given."""

    def __init__(self, scores: list[float], slots: int = 1, *, halving: bool = True) -> None:
        spec = SweepSpec([SweepAxis("setting", "learning_rate", values=list(scores))], halving=halving)
        rungs = rungs_of(TOTAL, len(scores)) if halving else []
        trials = [TrialState(f"r{number}", [score], TrainConfig(total_steps=TOTAL)) for number, score in enumerate(scores)]
        self.sweep = SweepState("s1", "d1", "", spec, load_templates()[0], TOTAL, rungs, 0, None, trials)
        self.slots, self.scores = slots, dict(zip([trial.run_id for trial in trials], scores, strict=True))
        self.runs: dict[str, Run] = {}
        self.most_active = 0

    def step(self) -> None:
        """Look, decide, and carry it out; then each running run goes on."""
        seen = Seen()
        seen.runs = dict(self.runs)
        for run_id, rungs in wanted_scores(self.sweep, seen.runs):
            seen.scores[run_id] = [self.scores[run_id]] * len(rungs)
        decide(self.sweep, seen, self.slots)
        for trial in self.sweep.trials:
            run = self.runs.get(trial.run_id)
            if trial.phase == "starting" and (run is None or run.status in CONTINUED):
                self.runs[trial.run_id] = self._run(trial.run_id, "running", 0 if run is None else run.steps)
                trial.phase, trial.has_begun = "training", True
            elif run is not None and run.status == "running" and (trial.phase == "held" or self.sweep.ending):
                self.runs[trial.run_id] = replace(run, status="stopped")
        active = [run for run in self.runs.values() if run.status == "running"]
        self.most_active = max(self.most_active, len(active))
        for run in active:
            steps = min(TOTAL, run.steps + STRIDE)
            self.runs[run.id] = self._run(run.id, "finished" if steps == TOTAL else "running", steps)

    def _run(self, run_id: str, status: RunStatus, steps: int) -> Run:
        score = self.scores[run_id]
        return Run(run_id, "d1", "", status, None, steps, TOTAL, "", score=score, best_score=score)

    def play(self, meddle: Callable[[], None] = lambda: None) -> None:
        """Step until the sweep has ended."""
        for _ in range(5000):
            self.step()
            meddle()
            if self.sweep.status != "running":
                return
        raise AssertionError(f"the sweep does not end: {self.sweep.trials}")

    def outcomes(self) -> list[str | None]:
        return [trial.outcome for trial in self.sweep.trials]


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=30, unique=True), st.integers(1, 4))
def test_the_best_trial_finishes_and_losers_stop_early(scores: list[int], slots: int) -> None:
    world = World([float(score) for score in scores], slots)
    world.play()
    assert world.sweep.status == "finished"
    assert world.most_active <= slots
    best = scores.index(max(scores))
    assert world.sweep.trials[best].outcome == "finished"
    assert world.sweep.best() == best
    assert set(world.outcomes()) <= {"finished", "stopped_early"}
    moves = sum(run.steps for run in world.runs.values())
    assert moves <= TOTAL * len(scores)
    assert len(world.runs) == len(scores), "every trial is begun"


def test_trials_of_rising_scores_in_one_slot() -> None:
    world = World([5.0, 1.0, 3.0, 2.0])
    world.play()
    assert world.outcomes() == ["finished", "stopped_early", "stopped_early", "stopped_early"]
    assert [len(trial.scores) for trial in world.sweep.trials] == [1, 1, 1, 1]


def test_without_halving_every_trial_finishes() -> None:
    world = World([5.0, 1.0, 3.0], halving=False)
    world.play()
    assert world.outcomes() == ["finished"] * 3


def test_a_stop_ends_every_trial() -> None:
    world = World([5.0, 1.0, 3.0, 2.0])
    for _ in range(10):
        world.step()
    world.sweep.ending = "stopped"
    world.play()
    assert world.sweep.status == "stopped"
    assert all(run.status != "running" for run in world.runs.values())
    assert set(world.outcomes()) <= {"stopped", "stopped_early"}
    assert len(world.runs) < 4, "no other trial was begun"


@given(st.integers(0, 2**32), st.integers(2, 12))
def test_whatever_happens_to_its_runs_the_sweep_ends(seed: int, count: int) -> None:
    generator = random.Random(seed)
    world = World([float(generator.randrange(1000)) for _ in range(count)], slots=2)

    def meddle() -> None:
        chance = generator.random()
        active = [run for run in world.runs.values() if run.status == "running"]
        if active and chance < 0.1:
            run = generator.choice(active)
            world.runs[run.id] = replace(run, status=generator.choice(["failed", "stopped", "interrupted"]), reason="why")
        elif active and chance < 0.12:
            del world.runs[generator.choice(active).id]

    world.play(meddle)
    assert all(trial.phase == "ended" for trial in world.sweep.trials)


def test_a_run_stopped_by_a_person_stays_stopped() -> None:
    world = World([5.0, 1.0], halving=False)
    world.step()
    world.step()
    world.runs["r0"] = replace(world.runs["r0"], status="stopped")
    world.play()
    assert world.outcomes() == ["stopped", "finished"]
    assert world.sweep.trials[0].reason == "Its run was stopped by hand"


def test_an_interrupted_run_is_continued_a_few_times() -> None:
    world = World([5.0], halving=False)

    def meddle() -> None:
        if world.runs["r0"].status == "running":
            world.runs["r0"] = replace(world.runs["r0"], status="interrupted", reason="The machine was restarted")

    world.play(meddle)
    assert world.outcomes() == ["failed"]
    assert world.sweep.trials[0].restarts == 4
