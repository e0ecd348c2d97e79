"""The games in torch are those of the table-driven core, given the same draws, and never wait for the device."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils._python_dispatch import TorchDispatchMode

from backend.environment.game_2048 import Games, legal_moves
from backend.environment.torch_games import TorchGames, advance

ROOT = Path(__file__).parents[3]
CPU = torch.device("cpu")


class Replay(np.random.Generator):
    """Gives the numbers it was given, whatever is asked for."""

    def __init__(self) -> None:
        super().__init__(np.random.PCG64(0))
        self.numbers: list[NDArray[np.float64]] = []

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        numbers = self.numbers.pop(0)
        if out is None:
            assert len(numbers) == size
            return numbers
        out[:] = numbers
        return out


def torch_games(count: int, seed: int = 1) -> TorchGames:
    return TorchGames(count, CPU, torch.Generator().manual_seed(seed))


def test_games_equal_those_of_the_core() -> None:
    count, random, replay = 256, np.random.default_rng(3), Replay()
    ours = torch_games(count)
    replay.numbers = [np.zeros(count)]
    core = Games(count, replay)
    core.set_boards(ours.boards.numpy())
    ended = 0
    while ended < 2 * count:
        assert np.array_equal(ours.boards.numpy(), core.boards)
        assert np.array_equal(ours.legal.numpy(), core.legal)
        legal = (random.random(core.legal.shape) * core.legal).argmax(axis=1)
        actions = np.where(random.random(count) < 0.1, random.integers(0, 4, count), legal)
        draws = random.random((2, count))
        step = ours.step(torch.from_numpy(actions), torch.from_numpy(draws))
        over = step.over_N.numpy()
        replay.numbers = [draws[0], draws[1][over]]
        for mine, theirs in zip(step, core.step(actions), strict=True):
            assert mine.numpy().dtype == theirs.dtype
            assert np.array_equal(mine.numpy(), theirs)
        ended += over.sum()


def test_the_core_needs_no_torch() -> None:
    code = "import sys, backend.environment.gym_2048_env; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_any_boards_can_be_played_on() -> None:
    boards = np.random.default_rng(0).integers(0, 18, (5000, 16)).astype(np.uint8)
    boards[::2, :8] = 17
    games = torch_games(1)
    games.set_boards(torch.from_numpy(boards))
    assert np.array_equal(games.boards.numpy(), boards)
    assert np.array_equal(games.legal.numpy(), legal_moves(boards))


def test_seeded_games_repeat() -> None:
    def play(seed: int) -> list[Any]:
        games = torch_games(8, seed)
        return [games.step(games.legal.int().argmax(dim=1)).final_boards_NS.tolist() for _ in range(100)]

    assert play(1) == play(1)
    assert play(1) != play(2)


class Operations(TorchDispatchMode):
    """Notes which operations ran."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.add(func.overloadpacket.__name__)
        if func.overloadpacket.__name__ in ("index", "index_put", "index_put_"):
            assert all(index is None or index.dtype != torch.bool for index in args[1])
        return func(*args, **(kwargs or {}))


def test_a_step_never_waits_for_the_device() -> None:
    """What would: reading a number back, shapes that depend on values, copies between devices."""
    games = torch_games(64)
    actions = games.legal.int().argmax(dim=1)
    with Operations() as operations:
        games.step(actions)
    waits = {"_local_scalar_dense", "nonzero", "masked_select", "item", "unique", "is_nonzero", "equal"}
    assert operations.names
    assert not operations.names & waits


def test_compilation_takes_a_step_whole() -> None:
    """Captured as one graph; what makes machine code of it is torch's business."""
    torch.compiler.reset()
    games, compiled = torch_games(16), torch_games(16)
    compiled._advance = torch.compile(advance, fullgraph=True, backend="aot_eager")
    for _ in range(150):
        actions = games.legal.int().argmax(dim=1)
        for mine, theirs in zip(games.step(actions), compiled.step(actions), strict=True):
            assert torch.equal(mine, theirs)
