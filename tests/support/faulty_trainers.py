"""Trainers that fail once at a chosen moment and work when they are resumed; a fresh process can import them."""

import io
import os
import random
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch

from backend.models import GameTransformer, ModelOutput
from backend.training.choice import Choice
from backend.training.ppo_trainer import PPOTrainer
from backend.training.trainer import Control, Report
from shared_py.metrics import TrainingMetrics
from shared_py.protocol import CheckpointCreated
from shared_py.training_config import TrainConfig

from .damaged_files import fill_disk
from .external_trainers import CountingTrainer

SAVE = torch.save


def kill_this_process() -> None:
    """As `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


class KilledTrainer(PPOTrainer):
    """PPO whose process is killed: in the middle of a rollout, there with its supervisor, or with a checkpoint half written."""

    name = "killed"

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    def train(self, model: GameTransformer, config: TrainConfig, report: Report, control: Control) -> None:
        self.is_resumed = bool(self._loaded)
        if self.how == "saving" and not self.is_resumed:
            self.saves = 0
            torch.save = self.save_half
        super().train(model, config, report, control)

    def played(self, output: ModelOutput, choice: Choice) -> bool:
        if self.how != "saving" and not self.is_resumed and self.steps >= self.config.total_steps * 0.6:
            if self.how == "with its supervisor":
                os.kill(os.getppid(), signal.SIGKILL)
            kill_this_process()
        return super().played(output, choice)

    def save_half(self, state: dict[str, Any], file: io.BufferedWriter) -> None:
        """The fifth checkpoint is cut in its middle."""
        self.saves += 1
        if self.saves < 5:
            SAVE(state, file)
            return
        whole = io.BytesIO()
        SAVE(state, whole)
        file.write(whole.getvalue()[: len(whole.getvalue()) // 2])
        file.flush()
        kill_this_process()


class DrawingTrainer(CountingTrainer):
    """Adds numbers drawn from every common generator to one parameter; is killed at half time, if told to be."""

    name = "drawing"

    def __init__(self, is_killed: bool) -> None:
        super().__init__(0.0)
        self.is_killed = is_killed

    def train(self, model: GameTransformer, config: TrainConfig, report: Report, control: Control) -> None:
        parameter = next(model.parameters())
        may_die = self.is_killed and self.steps == 0
        while self.steps < config.total_steps:
            self.steps += 1
            parameter.data += random.gauss() + float(np.random.normal()) + torch.randn(())
            if may_die and self.steps * 2 > config.total_steps:
                kill_this_process()
            report.checkpoint(self.steps, None)


class HoardingTrainer(CountingTrainer):
    """Takes more and more memory: of torch, or of Python."""

    name = "hoarding"

    def __init__(self, how: str) -> None:
        super().__init__(0.0)
        self.how = how

    def train(self, model: GameTransformer, config: TrainConfig, report: Report, control: Control) -> None:
        report.update(TrainingMetrics(steps=1))
        hoard: list[Any] = []
        while len(hoard) < 250:
            hoard.append(torch.zeros(1 << 20) if self.how == "torch" else bytearray(1 << 22))
        raise AssertionError("a gigabyte was there to be had")


class ScoringTrainer(CountingTrainer):
    """Has a checkpoint with each score but the last, and is killed; going on, it has one with the last."""

    name = "scoring"

    def __init__(self, *scores: float) -> None:
        super().__init__(0.0)
        self.scores = scores

    def train(self, model: GameTransformer, config: TrainConfig, report: Report, control: Control) -> None:
        is_resumed = self.steps > 0
        for score in self.scores[-1:] if is_resumed else self.scores[:-1]:
            self.steps += 1
            report.checkpoint(self.steps, score)
        if not is_resumed:
            kill_this_process()


class FillingTrainer(CountingTrainer):
    """After its first checkpoint fills the disk to the last line that fits, and then has something to say."""

    name = "filling"

    def __init__(self, ballast: Path) -> None:
        super().__init__(1.0)
        self.ballast = ballast

    def train(self, model: GameTransformer, config: TrainConfig, report: Report, control: Control) -> None:
        if self.steps == 0:
            self.steps = 1
            report.checkpoint(1, 1.0)
            fill_disk(self.ballast)
            with suppress(OSError):
                while True:
                    report._journal.write(CheckpointCreated(0, "", 1, None))  # type: ignore[attr-defined]  # the shortest line
            report.update(TrainingMetrics(steps=2))
        super().train(model, config, report, control)
