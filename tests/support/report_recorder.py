"""What a trainer tells, kept for a test to read."""

import io
from collections.abc import Callable

import torch

from backend.models import GameTransformer
from backend.training.trainer import Progress, Trainer
from shared_py.protocol import Evaluation, RunPhase


class Recorder:
    """A report that keeps everything, and a control that stops after a number of checkpoints."""

    def __init__(self, trainer: Trainer, model: GameTransformer, stop_after: int | None = None) -> None:
        self.trainer, self.model, self.stop_after = trainer, model, stop_after
        self.updates: list[Progress] = []
        self.evaluations: list[Evaluation] = []
        self.checkpoints: list[bytes] = []
        self.losses: list[float] = []
        self.phases: list[RunPhase] = []

    def due(self) -> bool:
        return True

    def update(self, progress: Progress) -> None:
        self.updates.append(progress)

    def evaluation(self, evaluation: Evaluation) -> None:
        self.evaluations.append(evaluation)

    def checkpoint(self, _steps: int, _score: float | None) -> None:
        file = io.BytesIO()
        torch.save({"model": self.model.state_dict(), "trainer": self.trainer.state_dict()}, file)
        self.checkpoints.append(file.getvalue())

    def loss(self, loss: float) -> None:
        self.losses.append(loss)

    def phase(self, phase: RunPhase) -> None:
        self.phases.append(phase)

    def poll(self, before_pause: Callable[[], None] | None = None) -> bool:
        return self.stop_after is not None and len(self.checkpoints) >= self.stop_after
