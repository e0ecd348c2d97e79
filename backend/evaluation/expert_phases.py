"""Which experts work in which phase of a game: by the largest tile of the boards of test games.

Boards are counted all, and an even, seeded sample of those with each largest tile is shown to the network, so that late phases
are measured as exactly as early ones.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from backend.environment.game_2048 import Boards, slide
from backend.evaluation.expert_usage import component_of
from backend.evaluation.permutation_sensitivity import BoardSample
from backend.evaluation.play import Actions, SelectAction
from backend.models import AfterstatePlayer, GameTransformer, MixtureOfExperts
from backend.models.autocast import autocast
from backend.models.outputs import Routing
from shared_py.metrics import ExpertPhases
from shared_py.training_config import Precision

BOARDS_OF_A_TILE = 256
"""boards with one largest tile that are shown to the network"""
DEAD_SHARE_OF_BOARDS = 0.01
"""an expert that works on fewer of the boards is called dead"""
Shares = NDArray[np.float64]


class TileSample:
    """The boards that a network sees in games, by their largest tile: those after a move where it values boards after a move."""

    def __init__(self, player: nn.Module, seed: int) -> None:
        self._sees_afterstates = isinstance(player, AfterstatePlayer)
        self._seed = seed
        self.counts: dict[int, int] = {}
        self._samples: dict[int, BoardSample] = {}

    def watch(self, select_action: SelectAction) -> SelectAction:
        """The same player, whose boards are noted."""

        def choose_and_note(boards: Boards, legal: NDArray[np.bool_]) -> Actions:
            actions = select_action(boards, legal)
            self.add(slide(boards, actions)[0] if self._sees_afterstates else boards)
            return actions

        return choose_and_note

    def add(self, boards: Boards) -> None:
        """Offer boards (N, 16) to the samples."""
        largest = boards.max(axis=1)
        for exponent, count in zip(*np.unique(largest, return_counts=True), strict=True):
            tile = int(exponent)
            self.counts[tile] = self.counts.get(tile, 0) + int(count)
            sample = self._samples.setdefault(tile, BoardSample(BOARDS_OF_A_TILE, self._seed))
            sample.add(boards[largest == exponent])

    @property
    def boards(self) -> dict[int, Boards]:
        """The sampled boards by exponent, small tiles first."""
        return {tile: self._samples[tile].boards for tile in sorted(self._samples)}


def has_experts(network: nn.Module) -> bool:
    """Whether a network contains a mixture of experts."""
    return any(isinstance(module, MixtureOfExperts) for module in network.modules())


@torch.inference_mode()
def expert_phases(
    network: GameTransformer, sample: TileSample, precision: Precision, at_once: int, tick: Callable[[], bool] = lambda: False
) -> dict[str, ExpertPhases]:
    """Show the sampled boards to a network, at most `at_once` in a pass; empty if `tick`, called after every pass, says stop."""
    device = next(network.parameters()).device
    network.eval()
    shares: dict[str, dict[int, list[Shares]]] = {}
    whole_boards: set[str] = set()
    for tile, boards in sample.boards.items():
        sums: dict[str, Tensor] = {}
        for some in torch.split(torch.from_numpy(boards), at_once):
            with autocast(device, precision):
                routings = network.compute(some.to(device, torch.int64)).routings
            for path, routing in routings.items():
                worked = work_shares(routing) * len(some)
                sums[path] = sums[path] + worked if path in sums else worked
                if routing.tokens.dim() == 2:
                    whole_boards.add(component_of(path))
            if tick():
                return {}
        for path, total in sums.items():
            of_tile = total.double().cpu().numpy() / len(boards)
            shares.setdefault(component_of(path), {}).setdefault(tile, []).append(of_tile)
    by_component = {name: {tile: np.mean(rounds, axis=0) for tile, rounds in tiles.items()} for name, tiles in shares.items()}
    return {name: _phases(tiles, sample.counts, name in whole_boards) for name, tiles in by_component.items()}


def work_shares(routing: Routing) -> Tensor:
    """(E,) the share of the boards, or of their cells, that each expert works on; sums to the experts taken."""
    worked = functional.one_hot(routing.experts, routing.logits.shape[-1]).amax(dim=-2)
    return worked.float().flatten(0, -2).mean(dim=0)


def _phases(shares: dict[int, Shares], counts: dict[int, int], whole_boards: bool) -> ExpertPhases:
    worked = sum(shares[tile] * counts[tile] for tile in shares) / sum(counts[tile] for tile in shares)
    dead = np.flatnonzero(worked < DEAD_SHARE_OF_BOARDS).tolist() if whole_boards else []
    return ExpertPhases(
        whole_boards=whole_boards,
        boards={str(1 << tile): counts[tile] for tile in shares},
        shares={str(1 << tile): of_tile.tolist() for tile, of_tile in shares.items()},
        dead_experts=dead,
    )
