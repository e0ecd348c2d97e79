"""How the experts of a network are used, rollout after rollout: shares, how sure the routers are, which experts starve.

The experts of whole boards are judged by test games (`expert_phases.py`): a phase of the game may be rare in a rollout.
"""

import math
from collections import deque
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.models import GameTransformer, ModelOutput
from backend.models.moe import expert_shares
from backend.models.outputs import Routing
from shared_py.metrics import MixtureUsage
from shared_py.protocol import Evaluation

DEAD_SHARE = 0.1
"""of an even share: an expert that gets less is called dead"""
DEAD_AFTER_ROLLOUTS = 10
Shares = NDArray[np.float64]


def router_entropy(routing: Routing) -> Tensor:
    """() mean over the tokens of the entropy of the router's probabilities, divided by ln(experts); 0 with one expert.

    It tells how sure the router is of each token. That of the mean distribution would tell how even the load is, however sure
    each choice (`load_entropy`).
    """
    experts = routing.probabilities.shape[-1]
    entropy: Tensor = torch.special.entr(routing.probabilities).sum(dim=-1).mean()
    return entropy / math.log(max(experts, 2))


def load_entropy(shares: Shares) -> float:
    """Entropy of the shares of tokens that the experts (E,) got, divided by ln(E): 1 when even, 0 when one got all."""
    taken = shares[shares > 0]
    return float(-(taken * np.log(taken)).sum() / math.log(max(len(shares), 2)))


class MixtureStatistics:
    """The mixtures over the newest rollout; sums stay on the network's device until somebody asks for `usage`."""

    def __init__(self) -> None:
        self.recent: dict[str, deque[list[float]]] = {}
        """shares of each component's experts in the last rollouts"""
        self.dead_in_test_games: dict[str, list[int]] = {}
        """of components that route whole boards"""
        self._whole_boards: set[str] = set()
        self.begin_rollout()

    def begin_rollout(self) -> None:
        """Count from nothing again."""
        self._moves = 0
        self._lb_reward: Tensor | None = None
        self._sums: dict[str, Tensor] = {}

    def add(self, model: GameTransformer, output: ModelOutput) -> None:
        """Take in one move of every game; nothing is read back from the device."""
        if not output.routings:
            return
        self._moves += 1
        lb_reward = model.calculate_load_balancing_reward(output.routings)
        self._lb_reward = lb_reward if self._lb_reward is None else self._lb_reward + lb_reward
        for path, routing in output.routings.items():
            measured = torch.cat([expert_shares(routing), router_entropy(routing)[None]])
            self._sums[path] = self._sums[path] + measured if path in self._sums else measured
            if routing.tokens.dim() == 2:
                self._whole_boards.add(component_of(path))

    def end_rollout(self) -> None:
        """Remember how this rollout used the experts, to tell which of them are dead."""
        for component_id, shares_and_entropy in self._by_component().items():
            rollouts = self.recent.setdefault(component_id, deque(maxlen=DEAD_AFTER_ROLLOUTS))
            rollouts.append(shares_and_entropy[:-1].tolist())

    def usage(self) -> MixtureUsage | None:
        """The newest rollout so far, by component; None without a mixture."""
        if self._lb_reward is None:
            return None
        by_component = self._by_component()
        layers = {component_id: values[:-1] for component_id, values in by_component.items()}
        return MixtureUsage(
            expert_usage=_together(layers),
            lb_reward=float(self._lb_reward) / self._moves,
            layers={component_id: shares.tolist() for component_id, shares in layers.items()},
            router_entropy={component_id: float(values[-1]) for component_id, values in by_component.items()},
            load_entropy={component_id: load_entropy(shares) for component_id, shares in layers.items()},
            dead_experts=self.dead_experts(),
            whole_boards=sorted(self._whole_boards & layers.keys()),
        )

    def tested(self, evaluation: Evaluation) -> None:
        """Remember which experts of whole boards hardly worked in test games."""
        phases = {component_id: of for component_id, of in evaluation.experts.items() if of.whole_boards}
        self.dead_in_test_games = {component_id: of.dead_experts for component_id, of in phases.items() if of.dead_experts}

    def dead_experts(self) -> dict[str, list[int]]:
        """Components with dead experts over the last rollouts, and their indices; empty until enough rollouts are recorded.

        Of whole boards, those that hardly worked in the last test games.
        """
        dead_by_component = dict(self.dead_in_test_games)
        for component_id, rollouts in self.recent.items():
            if component_id in self._whole_boards:
                continue
            shares = np.mean(rollouts, axis=0)
            dead = np.flatnonzero(shares * len(shares) < DEAD_SHARE).tolist()
            if dead and len(rollouts) == DEAD_AFTER_ROLLOUTS:
                dead_by_component[component_id] = dead
        return dead_by_component

    def state_dict(self) -> dict[str, Any]:
        """What is remembered, as plain lists."""
        rollouts = {component_id: list(rollouts) for component_id, rollouts in self.recent.items()}
        return {"rollouts": rollouts, "whole_boards": sorted(self._whole_boards), "dead_in_test_games": self.dead_in_test_games}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave; in checkpoints of older versions these are the rollouts alone."""
        if not isinstance(state.get("rollouts"), dict):
            state = {"rollouts": state, "whole_boards": [], "dead_in_test_games": {}}
        remembered = state["rollouts"].items()
        self.recent = {component_id: deque(rollouts, maxlen=DEAD_AFTER_ROLLOUTS) for component_id, rollouts in remembered}
        self._whole_boards, self.dead_in_test_games = set(state["whole_boards"]), state["dead_in_test_games"]

    def _by_component(self) -> dict[str, Shares]:
        """Shares of the experts and router entropy (E + 1,) of each component.

        A path ends in the component id; the paths of one component, the rounds of a repetition say, are averaged.
        """
        paths: dict[str, list[Shares]] = {}
        for path, sums in self._sums.items():
            paths.setdefault(component_of(path), []).append(sums.double().cpu().numpy() / self._moves)
        return {component_id: np.mean(rounds, axis=0) for component_id, rounds in paths.items()}


def component_of(path: str) -> str:
    """The component at the end of a path of containers and rounds."""
    return path.rpartition(".")[2]


def _together(layers: dict[str, Shares]) -> list[float]:
    """The mean over the mixtures; those with fewer experts than the largest count as never using the missing ones."""
    together = np.zeros(max(map(len, layers.values())))
    for shares in layers.values():
        together[: len(shares)] += shares / len(layers)
    return together.tolist()
