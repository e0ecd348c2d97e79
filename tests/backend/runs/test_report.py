"""How often a run tells of itself, whatever the pace of its trainer: a real journal, and a trainer that never waits."""

import os
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from support.damaged_files import zeroed
from support.designs import plain_design
from support.external_trainers import CountingTrainer
from support.metric_messages import evaluation

from backend.models import GameTransformer
from backend.runs import checkpoints, trainer_process
from backend.runs.checkpoint_files import Summary, read_summary
from backend.runs.checkpoints import load_checkpoint, load_first_whole
from backend.runs.journal import Journal, create_run_folder
from backend.runs.run_folder import RunFolder, RunRequest, decode_messages, now
from backend.runs.trainer_process import MIN_PAUSE_S, JournalReport
from shared_py.codegen import generate_source
from shared_py.metrics import TrainingMetrics
from shared_py.protocol import Evaluation, EvaluationProgress, TrainingUpdate
from shared_py.training_config import TrainConfig

CONFIG = TrainConfig(total_steps=10**9, n_envs=1)
UPDATES = 13


class Reading:
    """A control that stops once the journal has so many updates."""

    paused_s = 0.0

    def __init__(self, folder: RunFolder, count: int) -> None:
        self.folder, self.count, self.polls = folder, count, 0

    def poll(self) -> bool:
        self.polls += 1
        return self.polls % 1000 == 0 and len(updates(self.folder)) >= self.count


def updates(folder: RunFolder) -> list[TrainingUpdate]:
    return [message for message in decode_messages(folder.read_lines(0)[0], "r1") if isinstance(message, TrainingUpdate)]


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    design = plain_design()
    request = RunRequest("r1", design.id, "hash", now(), CONFIG, {})
    return create_run_folder(tmp_path / "r1", request, design, generate_source(design))


@pytest.fixture
def journal(folder: RunFolder) -> Iterator[Journal]:
    with Journal(folder, folder.request) as journal:
        yield journal


def test_a_trainer_that_never_waits_is_told_ten_times_a_second(folder: RunFolder, journal: Journal) -> None:
    model, trainer = GameTransformer.from_architecture(plain_design()), CountingTrainer(bias=0.0)
    control = Reading(folder, UPDATES)
    report = JournalReport(folder, journal, CONFIG, model, trainer, control)  # type: ignore[arg-type]  # no signals here
    trainer.train(model, CONFIG, report, control)
    report.finish()
    told = updates(folder)
    assert trainer.steps > 100 * len(told)
    assert told[0].steps == 1
    assert told[-1].steps == trainer.steps
    for earlier, later in pairwise(told):
        assert later.elapsed_s - earlier.elapsed_s >= MIN_PAUSE_S - 1e-9
    seconds = told[-1].elapsed_s - told[0].elapsed_s
    assert len(told) <= 1 + 10 * seconds


def test_nothing_is_written_twice(folder: RunFolder, journal: Journal) -> None:
    model, trainer = GameTransformer.from_architecture(plain_design()), CountingTrainer(bias=0.0)
    report = JournalReport(folder, journal, CONFIG, model, trainer, Reading(folder, 1))  # type: ignore[arg-type]  # a reading that is known stands in
    report.update(TrainingMetrics(steps=1))
    report.finish()
    assert [update.steps for update in updates(folder)] == [1]


def inodes(folder: RunFolder) -> list[int]:
    """Which bytes the newest checkpoint, the one before and the best are."""
    return [path.stat().st_ino for path in (folder.checkpoint, folder.previous, folder.best) if path.exists()]


def test_a_bad_sector_never_hits_every_checkpoint(folder: RunFolder, journal: Journal) -> None:
    model, trainer = GameTransformer.from_architecture(plain_design()), CountingTrainer(bias=0.0)
    report = JournalReport(folder, journal, CONFIG, model, trainer, Reading(folder, 1))  # type: ignore[arg-type]  # no signals here
    for steps, score, count in ((1, None, 2), (2, 5.0, 3), (3, 9.0, 3), (4, 7.0, 3), (4, 7.0, 3)):
        report.checkpoint(steps, score)
        assert len(inodes(folder)) == len(set(inodes(folder))) == count
        assert read_summary(folder.checkpoint) == Summary(steps, score)
    zeroed(folder.checkpoint)
    state, damaged = load_first_whole(folder.checkpoints())
    assert (state["steps"], damaged) == (4, [folder.checkpoint, folder.spaced_at(4)])
    zeroed(folder.previous)
    assert load_first_whole(folder.checkpoints())[0]["steps"] == 3
    assert {path.suffix for path in folder.path.iterdir()} <= {".pt", ".json", ".jsonl", ".py", ""}


