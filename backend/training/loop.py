"""What the trainers of this house share: games, averages, reports, checkpoints, evaluations; how to learn is left to them."""

import math
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from backend.models import AfterstatePlayer, GameTransformer, ModelOutput
from backend.models.moe import Router
from backend.training.adam import Adam
from backend.training.board_reading import BoardSample, board_reading
from backend.training.games import games_on
from backend.training.importance import Drawn, draw
from backend.training.mixtures import MixtureStatistics
from backend.training.play import EVALUATION_SEED, Policy, network_player, play_games, summarise
from backend.training.starts import Starts
from backend.training.statistics import GameStatistics
from backend.training.trainer import Control, Progress, Report
from shared_py.estimation import games_at_once
from shared_py.forecasting import EVALUATION_EVERY_S, EVALUATION_GAMES, EVALUATION_SHARE, FIRST_EVALUATION_S, READING_BOARDS
from shared_py.training_config import TrainConfig

ADAM_EPSILON = 1e-5
BEST_AFTER_GAMES = 100
Figures = dict[str, float]
"""fields of `Progress` that tell of the newest update"""
Player = GameTransformer | AfterstatePlayer
Tick = Callable[[], bool]
"""called between small pieces of work; true when the work is to stop"""
Observe = Callable[[ModelOutput], bool]
"""called after every move of a rollout; true when the rollout is to stop"""


def train_without_dropout(model: nn.Module) -> None:
    """Training mode (so that checkpoints recompute), but dropout and router noise stay off: two passes over one board agree."""
    model.train()
    for module in model.modules():
        if isinstance(module, nn.Dropout | nn.MultiheadAttention | Router):
            module.eval()


def explained_variance(returns: Tensor, values: Tensor) -> float:
    """1 - var(return - value) / var(return), 0 where the returns do not vary; tensors of one shape."""
    variance = returns.var(correction=0).item()
    rest = (returns - values).var(correction=0).item()
    return 1 - rest / variance if variance > 0 else 0.0


def minibatches(teaches_B: Tensor, config: TrainConfig, generator: torch.Generator) -> Iterator[Drawn]:
    """What each pass learns from, in a random order, so many moves at a time; `teaches_B` is how much each move teaches.

    The weights within a minibatch add up to its moves (Hajek's ratio estimator), so that no mean leaves the range of its values.
    """
    for _ in range(config.update_epochs):
        columns = (torch.split(column, config.minibatch_size) for column in draw(teaches_B, config.update_share, generator))
        for places, weights in map(Drawn, *columns):
            yield Drawn(places, weights / weights.mean())


def descend(optimizer: Adam, loss: float, config: TrainConfig) -> None:
    """Take a step with the gradient there is, at most of norm `max_grad_norm` if that is not 0.

    FloatingPointError if a number is not finite.
    """
    norm = nn.utils.clip_grad_norm_(optimizer.parameters, config.max_grad_norm or math.inf)
    if not math.isfinite(loss) or not math.isfinite(norm.item()):
        raise FloatingPointError("the loss is no longer a finite number; a smaller learning_rate may help")
    optimizer.step()


