"""A run that diverges fails, or carries a warning: its losses, its metrics, its weights, its evaluations."""

import json
import math
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import torch
from support.designs import plain_design, small_design
from support.external_trainers import CountingTrainer
from support.live_runs import await_status, make, messages, wait_until
from support.report_recorder import Recorder
from support.trained_runs import make_run

from backend.evaluation.play import EVALUATION_SEED, Policy, network_player, play_games
from backend.models import GameTransformer
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder, RunState, describe, fold
from backend.runs.trainer_process import JournalReport
from backend.runs.training_manager import TrainingManager
from backend.training import loop
from backend.training.divergence import WARNING, LossWatch
from backend.training.trainer import Control, Report
from backend.training.trainers import TRAINERS
from shared_py.metrics import TrainingMetrics
from shared_py.protocol import RunStatusChanged
from shared_py.training_config import AlgorithmName, TrainConfig

HUGE = 1e7


def test_a_loss_a_million_times_the_median_ten_times_in_a_row_is_a_divergence() -> None:
    watch = LossWatch()
    draw = random.Random(1)
    for _ in range(500):
        assert not watch.add(draw.gauss(0.0, 1.0))
    for spikes in (1, 9):
        assert not any(watch.add(HUGE * 10) for _ in range(spikes))
        assert not watch.add(1.0)
    assert [watch.add(-HUGE * 10) for _ in range(10)] == [False] * 9 + [True]
    assert watch.is_diverging
    assert not any(watch.add(1e19) for _ in range(500)), "its own losses do not become the measure"


def test_a_warning_is_taken_back_after_ten_losses_in_a_row_that_are_not_far_above() -> None:
    watch = LossWatch()
    watch.add(1.0)
    for _ in range(10):
        watch.add(HUGE)
    assert watch.is_diverging
    assert not any(watch.add(loss) for loss in [1.0] * 9 + [HUGE])
    assert [watch.add(1.0) for _ in range(10)] == [False] * 9 + [True]
    assert not watch.is_diverging


def test_a_run_that_diverges_in_its_first_steps_is_noticed() -> None:
    watch = LossWatch()
    assert [watch.add(loss) for loss in (-0.0756, 54584.0, *[5e9] * 10)] == [False] * 11 + [True]


def test_losses_near_nothing_do_not_make_others_look_large() -> None:
    watch = LossWatch()
    assert not any(watch.add(loss) for loss in [0.0] * 100 + [0.5] * 100)


@pytest.mark.parametrize("first", [0.0, -1e-9, 1e-6])
def test_a_first_loss_of_nothing_is_no_measure_for_the_others(first: float) -> None:
    watch = LossWatch()
    assert not any(watch.add(loss) for loss in [first] + [2.0] * 100)
    assert [watch.add(1e9) for _ in range(10)] == [False] * 9 + [True]


@pytest.mark.parametrize("algorithm", TRAINERS)
def test_a_run_with_a_learning_rate_of_1_does_not_end_as_if_nothing_had_happened(
    manager: TrainingManager, algorithm: AlgorithmName
) -> None:
    config = TrainConfig(
        algorithm=algorithm, total_steps=10**9, n_envs=16, n_steps=16, minibatch_size=64, update_epochs=2,
        learning_rate=1.0, final_learning_rate=1.0, threads=1,
    )  # fmt: skip
    run = manager.start(small_design(), config)
    wait_until(manager, lambda: manager.run(run.id).warning is not None or manager.run(run.id).status == "failed")
    found = manager.run(run.id)
    if found.status == "failed":
        assert (found.reason or "").endswith("a smaller learning_rate may help")
        return
    assert found.warning == WARNING
    manager.stop(run.id)
    stopped = await_status(manager, run.id, "stopped", "failed")
    assert (stopped.status, stopped.warning) == ("stopped", WARNING)
    again = make(manager.run_folder(run.id).parent.parent)
    assert again.run(run.id).warning == WARNING
    told = [line.warning for line in messages(manager, run.id) if isinstance(line, RunStatusChanged)]
    assert (told[0], told[-1]) == (None, WARNING)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return make_run(tmp_path / "r1")


@pytest.fixture
def report(folder: RunFolder) -> Iterator[JournalReport]:
    """The report of an external trainer."""
    model, trainer = GameTransformer.from_architecture(small_design()), CountingTrainer(0.0)
    with Journal(folder, folder.request) as journal:
        journal.status("running")
        control = msgspec.defstruct("Control", [("paused_s", float, 0.0)])()
        yield JournalReport(folder, journal, folder.request.config, model, trainer, control)


def warning_of(folder: RunFolder) -> str | None:
    """The warning that the API shows."""
    state = RunState()
    fold(state, folder.read_lines(0)[0], folder.request.id)
    return describe(folder.request, state).warning


