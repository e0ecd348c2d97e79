"""An example of an external trainer: the network learns to imitate a greedy rule, by cross-entropy."""

import time
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from backend.environment.game_2048 import Games
from backend.evaluation.play import greedy_player
from backend.models import GameTransformer
from backend.training.trainer import Control, Report
from shared_py.metrics import TrainingMetrics
from shared_py.training_config import TrainConfig


class ImitationTrainer:
    """Plays by the rule and trains the network on the moves the rule chose."""

    name = "imitation"

    def __init__(self) -> None:
        self._steps = 0
        self._optimizer_state: dict[str, Any] = {}

    def train(self, model: GameTransformer, config: TrainConfig, report: Report, control: Control) -> None:
        """One gradient step per move of all games."""
        device = next(model.parameters()).device
        games = Games(config.n_envs, np.random.default_rng([config.seed, self._steps]))
        rule = greedy_player(config.seed)
        self._optimizer = torch.optim.SGD(model.parameters(), lr=config.learning_rate, momentum=0.9)
        if self._optimizer_state:
            self._optimizer.load_state_dict(self._optimizer_state)
        model.train()
        checkpoint_at = time.monotonic() + config.checkpoint_every_s
        while self._steps < config.total_steps and not control.poll(lambda: report.checkpoint(self._steps, None)):
            boards = torch.from_numpy(games.boards).to(device, torch.int64)
            chosen = rule(games.boards, games.legal)
            output = model.evaluate(boards)
            loss = functional.cross_entropy(output.logits.float(), torch.from_numpy(chosen).to(device))
            self._optimizer.zero_grad()
            (loss + model.auxiliary_loss(output, boards)).backward()
            self._optimizer.step()
            games.step(chosen)
            self._steps += config.n_envs
            if report.due():
                report.update(TrainingMetrics(steps=self._steps, loss=loss.item(), board_state=games.boards[0].tolist()))
            if time.monotonic() >= checkpoint_at:
                report.checkpoint(self._steps, None)
                checkpoint_at = time.monotonic() + config.checkpoint_every_s
        report.checkpoint(self._steps, None)

    def state_dict(self) -> dict[str, Any]:
        """The number of moves played, and the optimizer's momentum."""
        return {"steps": self._steps, "optimizer": self._optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self._steps, self._optimizer_state = state["steps"], state["optimizer"]
