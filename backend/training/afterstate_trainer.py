"""TD(lambda) on the boards right after a move, as plain functions (collect, returns, update) and a loop around them.

The network estimates the value of a board after a move, before the new tile appears; it plays by choosing the move with the
largest reward + gamma * value (`backend/models/afterstate_player.py`). Szubert & Jaskowski 2014 brought this to 2048; the returns
are those of Sutton & Barto 2018, section 12.1, cut at the end of a rollout. Shape letters as in `ppo_trainer`; P = N * A boards.

 1. No policy is learned: moves are greedy by the network's values, and random new tiles bring enough exploration.
 2. Boards after a move are valued, so a network need not learn what the tile to come may be.
 3. The return of such a board: the next reward, and by lambda a mix of the next value and return; 0 when the game is over.
 4. Values of the rollout are computed once, as it is played; it is learned from in small minibatches, by default in one pass.
 5. Rewards are scaled as in PPO. Adam, the limit of the gradient's norm and dropout's absence are as in PPO.
 6. Where a pass learns from a part of the rollout, boards are sampled by their error (backend/training/importance_sampling.py).
 7. With `symmetries`, each board of a minibatch is turned or mirrored at random: a board is worth the same in all eight views.
"""

# ruff: noqa: N815  (tensor names carry shape letters)

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import msgspec
import torch
from torch import Tensor

from backend.environment.vector_games import VectorGames
from backend.errors import ADVICE
from backend.models import AfterstatePlayer, GameTransformer, ModelOutput
from backend.models.afterstate_player import SHARPNESS
from backend.models.autocast import autocast
from backend.models.bucketing import bucket_size
from backend.models.moves import ScoredMoves
from backend.models.rewards import reward_of
from backend.models.rules import board_views, legal_moves
from backend.training.choice import Choice
from backend.training.loop import Player, StepCallback, StopCheck, TrainingLoop, UpdateMetrics
from backend.training.optimizer import Adam
from backend.training.temporal_coherence import TemporalCoherence
from backend.training.updates import explained_variance, minibatches, optimizer_step, train_without_dropout
from shared_py.algorithms import AFTERSTATE_TD
from shared_py.game_2048 import CELLS
from shared_py.training_config import TrainConfig


class ActionValues(NamedTuple):
    """The best move of N boards, and the board it leads to."""

    actions_N: Tensor
    after_NS: Tensor
    """uint8"""
    rewards_N: Tensor
    values_N: Tensor
    """of the boards after the move"""
    output: ModelOutput
    """of all boards that were looked at"""
    scores_A: Tensor
    """of the moves of the first board; -inf for illegal ones"""


class Rollout(NamedTuple):
    """What N games gave in T moves; rewards and values have one more, of the move after the last."""

    after_TNS: Tensor
    rewards_TN: Tensor
    values_TN: Tensor
    points_TN: Tensor
    dones_TN: Tensor
    """no move is left after the new tile"""
    largest_TN: Tensor
    """exponent of the largest tile after each move"""


def padded_legal_moves(legal_P: Tensor) -> Tensor:
    """The places of all legal moves, and of some illegal ones so that their number comes again (backend/models/bucketing.py).

    On a GPU those of all moves: reading the number of legal moves from the GPU would cost more.
    """
    if legal_P.device.type != "cpu":
        return torch.arange(len(legal_P), device=legal_P.device)
    legal, illegal = legal_P.nonzero().squeeze(1), (~legal_P).nonzero().squeeze(1)
    return torch.cat([legal, illegal[: bucket_size(len(legal)) - len(legal)]])


@torch.no_grad()
def select_action(model: GameTransformer, moves: ScoredMoves, boards_NS: Tensor, config: TrainConfig) -> ActionValues:
    """Value the boards after every legal move, and take the best; details 1 and 2."""
    keys = moves.keys(boards_NS.long())
    after_PS = moves.slide(keys).flatten(0, 1)
    rewards_P = reward_of(moves.points(keys), config.reward).flatten()
    legal_P = legal_moves(boards_NS.long()).flatten()
    evaluated_P = padded_legal_moves(legal_P)
    with autocast(boards_NS.device, config.precision):
        output = model.compute(after_PS[evaluated_P])
    values_P = torch.zeros_like(rewards_P).index_put((evaluated_P,), output.value.float())
    scores_P = (rewards_P + config.gamma * values_P).masked_fill(~legal_P, -torch.inf)
    actions_N = scores_P.view(-1, 4).argmax(dim=1)
    chosen_N = actions_N + 4 * torch.arange(len(actions_N), device=boards_NS.device)
    return ActionValues(
        actions_N, after_PS[chosen_N].to(torch.uint8), rewards_P[chosen_N], values_P[chosen_N], output, scores_P[:4]
    )


