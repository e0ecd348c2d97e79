"""Settings that all trainers of `ppo_speed` share: sizes of rollouts, minibatches and network."""

from typing import Any

GAMES, STEPS, MINIBATCH, EPOCHS = 64, 64, 1024, 4
LEARNING_RATE, VALUE_WEIGHT, ENTROPY_WEIGHT = 2.5e-4, 0.5, 0.01
WIDTH = 128
PARAMETERS = 401_797


def checked(network: Any) -> Any:
    """The network; AssertionError if it has another number of parameters."""
    count = sum(parameter.numel() for parameter in network.parameters())
    assert count == PARAMETERS, count
    return network
