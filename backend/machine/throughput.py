"""How fast this machine trains: a few real iterations of two networks, in a process of its own; imports torch."""

import math
import os
import time
from collections.abc import Callable

import torch

from backend.environment.vector_games import games_on
from backend.models import GameTransformer
from backend.models.autocast import bfloat16_pays_off
from backend.runs.malloc import Heap
from backend.runs.process_setup import training_threads
from backend.training.loop import ADAM_EPSILON
from backend.training.optimizer import Adam
from backend.training.ppo_trainer import collect, update
from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.forecasting import cost_per_move
from shared_py.templates import load_templates
from shared_py.training_config import TrainConfig

NICENESS = 19
MAX_MEASURED_BYTES = 1 << 30
"""more than both networks take, so that their heap is set as that of a run"""
NETWORKS = ("tiny_mlp", "small_transformer")
"""templates: one with which most of the time goes to the game and to Python, and one of usual size"""


def measure_speed(config: TrainConfig, rounds: int) -> tuple[float, float, bool]:
    """Multiply-adds a second while training, the overhead of a move in seconds, and whether networks compute in bfloat16.

    Two networks give two equations: seconds a move = multiply-adds a move / speed + overhead. Of several rounds, interleaved,
    the fastest counts, since others can only slow it down. Of one thread processor time is taken, which is the time of a quiet
    machine whatever else runs.
    """
    os.nice(NICENESS)
    Heap(MAX_MEASURED_BYTES, compact=False)
    torch.set_num_threads(training_threads(config))
    torch.manual_seed(config.seed)
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    networks = [TimedTraining(design, config, clock) for design in measured_designs()]
    for network in networks * (rounds + 1):
        network.run()
    small, large = networks
    speed, overhead = solve((small.multiply_adds, small.seconds), (large.multiply_adds, large.seconds))
    return speed, overhead, bfloat16_pays_off()


def solve(small: tuple[float, float], large: tuple[float, float]) -> tuple[float, float]:
    """Speed and overhead from two pairs of multiply-adds and seconds; never a negative overhead."""
    speed = (large[0] - small[0]) / max(large[1] - small[1], 1e-9)
    overhead = small[1] - small[0] / speed
    return (speed, overhead) if overhead >= 0 else (large[0] / large[1], 0.0)


def measured_designs() -> list[ModelArchitecture]:
    """The small network, then the large one."""
    templates = {design.id: design for design in load_templates()}
    return [templates[name] for name in NETWORKS]


class TimedTraining:
    """A network that is trained, and the shortest time of a move, in seconds."""

    def __init__(self, design: ModelArchitecture, config: TrainConfig, clock: Callable[[], float] = time.perf_counter) -> None:
        self.config, self.clock = config, clock
        self.model = GameTransformer.from_architecture(design)
        self.multiply_adds = cost_per_move(analyse(design).sizes, config)
        self.optimizer = Adam(self.model.parameters(), 0.0, ADAM_EPSILON)
        self.games = games_on(torch.device("cpu"), config.n_envs, config.seed)
        self.generator = torch.Generator().manual_seed(config.seed)
        self.seconds = math.inf

    def run(self) -> None:
        """Play one rollout and learn from it."""
        began = self.clock()
        rollout = collect(self.model, self.games, self.config, self.generator, lambda *_: False)
        update(self.model, self.optimizer, rollout, self.config, 0.01, self.generator, lambda: False)
        moves = self.config.n_envs * self.config.n_steps
        self.seconds = min(self.seconds, (self.clock() - began) / moves)