def _empty_rollout(games: VectorGames, config: TrainConfig) -> Rollout:
    device, shape = games.boards.device, (config.n_steps, config.n_envs)
    rewards_TN, values_TN = (torch.empty((config.n_steps + 1, config.n_envs), device=device) for _ in range(2))
    return Rollout(
        torch.empty((*shape, CELLS), dtype=torch.uint8, device=device),
        rewards_TN,
        values_TN,
        torch.empty(shape, dtype=torch.int32, device=device),
        torch.empty(shape, dtype=torch.bool, device=device),
        torch.empty(shape, dtype=torch.uint8, device=device),
    )


@torch.no_grad()
def collect(
    model: GameTransformer, moves: ScoredMoves, games: VectorGames, config: TrainConfig, observe: StepCallback
) -> Rollout:
    """Play `n_steps` moves of every game, or fewer if told to stop."""
    model.eval()
    stores = _empty_rollout(games, config)
    after_TNS, rewards_TN, values_TN, points_TN, dones_TN, largest_TN = stores
    for t in range(config.n_steps):
        selected = select_action(model, moves, games.boards, config)
        choice = Choice(games.boards[0], selected.scores_A * SHARPNESS, selected.actions_N[0])
        after_TNS[t], rewards_TN[t], values_TN[t] = selected.after_NS, selected.rewards_N, selected.values_N
        step = games.step(selected.actions_N)
        points_TN[t], dones_TN[t], largest_TN[t] = step.points_N, step.over_N, step.final_boards_NS.amax(dim=1)
        if observe(selected.output, choice):
            return Rollout(*(store[: t + 1] for store in stores))
    last = select_action(model, moves, games.boards, config)
    rewards_TN[-1], values_TN[-1] = last.rewards_N, last.values_N
    return Rollout(*stores)


def lambda_returns(rollout: Rollout, config: TrainConfig) -> Tensor:
    """(T, N) returns of the boards after each move; detail 3."""
    returns_TN = torch.empty_like(rollout.values_TN[:-1])
    next_returns_N = rollout.values_TN[-1]
    for t in reversed(range(len(returns_TN))):
        ahead_N = torch.lerp(rollout.values_TN[t + 1], next_returns_N, config.gae_lambda)
        next_returns_N = (rollout.rewards_TN[t + 1] + config.gamma * ahead_N) * (~rollout.dones_TN[t]).float()
        returns_TN[t] = next_returns_N
    return returns_TN


def accumulate_gradients(
    model: GameTransformer, boards_BS: Tensor, returns_B: Tensor, weights_B: Tensor, config: TrainConfig, tick: StopCheck
) -> Tensor | None:
    """Sum the gradient of a minibatch, some boards at a time: (2,) means of the loss and the value's part; None to stop."""
    boards, at_once = len(returns_B), config.microbatch_size
    means = torch.zeros(2, device=returns_B.device)
    for start in range(0, boards, at_once):
        micro_BS, targets_B = boards_BS[start : start + at_once].long(), returns_B[start : start + at_once]
        micro_weights_B = weights_B[start : start + at_once]
        weight = len(targets_B) / boards
        with autocast(boards_BS.device, config.precision):
            output = model.compute(micro_BS)
        value = ((output.value.float() - targets_B).square() * micro_weights_B).mean()
        loss = value + model.auxiliary_loss(output, micro_BS, micro_weights_B)
        (loss * weight).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        means += torch.stack([loss.detach(), value.detach()]) * weight
        if tick():
            return None
    return means


def update(
    model: GameTransformer, optimizer: Adam, rollout: Rollout, config: TrainConfig, generator: torch.Generator, tick: StopCheck,
    history: list[Tensor] | None = None,
) -> UpdateMetrics | None:  # fmt: skip
    """Learn from one rollout; None if told to stop, with whole steps taken only. FloatingPointError if the loss is not finite.

    `history` and the generator are as in PPO's `update`.
    """
    train_without_dropout(model)
    boards_BS, returns_B = rollout.after_TNS.flatten(0, 1), lambda_returns(rollout, config).flatten()
    values_B = rollout.values_TN[:-1].flatten()
    views = board_views().to(boards_BS.device)
    history = [] if history is None else history
    errors_B = (returns_B - values_B).abs()
    for index, (chosen, weights_B) in enumerate(minibatches(errors_B, config, generator)):
        boards = boards_BS[chosen]
        if config.symmetries:  # detail 7
            view = torch.randint(len(views), (len(boards),), generator=generator, device=boards.device)
            boards = boards.gather(1, views[view])
        if index < len(history):
            continue
        optimizer.clear_gradients()
        means = accumulate_gradients(model, boards, returns_B[chosen], weights_B, config, tick)
        if means is None or not optimizer.share(means):
            return None
        history.append(means)
        optimizer_step(optimizer, means[0].item(), config)
    optimizer.clear_gradients()
    loss, value = torch.stack(history).mean(dim=0).tolist()
    return {
        "reward": reward_of(rollout.points_TN, config.reward).mean().item(),
        "loss": loss,
        "value_loss": value,
        "explained_variance": explained_variance(returns_B, values_B),
    }


