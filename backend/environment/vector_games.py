"""The games a trainer plays, as tensors on the device of its network: numpy arrays on a CPU, torch on a GPU."""

import json
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from backend.environment.game_2048 import Games
from backend.environment.torch_games import StepResult, TorchGames


class VectorGames(Protocol):
    """N games side by side; a finished one is replaced by a new one at once, so `boards` can always be played."""

    @property
    def boards(self) -> Tensor:
        """(N, 16) uint8; not written to later."""

    def step(self, actions_N: Tensor) -> StepResult:
        """Play one action (N,) int64 in every game."""

    def set_boards(self, boards_NS: Tensor) -> None:
        """Put these boards in place of the ones being played; each must have a legal move."""

    def state_dict(self) -> dict[str, Any]:
        """The boards and the random state."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave on a device of the same kind."""


class CpuGames:
    """`Games`, on the processor; tensors share the arrays' memory."""

    def __init__(self, count: int, seed: int) -> None:
        self._games = Games(count, np.random.default_rng(seed))

    @property
    def boards(self) -> Tensor:
        """As `VectorGames`."""
        return torch.from_numpy(self._games.boards)

    def step(self, actions_N: Tensor) -> StepResult:
        """As `VectorGames`."""
        return StepResult(*map(torch.from_numpy, self._games.step(actions_N.numpy())))

    def set_boards(self, boards_NS: Tensor) -> None:
        """As `VectorGames`."""
        self._games.set_boards(boards_NS.numpy())

    def state_dict(self) -> dict[str, Any]:
        """As `VectorGames`."""
        return {"boards": self.boards, "random": json.dumps(self._games.random.bit_generator.state)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """As `VectorGames`."""
        self._games.random.bit_generator.state = json.loads(state["random"])
        self.set_boards(state["boards"])


class GpuGames(TorchGames):
    """`TorchGames`, on the network's device, with random numbers of its own."""

    def __init__(self, count: int, seed: int, device: torch.device, *, compiled: bool = False) -> None:
        super().__init__(count, device, torch.Generator(device).manual_seed(seed), compiled=compiled)

    def state_dict(self) -> dict[str, Any]:
        """As `VectorGames`."""
        return {"boards": self.boards, "random": self.generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """As `VectorGames`."""
        self.generator.set_state(state["random"])
        self.set_boards(state["boards"].to(self.generator.device))


def games_on(device: torch.device, count: int, seed: int, *, compiled: bool = False) -> VectorGames:
    """`count` new games for a network on that device."""
    return CpuGames(count, seed) if device.type == "cpu" else GpuGames(count, seed, device, compiled=compiled)
