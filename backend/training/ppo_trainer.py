"""PPO on 2048 as pure functions (collect, advantages, loss, update) and a loop; it knows no file, process or server.

Shape letters: T steps, N games, B = T * N, S = 16 cells, A = 4 actions. Schulman et al. 2017 (PPO), Schulman et al. 2016 (GAE).
The numbered details are those of Huang et al. 2022, "The 37 Implementation Details of PPO", that apply here, and our own:

 1. Many games side by side, a fixed number of moves of each between updates; unfinished games go on in the next rollout.
 2. Illegal moves are masked in the logits, in the rollout and in the update alike.
 3. Advantages by GAE; a game that is over has no future value. Games are never cut off, so there is nothing to bootstrap.
 4. Advantages are normalised over the whole rollout, not each minibatch.
 5. Clipped surrogate; plain squared error for the value, since clipping it did not help (Andrychowicz et al. 2021).
 6. Adam with epsilon 1e-5; the learning rate and the entropy bonus fall linearly with the moves played.
 7. The norm of the whole gradient is limited.
 8. The passes over a rollout end early when a minibatch's KL passes `target_kl`.
 9. Rewards are 0.1 * sqrt(points) / 16, so that a return is of the order of 1.
10. Small weights in the policy's last layer, so that the first policy is near to uniform (backend/models/heads.py).
11. Dropout and router noise stay off: two passes over one board must agree, or the ratio would not be 1 before the first step.
12. A minibatch's gradient is summed over `microbatch_size` boards at a time: the same gradient, less memory, and 1.7 times as
    fast where they fit the cache.
"""

# ruff: noqa: N815  (tensor names carry shape letters)

import json
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.environment.game_2048 import Games, Step
from backend.models import GameTransformer, ModelOutput
from backend.models.moe import Router, expert_shares
from backend.training.adam import Adam
from backend.training.play import EVALUATION_GAMES, EVALUATION_SEED, Policy, network_player, play_games, summarise
from backend.training.precision import autocast
from backend.training.statistics import GameStatistics, mixture_usage
from backend.training.trainer import Control, Progress, Report
from shared_py.training_config import TrainConfig

ADAM_EPSILON = 1e-5
FIRST_EVALUATION_S = 30.0
EVALUATION_EVERY_S = 60.0
EVALUATION_SHARE = 0.02
"""of the time may go into evaluations"""
BEST_AFTER_GAMES = 100


class Rollout(NamedTuple):
    """What N games gave in T moves."""

    boards_TNS: Tensor
    actions_TN: Tensor
    log_probs_TN: Tensor
    values_TN: Tensor
    rewards_TN: Tensor
    over_TN: Tensor
    last_values_N: Tensor


class Batch(NamedTuple):
    """Moves to learn from, in any order."""

    boards_BS: Tensor
    actions_B: Tensor
    log_probs_B: Tensor
    advantages_B: Tensor
    returns_B: Tensor


class Loss(NamedTuple):
    """The loss of a batch and what it is made of; scalars except the ratios."""

    total: Tensor
    policy: Tensor
    value: Tensor
    entropy: Tensor
    approx_kl: Tensor
    clip_fraction: Tensor
    ratios_B: Tensor


class Figures(NamedTuple):
    """Means over the newest update."""

    loss: float
    policy_loss: float
    value_loss: float
    entropy: float
    approx_kl: float
    clip_fraction: float
    explained_variance: float


Tick = Callable[[], bool]
"""called between small pieces of work; true when the work is to stop"""
Observe = Callable[[Step, ModelOutput], bool]
"""called after every move of a rollout; true when the rollout is to stop"""


def reward_of(points: NDArray[np.integer]) -> NDArray[np.float32]:
    """Detail 9."""
    rewards: NDArray[np.float32] = (0.1 * np.sqrt(points) / 16).astype(np.float32)
    return rewards


def train_without_dropout(model: nn.Module) -> None:
    """Training mode (so that checkpoints recompute), but detail 11."""
    model.train()
    for module in model.modules():
        if isinstance(module, nn.Dropout | nn.MultiheadAttention | Router):
            module.eval()


def log_probabilities(logits_BA: Tensor, actions_B: Tensor) -> Tensor:
    """(B,) log-probability of the actions taken."""
    return logits_BA.float().log_softmax(dim=1).gather(1, actions_B[:, None]).squeeze(1)


