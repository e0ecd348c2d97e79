"""Base class of the built-in trainers: plays games, keeps statistics, reports, saves checkpoints, evaluates.

Subclasses define `collect` and `learn`.
"""

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.environment.game_2048 import Boards
from backend.environment.start_states import Starts
from backend.environment.vector_games import games_on
from backend.evaluation.episode_statistics import GameStatistics
from backend.evaluation.expert_usage import MixtureStatistics
from backend.evaluation.policy_evaluation import evaluate_policy
from backend.models import AfterstatePlayer, GameTransformer, ModelOutput, NTupleTables
from backend.training.choice import Choice
from backend.training.optimizer import Adam
from backend.training.rollout import Rollout
from backend.training.temporal_coherence import TemporalCoherence
from backend.training.trainer import Control, Report
from backend.training.updates import checkpoint_gap, require_finite_tensors
from backend.training.workers import OF_ALL, Workers, seed_of, states_of_each
from shared_py.algorithms import Policy
from shared_py.estimation import share_of_worker
from shared_py.forecasting import (
    EVALUATION_EVERY_S,
    EVALUATION_GAMES,
    EVALUATION_SHARE,
    FIRST_EVALUATION_S,
)
from shared_py.metrics import TrainingMetrics
from shared_py.training_config import TrainConfig

ADAM_EPSILON = 1e-5
BEST_AFTER_GAMES = 100
UpdateMetrics = dict[str, float]
"""maps field names of `TrainingMetrics` to the values that one update computed"""
Player = GameTransformer | AfterstatePlayer
StopCheck = Callable[[], bool]
"""called between small pieces of work; true when the work is to stop"""
StepCallback = Callable[[ModelOutput, Choice], bool]
"""called after every move of a rollout; true when the rollout is to stop"""


AnyRollout = TypeVar("AnyRollout", bound=Rollout)


