"""Settings to start from, found by experiments (docs/experiments.md): for each algorithm, and for the time a person has."""

from typing import Literal

from shared_py.training_config import TrainConfig

Algorithm = Literal["ppo", "afterstate_td"]

PPO = TrainConfig()
AFTERSTATE_TD = TrainConfig(
    algorithm="afterstate_td",
    minibatch_size=256,
    update_epochs=1,
    learning_rate=2e-3,
    final_learning_rate=3e-4,
    gae_lambda=0.7,
    max_grad_norm=1.0,
    symmetries=True,
)


def settings_of(algorithm: Algorithm) -> TrainConfig:
    """The best settings known for an algorithm, whatever the time."""
    return PPO if algorithm == "ppo" else AFTERSTATE_TD