@torch.no_grad()
def collect_and_learn(
    model: GameTransformer, optimizer: TemporalCoherence, moves: ScoredMoves, games: VectorGames, config: TrainConfig,
    observe: Callable[[Choice], None],
) -> Rollout:  # fmt: skip
    """As `collect`, and after every move the boards of the move before learn from it: TD(0).

    Table entries learn several times as fast by targets that are one move old as by those of a whole rollout. The values in the
    rollout are those by which the moves were chosen.
    """
    model.eval()
    rollout = _empty_rollout(games, config)
    before: ActionValues | None = None
    over_N = torch.zeros(config.n_envs, dtype=torch.bool, device=games.boards.device)
    for t in range(config.n_steps + 1):
        selected = select_action(model, moves, games.boards, config)
        rollout.rewards_TN[t], rollout.values_TN[t] = selected.rewards_N, selected.values_N
        if before is not None:
            worth_N = selected.rewards_N + config.gamma * selected.values_N
            optimizer.learn(before.after_NS.long(), worth_N.masked_fill(over_N, 0.0))
        if t == config.n_steps:
            break
        step = games.step(selected.actions_N)
        rollout.after_TNS[t] = selected.after_NS
        rollout.points_TN[t], rollout.dones_TN[t], rollout.largest_TN[t] = (
            step.points_N, step.over_N, step.final_boards_NS.amax(dim=1)
        )  # fmt: skip
        observe(Choice(games.boards[0], selected.scores_A * SHARPNESS, selected.actions_N[0]))
        before, over_N = selected, step.over_N
    return rollout


def table_metrics(rollout: Rollout, config: TrainConfig) -> tuple[Tensor, UpdateMetrics]:
    """The mean squared error of the moves of a rollout, and what is reported of it."""
    one_step = msgspec.structs.replace(config, gae_lambda=0.0)
    returns_B, values_B = lambda_returns(rollout, one_step).flatten(), rollout.values_TN[:-1].flatten()
    loss = (returns_B - values_B).square().mean()
    if not loss.isfinite():
        raise FloatingPointError(f"the loss is no longer a finite number; {ADVICE}")
    return loss, {
        "reward": reward_of(rollout.points_TN, config.reward).mean().item(),
        "loss": loss.item(),
        "value_loss": loss.item(),
        "explained_variance": explained_variance(returns_B, values_B),
    }


class AfterstateTrainer(TrainingLoop[Rollout]):
    """Trains any network to value boards after a move; its policy output is left alone."""

    name = AFTERSTATE_TD.name
    policies = AFTERSTATE_TD.policies
    rollout_type = Rollout

    @cached_property
    def moves(self) -> ScoredMoves:
        """The tables of the moves, beside the network."""
        return ScoredMoves().to(self.device)

    def collect(self) -> Rollout:
        """Moves by the values of the boards after them; tables learn at once, so that a run is not stopped within a rollout."""
        if isinstance(self.optimizer, TemporalCoherence):
            return collect_and_learn(self.model, self.optimizer, self.moves, self.games, self.config, self.moved)
        return collect(self.model, self.moves, self.games, self.config, self.played)

    def learn(self, rollout: Rollout, means: list[Tensor]) -> UpdateMetrics | None:
        """The passes over a rollout."""
        if isinstance(self.optimizer, TemporalCoherence):
            loss, metrics = table_metrics(rollout, self.config)
            means[:] = [torch.stack([loss, loss])]
            return None if self.tick() else metrics
        return update(self.model, self.optimizer, rollout, self.config, self.generator, self.tick, means)

    def make_optimizer(self) -> Adam | TemporalCoherence:
        """Temporal coherence for tables, if the settings say so."""
        if self.config.optimizer == "tc":
            return TemporalCoherence(self.model, self.config.learning_rate)
        return super().make_optimizer()

    def player_of(self, model: GameTransformer, config: TrainConfig) -> Player:
        """A module that evaluates the boards after each of the four moves with the network."""
        return AfterstatePlayer(model, config.gamma, config.reward, config.play_views).to(next(model.parameters()).device)
