"""A report and a control for trainers in tests, which record all that a trainer reports."""

import io
from collections.abc import Callable, Sequence

import torch

from backend.models import GameTransformer
from backend.training.trainer import Trainer
from shared_py.metrics import TrainingMetrics
from shared_py.protocol import Evaluation, RunPhase


class Recorder:
    """Records every update, evaluation, progress, checkpoint, loss and phase; stops the trainer after a number of checkpoints."""

    def __init__(self, trainer: Trainer, model: GameTransformer, stop_after: int | None = None) -> None:
        self.trainer, self.model, self.stop_after = trainer, model, stop_after
        self.updates: list[TrainingMetrics] = []
        self.evaluations: list[Evaluation] = []
        self.checkpoints: list[bytes] = []
        self.losses: list[float] = []
        self.phases: list[RunPhase] = []
        self.games_done: list[tuple[int, int]] = []

    def due(self) -> bool:
        return True

    def update(self, metrics: TrainingMetrics) -> None:
        self.updates.append(metrics)

    def evaluation(self, evaluation: Evaluation) -> None:
        self.evaluations.append(evaluation)

    def evaluation_progress(self, games_done: int, games: int, _board: Sequence[int]) -> None:
        self.games_done.append((games_done, games))

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
