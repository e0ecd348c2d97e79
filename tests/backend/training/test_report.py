"""How often a run tells of itself, whatever the pace of its trainer: a real journal, and a trainer that never waits."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from designs import plain_design
from trainers import CountingTrainer

from backend.models import GameTransformer
from backend.training.run_folder import Journal, RunFolder, RunRequest, decode_messages, now
from backend.training.run_process import SHORTEST_PAUSE_S, JournalReport
from backend.training.trainer import Progress
from shared_py.codegen import generate_source
from shared_py.protocol import TrainingUpdate
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
    return [message for message in decode_messages(folder.read_lines(0)[0]) if isinstance(message, TrainingUpdate)]


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    design = plain_design()
    request = RunRequest("r1", design.id, "hash", now(), CONFIG, {})
    return RunFolder.create(tmp_path / "r1", request, design, generate_source(design))


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
        assert later.elapsed_s - earlier.elapsed_s >= SHORTEST_PAUSE_S - 1e-9
    seconds = told[-1].elapsed_s - told[0].elapsed_s
    assert len(told) <= 1 + 10 * seconds


def test_nothing_is_written_twice(folder: RunFolder, journal: Journal) -> None:
    model, trainer = GameTransformer.from_architecture(plain_design()), CountingTrainer(bias=0.0)
    report = JournalReport(folder, journal, CONFIG, model, trainer, Reading(folder, 1))  # type: ignore[arg-type]  # a reading that is known stands in
    report.update(Progress(steps=1))
    report.finish()
    assert [update.steps for update in updates(folder)] == [1]