def test_a_clock_that_goes_back_does_not_change_which_checkpoint_is_newest(folder: RunFolder, journal: Journal) -> None:
    model, trainer = GameTransformer.from_architecture(plain_design()), CountingTrainer(bias=0.0)
    report = JournalReport(folder, journal, CONFIG, model, trainer, Reading(folder, 1))  # type: ignore[arg-type]  # no signals here
    for steps in (1, 2, 3):
        report.checkpoint(steps, None)
        os.utime(folder.checkpoint, (1e9 - steps, 1e9 - steps))
    zeroed(folder.checkpoint)
    assert load_first_whole(folder.checkpoints())[0]["steps"] == 2


def test_a_checkpoint_whose_copy_does_not_fit_leaves_the_ones_before(
    folder: RunFolder, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, trainer = GameTransformer.from_architecture(plain_design()), CountingTrainer(bias=0.0)
    report = JournalReport(folder, journal, CONFIG, model, trainer, Reading(folder, 1))  # type: ignore[arg-type]  # no signals here
    report.checkpoint(1, 5.0)
    report.checkpoint(2, 6.0)
    before = {path: path.read_bytes() for path in (folder.checkpoint, folder.previous, folder.best)}

    def fail(_: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "_copy", fail)
    with pytest.raises(OSError, match="No space"):
        report.checkpoint(3, 9.0)
    assert {path: path.read_bytes() for path in before} == before
    assert {path.suffix for path in folder.path.iterdir()} <= {".pt", ".json", ".jsonl", ".py", ""}


def test_test_games_are_told_about_twice_a_second(folder: RunFolder, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(
        trainer_process, "time", SimpleNamespace(monotonic=lambda: clock.now, process_time=lambda: 0.0, sleep=time.sleep)
    )
    model, trainer = GameTransformer.from_architecture(plain_design()), CountingTrainer(bias=0.0)
    report = JournalReport(folder, journal, CONFIG, model, trainer, Reading(folder, 1))  # type: ignore[arg-type]
    written = []
    for done in range(21):
        report.evaluation_progress(done, 128, [0] * 16)
        clock.now += 0.125
        written.append(msgspec.json.decode(folder.progress.read_bytes(), type=EvaluationProgress))
    assert [message.games_done for message in written[::4]] == [0, 4, 8, 12, 16, 20]
    assert len(set(map(str, written))) == 6
    assert {message.games for message in written} == {128}
    assert b"evaluation_progress" not in folder.metrics.read_bytes()


def written_by(folder: RunFolder) -> list[TrainingUpdate | Evaluation]:
    messages = decode_messages(folder.read_lines(0)[0], "r1")
    return [message for message in messages if isinstance(message, TrainingUpdate | Evaluation)]


def test_processor_time_is_that_of_the_process_and_of_test_games_when_they_began(
    folder: RunFolder, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now=100.0, used=7.0)
    times = SimpleNamespace(monotonic=lambda: clock.now, process_time=lambda: clock.used, sleep=lambda _: None)
    monkeypatch.setattr(trainer_process, "time", times)
    model, trainer = GameTransformer.from_architecture(plain_design()), CountingTrainer(bias=0.0)
    report = JournalReport(folder, journal, CONFIG, model, trainer, Reading(folder, 1))  # type: ignore[arg-type]
    clock.used = 12.0
    report.update(TrainingMetrics(steps=1))
    report.phase("evaluating")
    clock.used = 14.0
    report.evaluation(evaluation(1, "sampled"))
    report.evaluation(evaluation(1))
    report.phase("training")
    clock.used = 15.0
    report.evaluation(evaluation(2))
    report.checkpoint(2, None)
    assert [message.processor_s for message in written_by(folder)] == [5.0, 5.0, 5.0, 8.0]
    later = JournalReport(folder, journal, CONFIG, model, trainer, Reading(folder, 1))  # type: ignore[arg-type]
    later.restore(load_checkpoint(folder.checkpoint))
    clock.used = 16.0
    later.update(TrainingMetrics(steps=3))
    assert written_by(folder)[-1].processor_s == 9.0


def test_processor_time_is_unknown_after_a_checkpoint_of_an_older_version(folder: RunFolder, journal: Journal) -> None:
    model, trainer = GameTransformer.from_architecture(plain_design()), CountingTrainer(bias=0.0)
    report = JournalReport(folder, journal, CONFIG, model, trainer, Reading(folder, 1))  # type: ignore[arg-type]
    report.checkpoint(1, None)
    state = load_checkpoint(folder.checkpoint)
    del state["processor_s"]
    report.restore(state)
    report.update(TrainingMetrics(steps=2))
    report.evaluation(evaluation(2))
    report.checkpoint(2, None)
    assert [message.processor_s for message in written_by(folder)] == [None, None]
    assert load_checkpoint(folder.checkpoint)["processor_s"] is None