class TrainingLoop(ABC):
    """Alternates rollouts and updates; its state is enough to go on as if it had never stopped."""

    name: str
    policies: ClassVar[tuple[Policy, ...]]
    """how evaluations choose moves"""

    model: GameTransformer
    config: TrainConfig

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}
        self.is_stopping = False
        self._figures: Figures = {}

    @abstractmethod
    def learn_once(self) -> Figures | None:
        """Play one rollout, calling `played` after every move, and learn from it, calling `tick` often; None if told to stop."""

    @abstractmethod
    def player_of(self, model: GameTransformer, config: TrainConfig) -> Player:
        """What plays for a network trained so, on its device: boards (N, 16) int64 to masked logits (N, 4) and values (N,)."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up a state that `state_dict` gave."""
        self._loaded = state

    def state_dict(self) -> dict[str, Any]:
        """The optimizer, the games being played, its own random states and the running figures."""
        return {
            "steps": self.steps,
            "optimizer": self.optimizer.state_dict(),
            "figures": self._figures,
            "statistics": self.statistics.state_dict(),
            "mixtures": self.mixtures.state_dict(),
            "games": self.games.state_dict(),
            "starts": self.starts.state_dict(),
            "generator": self.generator.get_state(),
        }

    def train(self, model: GameTransformer, config: TrainConfig, report: Report, control: Control) -> None:
        """Learn until the configured moves are played or `control` says stop.

        If averages of the weights are kept, they are what is evaluated, stored and left in the network.
        """
        self.model, self.config, self._report, self._control = model, config, report, control
        self._prepare()
        checkpoint_at = None
        while self.steps < config.total_steps:
            self.mixtures.begin_rollout()
            newest = self.learn_once()
            if newest is None:
                self.optimizer.swap_averages()
                report.checkpoint(self.steps, self._best_worthy_score())
                return
            self._figures = newest
            self.mixtures.end_rollout()
            self._times.append((self._clock(), self.steps))
            if checkpoint_at is None or time.monotonic() >= checkpoint_at:
                with self.optimizer.averaged():
                    report.checkpoint(self.steps, self._best_worthy_score())
                checkpoint_at = time.monotonic() + config.checkpoint_every_s
            if time.thread_time() >= self._evaluate_at:
                with self.optimizer.averaged():
                    self._evaluate()
        report.update(self._progress())
        self.optimizer.swap_averages()
        report.checkpoint(self.steps, self._best_worthy_score())
        self._evaluate()

    def now(self, start: float, end: float) -> float:
        """A straight line from start to end over the moves of the run."""
        done = min(self.steps / self.config.total_steps, 1.0)
        return start + (end - start) * done

    def played(self, output: ModelOutput) -> bool:
        """Note one move of every game, and how it used the experts; true when the run is to stop."""
        self.steps += self.config.n_envs
        self.mixtures.add(self.model, output)
        return self.tick()

    def count(self, points_TN: Tensor, over_TN: Tensor, largest_TN: Tensor) -> None:
        """Take the moves of a rollout into the averages; games that began in it may go on from other boards."""
        self.statistics.add(points_TN.cpu().numpy(), over_TN.cpu().numpy(), largest_TN.cpu().numpy())
        if self.starts.used:
            self.starts.remember(self.games.boards, torch.from_numpy(self.statistics.is_good).to(self.device))
            boards_NS, moved_N = self.starts.move_on(self.games.boards, over_TN.any(dim=0))
            self.games.play_on(boards_NS)
            self.statistics.skip(moved_N.cpu().numpy())

    def tick(self) -> bool:
        """Report when it is time to, and wait here while paused; true when the run is to stop."""
        if self._report.due():
            self._report.update(self._progress())
        asked = time.monotonic()
        self.is_stopping = self._control.poll()
        self._waited_s += time.monotonic() - asked
        return self.is_stopping

    def _prepare(self) -> None:
        model, config = self.model, self.config
        self.device = next(model.parameters()).device
        self.optimizer = Adam(model.parameters(), config.learning_rate, ADAM_EPSILON, config.ema_decay)
        self.generator = torch.Generator(self.device).manual_seed(config.seed)
        compiled = config.compile == "always" or (config.compile == "auto" and self.device.type != "cpu")
        self.games = games_on(self.device, config.n_envs, config.seed, compiled=compiled)
        if compiled:
            model.compute = torch.compile(model.compute)  # type: ignore[method-assign]  # of this one network
        self.starts = Starts(config, self.generator)
        self.statistics = GameStatistics(config.n_envs)
        self.mixtures = MixtureStatistics()
        self.steps = 0
        self._figures = {}
        state, self._loaded = self._loaded, {}
        if state:
            self.steps = state["steps"]
            self._figures = state.get("figures", {})
            self.optimizer.load_state_dict(state["optimizer"])
            self.statistics.load_state_dict(state["statistics"])
            self.mixtures.load_state_dict(state["mixtures"])
            self.games.load_state_dict(state["games"])
            self.starts.load_state_dict(state["starts"])
            self.generator.set_state(state["generator"])
        self.optimizer.learning_rate = self.now(config.learning_rate, config.final_learning_rate)
        self.is_stopping = False
        self._waited_s = 0.0
        self._times: deque[tuple[float, int]] = deque([(self._clock(), self.steps)], maxlen=8)
        self._evaluate_at = time.thread_time() + FIRST_EVALUATION_S

    def _clock(self) -> float:
        """Seconds from any start, without those spent in a pause."""
        return time.monotonic() - self._waited_s

    def _pace(self) -> float:
        """Moves a second over the last whole iterations, or over the first one so far."""
        since, steps_then = self._times[0]
        until, steps = self._times[-1] if len(self._times) > 1 else (self._clock(), self.steps)
        return (steps - steps_then) / max(until - since, 1e-6)

    def _progress(self) -> Progress:
        return Progress(
            episode=self.statistics.episode,
            steps=self.steps,
            steps_per_second=self._pace(),
            score=self.statistics.score,
            learning_rate=self.optimizer.learning_rate,
            avg_game_length=self.statistics.avg_game_length,
            max_tile_frequency=self.statistics.max_tile_frequency,
            board_state=self.games.boards[0].tolist(),
            moe=self.mixtures.usage(),
            **self._figures,
        )

    def _best_worthy_score(self) -> float | None:
        """The score once enough games stand behind it to compare checkpoints by it."""
        return self.statistics.score if len(self.statistics.recent) >= BEST_AFTER_GAMES else None

    def _evaluate(self) -> None:
        """Play seeded games by each policy; the next evaluation waits so long that they take a small share of the time.

        Of this thread's processor time, so that a run has as many evaluations as was forecast whatever else the machine does.
        """
        started = time.thread_time()
        for policy in self.policies:
            if self._evaluate_playing(policy):
                return
        now = time.thread_time()
        self._evaluate_at = now + max(EVALUATION_EVERY_S, (now - started) / EVALUATION_SHARE)

    def _evaluate_playing(self, policy: Policy) -> bool:
        """Play seeded games and tell how they ended; true when the run is to stop."""
        play_with = partial(self.player_of, config=self.config)
        precision, at_once = self.config.precision, games_at_once(self.config)
        met = BoardSample(READING_BOARDS, EVALUATION_SEED)
        player = met.watch(network_player(play_with(self.model), policy, EVALUATION_SEED, precision, at_once))
        games = play_games(player, EVALUATION_GAMES, EVALUATION_SEED, lambda _: self.tick())
        if games is None:
            return True
        reading = board_reading(play_with, self.model, met.boards, EVALUATION_SEED, precision, at_once, self.tick)
        if self.is_stopping:
            return True
        self._report.evaluation(summarise(games, policy, self.steps, reading))
        return False