class TrainingLoop(ABC, Generic[AnyRollout]):
    """Alternates rollouts and updates.

    `state_dict` can be called at any moment, and training continues from it exactly as if it had not stopped: during a rollout it
    is the state before the rollout, during an update it includes the rollout and the number of minibatches done.
    """

    name: str
    rollout_type: Callable[..., AnyRollout]
    policies: ClassVar[tuple[Policy, ...]]
    """how evaluations choose moves"""

    model: GameTransformer
    config: TrainConfig

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}
        self.is_stopping = False
        self._metrics: UpdateMetrics = {}
        self._choice: Choice | None = None
        self._before: dict[str, Any] | None = None
        """the state before the rollout that is being played"""
        self._rollout: AnyRollout | None = None
        """what is being learned from"""
        self.workers: Workers | None = None
        """the processes that train together with this one"""
        self._means: list[Tensor] = []
        """of the minibatches done; the loss is the first of each"""
        self._began_at = self._checkpoint_at = self._evaluate_at = 0.0

    @abstractmethod
    def collect(self) -> AnyRollout:
        """Play one rollout and call `played` after every move; return early if `played` returns true."""

    @abstractmethod
    def learn(self, rollout: AnyRollout, means: list[Tensor]) -> UpdateMetrics | None:
        """Learn from a rollout, calling `tick` often; None if the run was asked to stop.

        `means` has one entry per minibatch already processed; these are skipped, and an entry is appended for each further one.
        """

    @abstractmethod
    def player_of(self, model: GameTransformer, config: TrainConfig) -> Player:
        """The module that plays, on the network's device: boards (N, 16) int64 to masked logits (N, 4) and values (N,)."""

    def make_optimizer(self) -> Adam | TemporalCoherence:
        """The optimizer of the settings."""
        tables = [module.tables for module in self.model.modules() if isinstance(module, NTupleTables)]
        for table in tables:
            table.sparse = True  # its gradient then has the rows alone that a batch reads
        rows = [parameter for table in tables for parameter in table.parameters()]
        return Adam(self.model.parameters(), self.config.learning_rate, ADAM_EPSILON, self.config.ema_decay, rows)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Keep a state that `state_dict` returned; it is applied when training starts."""
        self._loaded = state

    def state_dict(self) -> dict[str, Any]:
        """Optimizer, games, own random states and metrics of the newest update, and the update if one is under way."""
        state = {"optimizer": self.optimizer.state_dict(), "figures": self._metrics, **(self._before or self._play_state())}
        if self._rollout is not None:
            state |= {"rollout": list(self._rollout), "means": self._means, "generator": self._generator_before_update}
        if self.workers is not None and self.workers.rank == 0:
            state["workers"] = self.workers.states()
        return state

    def _play_state(self) -> dict[str, Any]:
        """The part of the state that a rollout changes, as copies that later code does not modify."""
        return {
            "steps": self.steps,
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
        self._report, self._control = report, control
        self._begin(model, config)
        self._train()
        if self.workers is not None:
            self.workers.end()

    def follow(self, model: GameTransformer, config: TrainConfig, report: Report, control: Control) -> None:
        """Take part in a run as another process than the one of rank 0."""
        assert self.workers is not None
        self._report, self._control = report, control
        self.workers.state = lambda: {name: part for name, part in self.state_dict().items() if name not in OF_ALL}
        self._begin(model, config)
        while self._goes_on():
            if self.iterate() is None:
                return
        self.workers.begin()  # the end, before which the state may be wanted

    def _begin(self, model: GameTransformer, config: TrainConfig) -> None:
        """Prepare from the loaded state; several processes from that of rank 0."""
        self.model, self.config = model, config
        state, self._loaded = self._loaded, {}
        if self.workers is not None:
            self.config = share_of_worker(config)
            self.workers.spread(list(model.state_dict().values()))
            state = self.workers.hand_out(states_of_each(state, self.workers.size) if self.workers.rank == 0 else None)
        self._prepare(state)

    def _goes_on(self) -> bool:
        return self.steps < self.config.total_steps or self._rollout is not None

    def _train(self) -> None:
        config, report = self.config, self._report
        while self._goes_on():
            newest = self.iterate()
            if newest is None:
                self._save_final()
                return
            self._metrics = newest
            self._times.append((self._clock(), self.steps))
            require_finite_tensors("the weights", self.model.parameters())
            is_test_due = time.thread_time() >= self._evaluate_at and self.steps < config.total_steps
            if is_test_due or time.monotonic() >= self._checkpoint_at:
                self._save()
            if is_test_due:
                with self.optimizer.averaged():
                    self._evaluate()
                if self.is_stopping:
                    self._save_final()
                    return
                report.phase("training")
        report.update(self._training_metrics())
        self._save_final()
        self._evaluate()

    def iterate(self) -> UpdateMetrics | None:
        """Play one rollout and learn from it, or continue an interrupted update; None if the run was asked to stop."""
        if self._rollout is None:
            self.mixtures.begin_rollout()
            self._before = self._play_state()
            rollout = self.collect()
            if self.is_stopping or (self.workers is not None and not self.workers.begin()):
                return None
            self._before = None
            require_finite_tensors("the outputs of the network", rollout)
            self._begin_update(rollout)
        assert self._rollout is not None
        self.optimizer.learning_rate = self.linear_schedule(self.config.learning_rate, self.config.final_learning_rate)
        metrics = self.learn(self._rollout, self._means)
        if metrics is not None:
            for loss in torch.stack(self._means)[:, 0].tolist():
                self._report.loss(loss)
            self._rollout, self._means = None, []
        return metrics

    def _begin_update(self, rollout: AnyRollout) -> None:
        """Add the rollout to the statistics and start the update; from now on `state_dict` includes the rollout."""
        self.record_rollout(rollout.points_TN, rollout.dones_TN, rollout.largest_TN)
        self.mixtures.end_rollout()
        self._generator_before_update = self.generator.get_state()
        self._rollout, self._means = rollout, []

    def _save(self) -> None:
        """Store a checkpoint, with the averages in the network if there are any, and say when the next is due."""
        began = time.monotonic()
        with self.optimizer.averaged():
            self._report.checkpoint(self._state_steps(), self._comparable_score())
        now = time.monotonic()
        gap = checkpoint_gap(self._clock() - self._began_at, now - began, self.config.checkpoint_every_s)
        self._checkpoint_at = now + gap

    def _save_before_pause(self) -> None:
        """Save before a pause, except during an evaluation: it changes no state and a checkpoint was saved just before it."""
        if not self._is_evaluating:
            self._save()

    def _save_final(self) -> None:
        """Save the final checkpoint; the network keeps the averaged weights."""
        self.optimizer.swap_averages()
        self._report.checkpoint(self._state_steps(), self._comparable_score())

    def _state_steps(self) -> int:
        """Moves played in the state that `state_dict` gives."""
        steps: int = self.steps if self._before is None else self._before["steps"]
        return steps

    def linear_schedule(self, start: float, end: float) -> float:
        """The value on a straight line from start to end over the moves of the run."""
        done = min(self.steps / self.config.total_steps, 1.0)
        return start + (end - start) * done

    def moved(self, choice: Choice) -> None:
        """Note one move of every game."""
        self.steps += self.config.n_envs * (1 if self.workers is None else self.workers.size)
        self._choice = choice

    def played(self, output: ModelOutput, choice: Choice) -> bool:
        """Note one move of every game, and how it used the experts; true when the run is to stop."""
        self.moved(choice)
        self.mixtures.add(self.model, output)
        return self.tick()

    def record_rollout(self, points_TN: Tensor, dones_TN: Tensor, largest_TN: Tensor) -> None:
        """Add a rollout to the statistics; games that started in it may be replaced by another start board."""
        self.statistics.add(*self._of_all(points_TN.cpu().numpy(), dones_TN.cpu().numpy(), largest_TN.cpu().numpy()))
        if self.starts.used:
            self.starts.remember(
                self.games.boards, torch.from_numpy(self.statistics.is_good[: self.config.n_envs]).to(self.device)
            )
            boards_NS, moved_N = self.starts.move_on(self.games.boards, dones_TN.any(dim=0))
            self.games.set_boards(boards_NS)
            self.statistics.skip(*self._of_all(moved_N.cpu().numpy()))

    def _of_all(self, *columns: NDArray[Any]) -> Sequence[NDArray[Any]]:
        """In the process of rank 0 those of all games, its own first, by their last axis; in others their own."""
        if self.workers is None or not (gathered := self.workers.collect(columns)):
            return columns
        return [np.concatenate(parts, axis=-1) for parts in zip(*gathered, strict=True)]

    def tick(self) -> bool:
        """Report when it is time to, and wait here while paused; true when the run is to stop."""
        if self._report.due():
            self._report.update(self._training_metrics())
        began = time.monotonic()
        self.is_stopping = self._control.poll(self._save_before_pause)
        self._waited_s += time.monotonic() - began
        return self.is_stopping

    def _prepare(self, state: dict[str, Any]) -> None:
        model, config, workers = self.model, self.config, self.workers
        rank, size = (workers.rank, workers.size) if workers is not None else (0, 1)
        seed = seed_of(config.seed, rank)
        self.device = next(model.parameters()).device
        self.optimizer = self.make_optimizer()
        if isinstance(self.optimizer, Adam):
            self.optimizer.workers = workers
        self.generator = torch.Generator(self.device).manual_seed(seed)
        compiled = config.compile == "always" or (config.compile == "auto" and self.device.type != "cpu")
        self.games = games_on(self.device, config.n_envs, seed, compiled=compiled)
        if compiled and not any(isinstance(module, NTupleTables) for module in model.modules()):
            # compiled look-ups have dense gradients
            model.compute = torch.compile(model.compute)  # type: ignore[method-assign]  # of this one network
        self.starts = Starts(config, self.generator)
        self.statistics = GameStatistics(config.n_envs * (size if rank == 0 else 1))
        self.mixtures = MixtureStatistics()
        self.steps = 0
        self._metrics = {}
        if state:
            self.steps = state["steps"]
            self._metrics = state.get("figures", {})
            self.optimizer.load_state_dict(state["optimizer"])
            self.statistics.load_state_dict(state["statistics"])
            self.mixtures.load_state_dict(state["mixtures"])
            self.games.load_state_dict(state["games"])
            self.starts.load_state_dict(state["starts"])
            self.generator.set_state(state["generator"])
            if "rollout" in state:
                self._rollout = self.rollout_type(*(column.to(self.device) for column in state["rollout"]))
                self._means = [means.to(self.device) for means in state["means"]]
                self._generator_before_update = state["generator"]
        self.optimizer.learning_rate = self.linear_schedule(config.learning_rate, config.final_learning_rate)
        self._choice = None
        self.is_stopping = self._is_evaluating = False
        self._waited_s = 0.0
        self._began_at = self._checkpoint_at = time.monotonic()
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

    def _training_metrics(self) -> TrainingMetrics:
        return TrainingMetrics(
            episode=self.statistics.episode,
            steps=self.steps,
            steps_per_second=self._pace(),
            score=self.statistics.score,
            learning_rate=self.optimizer.learning_rate,
            avg_game_length=self.statistics.avg_game_length,
            max_tile_frequency=self.statistics.max_tile_frequency,
            board_state=self.games.boards[0].tolist(),
            moe=self.mixtures.usage(),
            total_steps=self.config.total_steps,
            choice=None if self._choice is None else self._choice.to_metric(),
            **self._metrics,
        )

    def _comparable_score(self) -> float | None:
        """The mean score, or None until enough games were played to compare checkpoints by it."""
        return self.statistics.score if len(self.statistics.recent) >= BEST_AFTER_GAMES else None

    def _evaluate(self) -> None:
        """Evaluate each policy on seeded games, then schedule the next evaluation so that all take at most `EVALUATION_SHARE`.

        Times are CPU times of this thread, so the number of evaluations does not depend on other load on the machine.
        """
        started = time.thread_time()
        self._is_evaluating = True
        self._report.phase("evaluating")
        for policy in self.policies:
            if self._evaluate_playing(policy):
                return
        self._is_evaluating = False
        now = time.thread_time()
        self._evaluate_at = now + max(EVALUATION_EVERY_S, (now - started) / EVALUATION_SHARE)

    def _evaluate_playing(self, policy: Policy) -> bool:
        """Play seeded games and report the result; true if the run must stop."""
        count, before = EVALUATION_GAMES, EVALUATION_GAMES * self.policies.index(policy)

        def watch(board: Boards, ended: int) -> bool:
            self._report.evaluation_progress(before + ended, count * len(self.policies), board.tolist())
            return self.tick()

        result = evaluate_policy(self.model, self.player_of, policy, self.config, count, self.steps, watch, self.tick)
        if result is not None:
            self.mixtures.tested(result)
            self._report.evaluation(result)
        return result is None