def test_the_warning_of_an_external_trainer_outlives_its_end_a_resume_and_goes_when_it_learns_again(
    folder: RunFolder, report: JournalReport
) -> None:
    for steps, loss in enumerate([1.0] * 100 + [1e9] * 10):
        report.update(TrainingMetrics(steps=steps, loss=loss))
    assert warning_of(folder) == WARNING
    report.checkpoint(110, None)
    state = torch.load(folder.checkpoint, weights_only=True)
    with Journal(folder, folder.request) as journal:
        for status in ("interrupted", "queued", "running"):
            journal.status(status)  # type: ignore[arg-type]  # each is one
            assert warning_of(folder) == WARNING
        resumed = JournalReport(folder, journal, report._config, report._model, report._trainer, report._control)
        resumed.restore(state)
        for steps in range(10):
            assert warning_of(folder) == WARNING
            resumed.update(TrainingMetrics(steps=steps, loss=1.0))
        assert warning_of(folder) is None


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["loss", "score", "entropy", "max_tile_frequency"])
def test_a_metric_that_is_not_finite_ends_the_run_of_an_external_trainer(report: JournalReport, name: str, number: float) -> None:
    metric = {"8": number} if name == "max_tile_frequency" else number
    with pytest.raises(FloatingPointError, match=f"{name} is no longer a finite number; a smaller learning_rate may help"):
        report.update(TrainingMetrics(**{"steps": 1, name: metric}))  # type: ignore[arg-type]  # a metric


def test_weights_that_are_not_finite_are_not_stored_over_good_ones(folder: RunFolder, report: JournalReport) -> None:
    before = folder.checkpoint.read_bytes()
    next(report._model.parameters()).data[0] = math.nan
    with pytest.raises(FloatingPointError, match="the weights are no longer finite numbers"):
        report.checkpoint(9, 1.0)
    assert folder.checkpoint.read_bytes() == before


class LosingTrainer(CountingTrainer):
    """Reports a loss that is not a number."""

    name = "losing"

    def train(self, model: GameTransformer, config: TrainConfig, report: Report, control: Control) -> None:
        report.update(TrainingMetrics(steps=1, loss=math.nan))


@pytest.mark.parametrize("policy", ["sampled", "greedy"])
def test_test_games_of_a_network_that_gives_no_numbers_are_refused_with_a_sentence(policy: Policy) -> None:
    model = GameTransformer.from_architecture(small_design())
    for parameter in model.parameters():
        parameter.data.fill_(math.nan)
    with pytest.raises(FloatingPointError, match="no longer finite numbers; a smaller learning_rate may help"):
        play_games(network_player(model, policy, EVALUATION_SEED, "float32"), 2, EVALUATION_SEED)


@pytest.mark.parametrize("policy", ["sampled", "greedy"])
def test_test_games_of_a_network_that_prefers_illegal_moves_end(policy: Policy) -> None:
    model = GameTransformer.from_architecture(plain_design())
    model.block_c3.policy.bias.data.fill_(-2e9)
    with pytest.raises(FloatingPointError, match="prefers illegal moves"):
        play_games(network_player(model, policy, EVALUATION_SEED, "float32"), 64, EVALUATION_SEED)


@pytest.mark.parametrize("algorithm", TRAINERS)
@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_network_that_gives_no_numbers_while_it_plays_fails_with_a_sentence(algorithm: AlgorithmName, number: float) -> None:
    torch.manual_seed(1)
    model = GameTransformer.from_architecture(plain_design())
    for parameter in model.parameters():
        parameter.data.fill_(number)
    trainer = TRAINERS[algorithm]()
    recorder = Recorder(trainer, model)
    with pytest.raises(FloatingPointError, match="the outputs of the network are no longer finite numbers; a smaller"):
        trainer.train(model, TrainConfig(algorithm=algorithm, n_envs=4, n_steps=4, minibatch_size=4), recorder, recorder)


@pytest.mark.parametrize("algorithm", TRAINERS)
def test_weights_that_are_not_finite_after_the_last_step_of_an_update_end_the_run_before_they_are_stored(
    algorithm: AlgorithmName, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainConfig(algorithm=algorithm, n_envs=4, n_steps=4, minibatch_size=64)
    model, trainer = GameTransformer.from_architecture(plain_design()), TRAINERS[algorithm]()
    step = loop.Adam.step

    def overflow(optimizer: loop.Adam) -> None:
        step(optimizer)
        optimizer.parameters[0].data.view(-1)[3] = math.inf

    monkeypatch.setattr(loop.Adam, "step", overflow)
    recorder = Recorder(trainer, model)
    with pytest.raises(FloatingPointError, match="the weights are no longer finite numbers"):
        trainer.train(model, config, recorder, recorder)
    assert recorder.checkpoints == []


def test_a_run_whose_loss_is_not_a_number_fails_with_a_sentence(manager: TrainingManager) -> None:
    manager.adopt_external_trainer(LosingTrainer(0.0))
    run = manager.start(plain_design(), TrainConfig())
    wait_until(manager, lambda: manager.run(run.id).status == "failed")
    assert manager.run(run.id).reason == "loss is no longer a finite number; a smaller learning_rate may help"


def test_lines_of_a_run_are_json_that_any_reader_takes(folder: RunFolder, report: JournalReport) -> None:
    report.update(TrainingMetrics(steps=1, loss=1e30))
    lines = [json.loads(line) for line in folder.metrics.read_bytes().splitlines()]
    assert lines[-1]["loss"] == 1e30