@torch.no_grad()
def collect(model: GameTransformer, games: Games, steps: int, generator: torch.Generator, observe: Observe) -> Rollout | None:
    """Play `steps` moves of every game with the sampled policy; None if the observer said stop."""
    model.eval()
    device = next(model.parameters()).device
    shape = (steps, len(games.boards))
    boards_TNS = torch.empty((*shape, games.boards.shape[1]), dtype=torch.uint8, device=device)
    actions_TN = torch.empty(shape, dtype=torch.int64, device=device)
    log_probs_TN, values_TN, rewards_TN = (torch.empty(shape, device=device) for _ in range(3))
    over_TN = torch.empty(shape, dtype=torch.bool, device=device)
    for t in range(steps):
        boards_TNS[t] = torch.from_numpy(games.boards)
        with autocast(device):
            output = model.evaluate(boards_TNS[t].long())
        logits_NA = output.logits.float()
        actions_TN[t] = torch.multinomial(logits_NA.softmax(dim=1), 1, generator=generator).squeeze(1)
        log_probs_TN[t] = log_probabilities(logits_NA, actions_TN[t])
        values_TN[t] = output.value
        step = games.step(actions_TN[t].cpu().numpy())
        rewards_TN[t] = torch.from_numpy(reward_of(step.points))
        over_TN[t] = torch.from_numpy(step.over)
        if observe(step, output):
            return None
    with autocast(device):
        last_values_N = model.evaluate(torch.from_numpy(games.boards).to(device, torch.int64)).value.float()
    return Rollout(boards_TNS, actions_TN, log_probs_TN, values_TN, rewards_TN, over_TN, last_values_N)


def estimate_advantages(rollout: Rollout, gamma: float, gae_lambda: float) -> Tensor:
    """(T, N) generalised advantage estimates; detail 3."""
    advantages_TN = torch.empty_like(rollout.values_TN)
    next_advantages_N = torch.zeros_like(rollout.last_values_N)
    next_values_N = rollout.last_values_N
    for t in reversed(range(len(advantages_TN))):
        goes_on_N = (~rollout.over_TN[t]).float()
        errors_N = rollout.rewards_TN[t] + gamma * goes_on_N * next_values_N - rollout.values_TN[t]
        next_advantages_N = errors_N + gamma * gae_lambda * goes_on_N * next_advantages_N
        advantages_TN[t] = next_advantages_N
        next_values_N = rollout.values_TN[t]
    return advantages_TN


def batch_of(rollout: Rollout, config: TrainConfig) -> Batch:
    """Lay a rollout out as one batch, with normalised advantages; detail 4."""
    advantages_TN = estimate_advantages(rollout, config.gamma, config.gae_lambda)
    returns_B = (advantages_TN + rollout.values_TN).flatten()
    advantages_B = advantages_TN.flatten()
    spread = advantages_B.std() if len(advantages_B) > 1 else advantages_B.new_tensor(1.0)
    return Batch(
        rollout.boards_TNS.flatten(0, 1),
        rollout.actions_TN.flatten(),
        rollout.log_probs_TN.flatten(),
        (advantages_B - advantages_B.mean()) / (spread + 1e-8),
        returns_B,
    )


def ppo_loss(model: GameTransformer, batch: Batch, config: TrainConfig, ent_coef: float) -> Loss:
    """The whole loss of a batch; details 2, 5 and what the drawing adds (`GameTransformer.auxiliary_loss`).

    approx_kl is the mean of (ratio - 1) - log ratio (Schulman, "Approximating KL divergence", 2020).
    """
    boards_BS = batch.boards_BS.long()
    with autocast(boards_BS.device):
        output = model.evaluate(boards_BS)
    log_policy_BA = output.logits.float().log_softmax(dim=1)
    log_ratios_B = log_policy_BA.gather(1, batch.actions_B[:, None]).squeeze(1) - batch.log_probs_B
    ratios_B = log_ratios_B.exp()
    clipped_B = ratios_B.clamp(1 - config.clip_coef, 1 + config.clip_coef)
    policy = -torch.minimum(ratios_B * batch.advantages_B, clipped_B * batch.advantages_B).mean()
    value = (output.value.float() - batch.returns_B).square().mean()
    entropy = -(log_policy_BA.exp() * log_policy_BA).sum(dim=1).mean()
    auxiliary = model.auxiliary_loss(output, boards_BS)
    total = policy + config.vf_coef * value - ent_coef * entropy + auxiliary
    with torch.no_grad():
        approx_kl = (ratios_B - 1 - log_ratios_B).mean()
        clip_fraction = ((ratios_B - 1).abs() > config.clip_coef).float().mean()
    return Loss(total, policy, value, entropy, approx_kl, clip_fraction, ratios_B)


