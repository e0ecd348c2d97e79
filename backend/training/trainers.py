"""The trainers of this house, by the name a run's settings choose them by."""

from typing import Any

from backend.training.afterstate_trainer import AfterstateTrainer
from backend.training.loop import TrainingLoop
from backend.training.ppo_trainer import PPOTrainer

TRAINERS: dict[str, type[TrainingLoop[Any]]] = {trainer.name: trainer for trainer in (PPOTrainer, AfterstateTrainer)}
