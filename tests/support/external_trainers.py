"""External trainers for tests; a fresh process can import them, as `adopt_external_trainer` requires."""

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

from backend.training.trainer import Control, Report
from shared_py.metrics import TrainingMetrics
from shared_py.training_config import TrainConfig

if TYPE_CHECKING:
    from backend.models import GameTransformer


class CountingTrainer:
    """Counts steps, one a game, and adds to one parameter; a checkpoint restores its count."""

    name = "counting"

    def __init__(self, bias: float) -> None:
        self.bias = bias
        self.steps = 0

    def train(self, model: "GameTransformer", config: TrainConfig, report: Report, control: Control) -> None:
        parameter = next(model.parameters())
        while self.steps < config.total_steps:
            self.steps += config.n_envs
            parameter.data += self.bias
            report.update(TrainingMetrics(steps=self.steps, score=float(self.steps)))
            if control.poll():
                break
        report.checkpoint(self.steps, float(self.steps))

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.steps = state["steps"]


class FailingTrainer(CountingTrainer):
    """Reports once, then raises or kills its own process."""

    name = "failing"

    def __init__(self, how: str) -> None:
        super().__init__(0.0)
        self.how = how

    def train(self, model: "GameTransformer", config: TrainConfig, report: Report, control: Control) -> None:
        report.update(TrainingMetrics(steps=1))
        if self.how == "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.how == "memory":
            raise MemoryError("nothing left")
        raise ValueError(f"the shape is\n wrong: {self.how}")


class HangingTrainer(CountingTrainer):
    """Reports once, with a checkpoint, and then neither polls nor ends: it computes, or waits."""

    name = "hanging"

    def __init__(self, how: str) -> None:
        super().__init__(0.0)
        self.how = how

    def train(self, model: "GameTransformer", config: TrainConfig, report: Report, control: Control) -> None:
        report.update(TrainingMetrics(steps=1))
        report.checkpoint(1, None)
        report.update(TrainingMetrics(steps=7))
        while True:
            if self.how == "waiting":
                threading.Event().wait()


class RisingTrainer(CountingTrainer):
    """Scores its learning rate; beyond a third of its steps any but the best rate waits for a stop."""

    name = "rising"

    def __init__(self, best_rate: float) -> None:
        super().__init__(0.0)
        self.best_rate = best_rate

    def train(self, model: "GameTransformer", config: TrainConfig, report: Report, control: Control) -> None:
        is_best = config.learning_rate == self.best_rate
        while self.steps < config.total_steps and not control.poll():
            if is_best or self.steps < config.total_steps / 3:
                self.steps += 1
            report.update(TrainingMetrics(steps=self.steps, score=config.learning_rate))
            threading.Event().wait(0.005)
        report.checkpoint(self.steps, config.learning_rate)