def accumulate_gradients(model: GameTransformer, batch: Batch, config: TrainConfig, ent_coef: float, tick: Tick) -> Tensor | None:
    """Sum the gradient of a minibatch, some boards at a time (detail 12): (6,) means of the loss, or None if told to stop."""
    boards, at_once = len(batch.actions_B), config.microbatch_size
    means = torch.zeros(6, device=batch.returns_B.device)
    for start in range(0, boards, at_once):
        piece = Batch(*(column[start : start + at_once] for column in batch))
        share = len(piece.actions_B) / boards
        loss = ppo_loss(model, piece, config, ent_coef)
        (loss.total * share).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        means += torch.stack([scalar.detach() for scalar in loss[:6]]) * share
        if tick():
            return None
    return means


def update(
    model: GameTransformer, optimizer: Adam, rollout: Rollout, config: TrainConfig, ent_coef: float,
    generator: torch.Generator, tick: Tick,
) -> Figures | None:  # fmt: skip
    """Learn from one rollout; None if told to stop, with whole steps taken only. FloatingPointError if the loss is not finite."""
    train_without_dropout(model)
    batch = batch_of(rollout, config)
    parameters = list(model.parameters())
    history: list[Tensor] = []
    for _ in range(config.update_epochs):
        order_B = torch.randperm(len(batch.actions_B), generator=generator, device=batch.actions_B.device)
        for chosen in torch.split(order_B, config.minibatch_size):
            optimizer.clear_gradients()
            means = accumulate_gradients(model, Batch(*(column[chosen] for column in batch)), config, ent_coef, tick)
            if means is None:
                return None
            if not math.isfinite(means[0].item()):
                raise FloatingPointError("the loss is no longer a finite number; a smaller learning_rate may help")
            history.append(means)
            if means[4].item() > config.target_kl:  # detail 8
                break
            nn.utils.clip_grad_norm_(parameters, config.max_grad_norm)  # detail 7
            optimizer.step()
        else:
            continue
        break
    optimizer.clear_gradients()
    loss, policy, value, entropy, _, clipped = torch.stack(history).mean(dim=0).tolist()
    return Figures(loss, policy, value, entropy, history[-1][4].item(), clipped, explained_variance(batch, rollout))


def explained_variance(batch: Batch, rollout: Rollout) -> float:
    """1 - var(return - value) / var(return), 0 where the returns do not vary."""
    variance = batch.returns_B.var(correction=0).item()
    rest = (batch.returns_B - rollout.values_TN.flatten()).var(correction=0).item()
    return 1 - rest / variance if variance > 0 else 0.0


def falling(start: float, end: float, done: float) -> float:
    """A straight line from start to end; detail 6."""
    return start + (end - start) * min(max(done, 0.0), 1.0)


class PPOTrainer:
    """Trains any drawn network with PPO; its state is enough to go on as if it had never stopped."""

    name = "ppo"

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}
        self._figures: Figures | None = None

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up a state that `state_dict` gave."""
        self._loaded = state

    def state_dict(self) -> dict[str, Any]:
        """The optimizer, the games being played, every random state and the running figures."""
        return {
            "steps": self._steps,
            "optimizer": self._optimizer.state_dict(),
            "statistics": self._statistics.state_dict(),
            "boards": torch.from_numpy(self._games.boards),
            "game_random": json.dumps(self._games.random.bit_generator.state),
            "generator": self._generator.get_state(),
        }

    def train(self, model: GameTransformer, config: TrainConfig, report: Report, control: Control) -> None:
        """Alternate rollouts and updates until the configured moves are played or `control` says stop."""
        self._prepare(model, config, report, control)
        checkpoint_at = None
        while self._steps < config.total_steps:
            self._begin_iteration()
            rollout = collect(model, self._games, config.n_steps, self._generator, self._observe)
            done = self._steps / config.total_steps
            self._optimizer.learning_rate = falling(config.learning_rate, config.final_learning_rate, done)
            ent_coef = falling(config.ent_coef, config.final_ent_coef, done)
            if rollout is not None:
                newest = update(model, self._optimizer, rollout, config, ent_coef, self._generator, self._tick)
            if rollout is None or newest is None:
                report.checkpoint(self._steps, self._best_worthy_score())
                return
            self._figures = newest
            self._times.append((time.monotonic(), self._steps))
            if checkpoint_at is None or time.monotonic() >= checkpoint_at:
                report.checkpoint(self._steps, self._best_worthy_score())
                checkpoint_at = time.monotonic() + config.checkpoint_every_s
            if time.monotonic() >= self._evaluate_at:
                self._evaluate()
        report.checkpoint(self._steps, self._best_worthy_score())
        self._evaluate()

    def _prepare(self, model: GameTransformer, config: TrainConfig, report: Report, control: Control) -> None:
        self._model, self._config, self._report, self._control = model, config, report, control
        device = next(model.parameters()).device
        self._optimizer = Adam(model.parameters(), config.learning_rate, ADAM_EPSILON)
        self._generator = torch.Generator(device).manual_seed(config.seed)
        self._games = Games(config.n_envs, np.random.default_rng(config.seed))
        self._statistics = GameStatistics(config.n_envs)
        self._steps = 0
        self._figures = None
        self._usage: dict[str, NDArray[np.float64]] = {}
        if state := self._loaded:
            self._steps = state["steps"]
            self._optimizer.load_state_dict(state["optimizer"])
            self._statistics.load_state_dict(state["statistics"])
            self._games.random.bit_generator.state = json.loads(state["game_random"])
            self._games.play_on(state["boards"].numpy())
            self._generator.set_state(state["generator"])
        self._times: deque[tuple[float, int]] = deque([(time.monotonic(), self._steps)], maxlen=8)
        self._evaluate_at = time.monotonic() + FIRST_EVALUATION_S

    def _begin_iteration(self) -> None:
        self._usage = {}
        self._lb_reward = self._reward = 0.0
        self._moves = 0

    def _observe(self, step: Step, output: ModelOutput) -> bool:
        self._statistics.add(step)
        self._steps += len(step.points)
        self._moves += 1
        self._reward += (float(reward_of(step.points).mean()) - self._reward) / self._moves
        if output.routings:
            lb_reward = self._model.calculate_load_balancing_reward(output.routings).item()
            self._lb_reward += (lb_reward - self._lb_reward) / self._moves
            for path, routing in output.routings.items():
                shares = expert_shares(routing).double().cpu().numpy()
                self._usage[path] = self._usage.get(path, 0.0) + shares
        return self._tick()

    def _tick(self) -> bool:
        if self._report.due():
            self._report.update(self._progress())
        return self._control.poll()

    def _progress(self) -> Progress:
        since, steps_then = self._times[0]
        figures = self._figures._asdict() if self._figures else {}
        return Progress(
            episode=self._statistics.episode,
            steps=self._steps,
            steps_per_second=(self._steps - steps_then) / max(time.monotonic() - since, 1e-6),
            score=self._statistics.score,
            reward=self._reward if self._moves else None,
            learning_rate=self._optimizer.learning_rate,
            avg_game_length=self._statistics.avg_game_length,
            max_tile_frequency=self._statistics.max_tile_frequency,
            board_state=self._games.boards[0].tolist(),
            moe=mixture_usage(self._usage, self._lb_reward),
            **figures,
        )

    def _best_worthy_score(self) -> float | None:
        """The score once enough games stand behind it to compare checkpoints by it."""
        return self._statistics.score if len(self._statistics.recent) >= BEST_AFTER_GAMES else None

    def _evaluate(self) -> None:
        """Play seeded games, sampled and greedy; the next evaluation waits so long that they take a small share of the time."""
        started = time.monotonic()
        policies: tuple[Policy, ...] = ("sampled", "greedy")
        for policy in policies:
            player = network_player(self._model, policy, EVALUATION_SEED)
            games = play_games(player, EVALUATION_GAMES, EVALUATION_SEED, lambda _: self._tick())
            if games is None:
                return
            self._report.evaluation(summarise(games, policy, self._steps))
        now = time.monotonic()
        self._evaluate_at = now + max(EVALUATION_EVERY_S, (now - started) / EVALUATION_SHARE)
